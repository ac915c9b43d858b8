"""Why a pair of trades differs, as far as the events of both sides tell: sentences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, Side
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.numbers import grouped
from engine.messages.same_period import Kind, TradeSeen
from engine.messages.wording import Wording
from engine.runtime.same_period.matching import Grid
from engine.runtime.same_period.side import OneSide

_OPEN: Final = tr("Still open")


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
    if kind is Kind.REASON:
        return tr(
            "{left} here, {left2} in the backtest.", left=_left(here), left2=_left(there).lower()
        )
    if kind is Kind.TIME:
        parts = [
            _shift(tr("Entered"), grid.entry(here) - grid.entry(there), grid),
            _shift("left", grid.exit(here) - grid.exit(there), grid),
        ]
        words = " and ".join(part for part in parts if part)
        return tr("{words}{words2} here.", words=words[:1].upper(), words2=words[1:])
    if kind is Kind.PRICE:
        prices = [
            _prices(tr("Entry"), here.entry_price, there.entry_price, places),
            _prices("exit", here.exit_price, there.exit_price, places),
        ]
        words = ", ".join(part for part in prices if part) or tr("Other costs")
        return f"{words[:1].upper()}{words[1:]}."
    if kind is Kind.SIZE:
        return tr(
            "{amount} here, {amount2} in the backtest.",
            amount=_amount(here),
            amount2=_amount(there),
        )
    return ""


def _amount(trade: TradeSeen) -> str:
    return f"{trade.amount.normalize():,f}"


def _prices(name: str, here: Decimal | None, there: Decimal | None, places: int) -> str:
    if here is None or there is None or here == there:
        return ""
    return tr(
        "{name} {grouped} here, {grouped2} in the backtest",
        name=name,
        grouped=grouped(here, places),
        grouped2=grouped(there, places),
    )


def _left(trade: TradeSeen) -> str:
    return _OPEN if trade.reason is None else trade.reason.code.replace("_", " ").capitalize()


def _shift(verb: str, by_ms: int, grid: Grid) -> str:
    count = abs(by_ms) // grid.timeframe_ms
    if not count:
        return ""
    noun = "candle" if count == 1 else "candles"
    return f"{verb} {count:,} {noun} {'later' if by_ms > 0 else 'earlier'}"
