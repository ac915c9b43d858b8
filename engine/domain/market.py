"""What can be traded, in which steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.domain.money import Scale
from engine.errors import InvalidSetting
from engine.language import tr

_LONGEST_SYMBOL: Final = 40


@dataclass(frozen=True, slots=True)
class Market:
    """One symbol with the steps and minimums of the place it trades at.

    `order_step` is what may be ordered; `amount_unit` is what may be held (fees in the coin
    need finer). Minimums of zero mean there is none.
    """

    symbol: str
    price_step: Decimal
    order_step: Decimal
    amount_unit: Decimal
    min_amount: Decimal = Decimal(0)
    min_notional: Decimal = Decimal(0)
    source: str = ""
    """Where prices come from, for a person: ``SIMULATED``, a file name, an exchange."""

    @property
    def base_coin(self) -> str:
        return self.symbol.partition("/")[0]

    @property
    def quote_coin(self) -> str:
        # A future is written with the coin it is settled in: BTC/USDT:USDT.
        return self.symbol.partition("/")[2].partition(":")[0] or "quote"

    @property
    def scale(self) -> Scale:
        return Scale(self.price_step, self.amount_unit)


def check_symbol(symbol: str) -> None:
    """InvalidSetting for a symbol that cannot be shown in a line."""
    if not symbol.strip():
        raise InvalidSetting(tr("The symbol is empty. Write it as BTC/USDT."), field="symbol")
    if not symbol.isprintable() or len(symbol) > _LONGEST_SYMBOL:
        raise InvalidSetting(
            tr(
                "The symbol must be at most {longest} printable characters. Write it as BTC/USDT.",
                longest=_LONGEST_SYMBOL,
            ),
            field="symbol",
        )
