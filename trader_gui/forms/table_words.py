"""The tables of exits in words, as a hint says them while they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.domain.candles import MINUTE_MS
from engine.domain.money import plain
from trader_gui import format as fmt

Pairs = Sequence[tuple[Decimal, Decimal]]


def say_steps(rows: Pairs) -> str:
    """``5 % at once, 2 % after 1 h, 0.5 % after 4 h``."""
    return ", ".join(f"{_plain(pct)} % {_age(int(minutes))}" for minutes, pct in rows)


def say_partials(rows: Pairs) -> str:
    """``50 % of it at 2 %, 50 % at 4 %``, and what is left."""
    words = [f"{_plain(share)} % of it at {_plain(pct)} %" for pct, share in rows]
    left = 100 - sum((share for _, share in rows), Decimal(0))
    return ", ".join(words) + (f", {_plain(left)} % stays" if rows and left > 0 else "")


def say_adds(rows: Pairs) -> str:
    """``1 × at −2 %, 1 × at −4 %, 3 × in all``."""
    words = [f"{_plain(times)} × at {fmt.MINUS}{_plain(pct)} %" for pct, times in rows]
    whole = 1 + sum((times for _, times in rows), Decimal(0))
    return ", ".join(words) + (f": {_plain(whole)} × in all" if rows else "")


def _age(minutes: int) -> str:
    return f"after {fmt.duration(minutes * MINUTE_MS)}" if minutes else "at once"


def _plain(number: Decimal) -> str:
    return plain(number.normalize())
