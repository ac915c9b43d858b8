"""In which coin a bot's money is counted, and in which the account's."""

from __future__ import annotations

from typing import Final

from engine.domain.bots import BotSettings, FeedKind
from engine.errors import InvalidSetting
from engine.language import tr

_DOLLARS: Final = frozenset({"USD", "USDT", "USDC", "FDUSD", "TUSD", "DAI", "PYUSD", "USD1"})


def counted_alike(coin: str, other: str) -> bool:
    """Whether amounts in both may stand in one sum: dollars and what stands for them."""
    return coin == other or {coin, other} <= _DOLLARS


def check_coin(settings: BotSettings, currency: str) -> None:
    """InvalidSetting if a bot on a live market would count in another coin than the account.

    Simulated markets and files are play in any case: their prices count as the account's coin.
    """
    coin = settings.symbol.partition("/")[2].partition(":")[0]
    if settings.feed.kind is not FeedKind.EXCHANGE or not coin or counted_alike(coin, currency):
        return
    raise InvalidSetting(
        tr(
            "Prices of {symbol} are in {coin} and the paper account is in {currency}, "
            "so {name} cannot trade it. Choose a symbol against {currency}.",
            symbol=settings.symbol,
            coin=coin,
            currency=currency,
            name=settings.name,
        ),
        field="symbol",
    )
