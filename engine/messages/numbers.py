"""Counts as numbers a person reads, in the market's own steps, written in the person's way."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Final

from engine.domain.market import Market
from engine.domain.money import decimals
from engine.language import localised, tr

MINUS: Final = "\u2212"
UNKNOWN: Final = "\u2013"
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_IN_CENTS: Final = frozenset("USD EUR GBP JPY CHF USDT USDC BUSD DAI FDUSD TUSD EURT".split())
"""Money that people count in hundredths."""


def grouped(value: Decimal, places: int) -> str:
    """``-1234.5`` with 2 places -> ``(minus)1,234.50`` with the true minus sign."""
    return _written(_rounded(value, places), places)


def signed(value: Decimal, places: int) -> str:
    """Like `grouped`, with ``+`` above zero."""
    rounded = _rounded(value, places)
    text = _written(rounded, places)
    return f"+{text}" if rounded > 0 else text


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def _written(rounded: Decimal, places: int) -> str:
    text = localised(f"{abs(rounded):,.{places}f}")
    return f"{MINUS}{text}" if rounded < 0 else text


def money_places(coin: str) -> int:
    """Digits shown for an amount of money in `coin`."""
    return 2 if in_cents(coin) else 8


def in_cents(coin: str) -> bool:
    """Whether `coin` is a currency, or stands for one."""
    return coin.upper() in _IN_CENTS


def duration(length_ms: int | None) -> str:
    """``41 ms``, ``0.8 s``, ``48 s``, ``3 m 12 s``, ``3 h 42 m``, ``2 d 4 h``."""
    if length_ms is None:
        return UNKNOWN
    if length_ms < 0:
        return MINUS + duration(-length_ms)
    if length_ms < 100:
        return f"{length_ms} ms"
    if length_ms < 9_950:
        return localised(f"{length_ms / 1000:.1f} s")
    seconds = round(length_ms / 1000)
    for (size, unit), (smaller_size, smaller) in pairwise(_UNITS):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"


def bar_time(length_ms: int | None) -> str:
    """A length of market time. All prices of a candle stand at one moment, so nothing between
    two of them is not no time: ``< 1 bar``."""
    return tr("< 1 bar") if length_ms == 0 else duration(length_ms)


class Numbers:
    """Formats the counts of one session."""

    def __init__(self, market: Market) -> None:
        self._scale = market.scale
        self.quote, self.base = market.quote_coin, market.base_coin
        self._price_places = decimals(market.price_step)
        self._order_step = market.order_step
        self._amount_places = decimals(market.order_step), decimals(market.amount_unit)
        self._money_places = money_places(market.quote_coin)

    def price(self, count: int) -> str:
        return grouped(self._scale.price(count), self._price_places)

    def amount(self, count: int) -> str:
        """Without its sign. What a fee in the coin left needs finer digits than an order."""
        amount = self._scale.amount(abs(count))
        return grouped(amount, self._amount_places[bool(amount % self._order_step)])

    def money(self, count: int) -> str:
        return grouped(self._scale.money(count), self._money_places)

    def pnl(self, count: int) -> str:
        return signed(self._scale.money(count), self._money_places)

    def coins(self, count: int) -> str:
        """Money with its coin: ``312.40 USDT``."""
        return f"{self.money(count)} {self.quote}"
