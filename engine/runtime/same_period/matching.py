"""Trades of two sides paired one to one, and what each pair differs in. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from engine.messages.same_period import Kind, TradeSeen, Twins

_STILL_OPEN: Final = 1 << 62

Trades = Sequence[TradeSeen]
Places = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Grid:
    """The candles both sides decided on. A tick and the bar it fell into share a candle."""

    timeframe_ms: int
    offset_ms: int = 0

    def open_at(self, at: int) -> int:
        """The open of the candle in which `at` lies."""
        return at - (at - self.offset_ms) % self.timeframe_ms

    def entry(self, trade: TradeSeen) -> int:
        return self.open_at(trade.entry_at)

    def exit(self, trade: TradeSeen) -> int:
        return _STILL_OPEN if trade.exit_at is None else self.open_at(trade.exit_at)


def paired(here: Trades, there: Trades, grid: Grid) -> list[Places]:
    """Places of the pairs, each trade once, in order of entry. Both sides are in order of entry.

    First those of one side entered in one candle; of the others those of one side that were held
    at the same time, the nearest entries first.
    """
    twin = dict(_same_entry(here, there, grid))
    taken = set(twin.values())
    rest = [place for place in range(len(here)) if place not in twin]
    for _, mine, other in sorted(_held_together(here, there, rest, grid)):
        if mine not in twin and other not in taken:
            twin[mine] = other
            taken.add(other)
    pairs: list[Places] = [(place, twin.get(place)) for place in range(len(here))]
    pairs += [(None, place) for place in range(len(there)) if place not in taken]
    return sorted(pairs, key=lambda pair: _order(here, there, pair))


def _same_entry(here: Trades, there: Trades, grid: Grid) -> list[tuple[int, int]]:
    # Turned round, so that of two entries in one candle the first is what is found.
    known = {(there[at].side, grid.entry(there[at])): at for at in reversed(range(len(there)))}
    found = []
    for place, trade in enumerate(here):
        other = known.pop((trade.side, grid.entry(trade)), None)
        if other is not None:
            found.append((place, other))
    return found


def _held_together(
    here: Trades, there: Trades, rest: Sequence[int], grid: Grid
) -> list[tuple[int, int, int]]:
    """(distance of the entries, place here, place there) of trades that overlap."""
    ends = [grid.exit(trade) for trade in there]
    found = []
    for place in rest:
        trade = here[place]
        begin, end = grid.entry(trade), grid.exit(trade)
        for other in range(bisect_left(ends, begin), len(there)):
            entered = grid.entry(there[other])
            if entered > end:
                break
            if there[other].side is trade.side:
                found.append((abs(entered - begin), place, other))
    return found


def _order(here: Trades, there: Trades, pair: Places) -> tuple[int, bool]:
    mine, other = pair
    if mine is not None:
        return here[mine].entry_at, False
    assert other is not None, "a pair has a side"
    return there[other].entry_at, True


def compared(
    here: TradeSeen | None,
    there: TradeSeen | None,
    grid: Grid,
    why: Callable[[Kind], str] = lambda kind: "",
) -> Twins:
    """What a pair differs in, and since when; `why` is asked for the words."""
    if here is None or there is None:
        kind = Kind.ONLY_THERE if here is None else Kind.ONLY_HERE
        alone = there if here is None else here
        assert alone is not None, "a pair has a side"
        return Twins(here, there, kind, alone.entry_at, 0, why(kind))
    kind = _kind(here, there, grid)
    by_size = here.pnl - there.pnl if kind is Kind.SIZE else _by_size(here, there)
    return Twins(here, there, kind, _since(here, there, kind, grid), by_size, why(kind))


def _kind(here: TradeSeen, there: TradeSeen, grid: Grid) -> Kind:
    if here.reason is not there.reason:
        return Kind.REASON
    if grid.entry(here) != grid.entry(there) or grid.exit(here) != grid.exit(there):
        return Kind.TIME
    if (here.entry_price, here.exit_price) != (there.entry_price, there.exit_price):
        return Kind.PRICE
    if here.amount != there.amount:
        return Kind.SIZE
    return Kind.PRICE if here.pnl != there.pnl else Kind.SAME


def _by_size(here: TradeSeen, there: TradeSeen) -> int:
    """What the other side would have earned more with this side's amount."""
    if here.amount == there.amount or not there.amount:
        return 0
    return round(there.pnl * (Fraction(here.amount) / Fraction(there.amount) - 1))


def _since(here: TradeSeen, there: TradeSeen, kind: Kind, grid: Grid) -> int:
    """The moment at which the two part."""
    entered_apart = grid.entry(here) != grid.entry(there)
    if entered_apart or kind in (Kind.SIZE, Kind.SAME):
        return min(here.entry_at, there.entry_at)
    if kind is Kind.PRICE and here.entry_price != there.entry_price:
        return min(here.entry_at, there.entry_at)
    exits = [at for at in (here.exit_at, there.exit_at) if at is not None]
    return min(exits, default=here.entry_at)
