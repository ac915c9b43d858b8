"""Why a pair of trades differs, as far as the events of both sides tell: sentences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, Side
from engine.language import localised, tr, trn
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.exit_words import exit_begins, exit_within
from engine.messages.numbers import grouped
from engine.messages.same_period import Kind, TradeSeen
from engine.messages.wording import Wording
from engine.runtime.same_period.matching import Grid
from engine.runtime.same_period.side import OneSide


class Telling:
    """Words about trades that one side made alone, from what the `other` did at the same closes.
    `name` is the other's, as a sentence begins with it; `trades` are its, in order of entry."""

    def __init__(self, name: str, other: OneSide, trades: Sequence[TradeSeen], grid: Grid) -> None:
        self._name, self._other, self._trades, self._grid = name, other, trades, grid
        self._wording = Wording(other.market, other.trade)
        self._entries = [trade.entry_at for trade in trades]
        heard = np.isin(other.log[:, ev.KIND], (EventKind.SIGNAL, EventKind.REFUSAL))
        self._heard = other.log[heard]

    def why_alone(self, trade: TradeSeen, decided_at: int | None) -> str:
        """Why the other side did not make this trade, whose entry was decided at that close."""
        if decided_at is None:
            return tr("{name} began without it.", name=self._name)
        if not self._could_decide(decided_at):
            return tr(
                "{name} saw no candle close then: it did not run, or had no prices.",
                name=self._name,
            )
        asked = self._asked(trade.side, decided_at)
        refused = asked[asked[:, ev.KIND] == EventKind.REFUSAL]
        if len(refused):
            line = self._wording.line(refused[0].tolist(), "")
            assert line is not None, "every refusal has a line"
            return f"{self._name}: {line.text}"
        if len(asked):
            return tr("{name} decided the same, but could not fill it.", name=self._name)
        if self._holds(decided_at):
            return tr("{name} held another trade then.", name=self._name)
        return tr(
            "{name} was not asked for it: the strategy had seen other prices there.",
            name=self._name,
        )

    def _could_decide(self, close_at: int) -> bool:
        closes = self._other.closes
        place = int(np.searchsorted(closes, close_at))
        return place < len(closes) and int(closes[place]) == close_at

    def _asked(self, side: Side, decided_at: int) -> IntMatrix:
        """Entries of that side that were asked for at this close; rules that need a price answer
        within the next candle."""
        at = self._heard[:, ev.AT]
        near = (at >= decided_at) & (at < decided_at + self._grid.timeframe_ms)
        action = Action.BUY if side is Side.LONG else Action.SHORT
        asked: IntMatrix = self._heard[near & (self._heard[:, ev.ACTION] == action)]
        return asked

    def _holds(self, at: int) -> bool:
        before = bisect_left(self._entries, at)
        if not before:
            return False
        left_at = self._trades[before - 1].exit_at
        return left_at is None or left_at >= at


def why_apart(here: TradeSeen, there: TradeSeen, kind: Kind, grid: Grid, places: int) -> str:
    """What the two made of one trade; prices have so many decimals."""
    match kind:
        case Kind.REASON:
            return tr(
                "{left} here, {left_there} in the backtest.",
                left=exit_begins(here.reason),
                left_there=exit_within(there.reason),
            )
        case Kind.TIME:
            return _times(
                _shift(grid.entry(here) - grid.entry(there), grid),
                _shift(grid.exit(here) - grid.exit(there), grid),
            )
        case Kind.PRICE:
            return _prices(here, there, places)
        case Kind.SIZE:
            return tr(
                "{amount} here, {amount_there} in the backtest.",
                amount=_amount(here),
                amount_there=_amount(there),
            )
        case _:
            return ""


def _amount(trade: TradeSeen) -> str:
    return localised(f"{trade.amount.normalize():,f}")


def _times(entered: str, left: str) -> str:
    """How far apart they were entered and left; "" for what was at one time."""
    if entered and left:
        return tr("Entered {entered} and left {left} here.", entered=entered, left=left)
    if entered:
        return tr("Entered {entered} here.", entered=entered)
    return tr("Left {left} here.", left=left)


def _prices(here: TradeSeen, there: TradeSeen, places: int) -> str:
    entered = _apart(here.entry_price, there.entry_price, places)
    left = _apart(here.exit_price, there.exit_price, places)
    if entered is not None and left is not None:
        return tr(
            "Entry {entry} here, {entry_there} in the backtest, "
            "exit {exit} here, {exit_there} in the backtest.",
            entry=entered[0],
            entry_there=entered[1],
            exit=left[0],
            exit_there=left[1],
        )
    if entered is not None:
        return tr(
            "Entry {entry} here, {entry_there} in the backtest.",
            entry=entered[0],
            entry_there=entered[1],
        )
    if left is not None:
        return tr(
            "Exit {exit} here, {exit_there} in the backtest.", exit=left[0], exit_there=left[1]
        )
    return tr("Other costs.")


def _apart(here: Decimal | None, there: Decimal | None, places: int) -> tuple[str, str] | None:
    if here is None or there is None or here == there:
        return None
    return grouped(here, places), grouped(there, places)


def _shift(by_ms: int, grid: Grid) -> str:
    count = abs(by_ms) // grid.timeframe_ms
    if not count:
        return ""
    if by_ms > 0:
        return trn("{count:,} candle later", "{count:,} candles later", count)
    return trn("{count:,} candle earlier", "{count:,} candles earlier", count)
