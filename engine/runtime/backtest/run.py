"""A backtest: the session's own route with whole arrays of bars, in a worker thread.

Nothing is stored from here. Cancelling between two chunks leaves nothing behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.core.layout import new_state
from engine.core.settings_vector import kernel_settings
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.money import decimals
from engine.domain.reasons import EndReason
from engine.domain.rows import RowKind, Rows, rows_from_candles
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Strategy
from engine.errors import Cancelled, InvalidSetting
from engine.messages.fold import Fold
from engine.runtime.deciding import Decider
from engine.runtime.history.recorded import PriceFloats
from engine.runtime.opinions import Opinion, candles_before, form_opinion
from engine.runtime.plugs import Step
from engine.runtime.session import Session

CHUNK_ROWS: Final = 1 << 16

Told = Callable[[int, int], None]
"""Told (bars done, bars in all) from the worker's thread."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides a backtest's result.

    `candles` are all of the file; `from_at` (inclusive) and `to_at` (exclusive) cut the range.
    """

    candles: Candles
    market: Market
    strategy: Strategy
    params: Params
    trade: TradeSettings
    from_at: int | None = None
    to_at: int | None = None
    signals_path: str = ""
    candles_path: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a backtest came to, complete in memory: its recording, its events, their hash."""

    plan: Plan
    rows: Rows
    fold: Fold
    event_hash: str
    started_at: int
    ended_at: int


def run_backtest(plan: Plan, told: Told, stop: threading.Event) -> Outcome:
    """Run it in this thread. Raises StrategyFailed, InvalidSetting, or Cancelled after `stop`."""
    rows, bars_from = _recording(plan)
    market, timeframe_ms = plan.market, plan.candles.timeframe_ms
    candles = PriceFloats(market.price_step).candles(rows, timeframe_ms)
    told(0, len(candles))
    opinion = form_opinion(plan.strategy, plan.params, plan.trade.direction, candles)
    settings = kernel_settings(plan.trade, market, timeframe_ms)
    state = new_state(market.scale.money_count(plan.trade.cash))
    session = Session(
        Decider(settings, state),
        _WholeChart(candles, bars_from),
        _FormedMind(opinion),
        _Memory(),
        lambda: None,
        decimals(market.price_step),
    )
    started_at = int(rows.table[bars_from, 1])
    _at_once(session.begin(started_at, _cut(rows, 0, bars_from)))
    for start in range(bars_from, len(rows), CHUNK_ROWS):
        if stop.is_set():
            raise Cancelled("The backtest was cancelled. Nothing of it was stored.")
        _at_once(session.take(_cut(rows, start, start + CHUNK_ROWS)))
        told(min(start + CHUNK_ROWS, len(rows)), len(rows))
    _at_once(session.end(EndReason.END_OF_DATA))
    ended_at = int(rows.table[-1, 1]) + timeframe_ms
    return Outcome(plan, rows, session.fold, session.event_hash.hex(), started_at, ended_at)


def _recording(plan: Plan) -> tuple[Rows, int]:
    """Warm-up candles as HISTORY rows, then the range as BAR rows; and where the range begins."""
    open_at = plan.candles.open_at
    first, end = 0, len(open_at)
    if plan.from_at is not None:
        first = int(np.searchsorted(open_at, plan.from_at))
    if plan.to_at is not None:
        end = int(np.searchsorted(open_at, plan.to_at))
    if first >= end:
        raise InvalidSetting(
            "No candle of the file lies in the chosen range. Choose a range inside the file's "
            "period.",
            field="from_at",
        )
    warm = max(0, first - candles_before(plan.strategy, plan.params))
    step = float(plan.market.price_step)
    rows = rows_from_candles(plan.candles.part(warm, end), step, RowKind.BAR)
    rows.table[: first - warm, 0] = RowKind.HISTORY
    return rows, first - warm


def _cut(rows: Rows, start: int, stop: int) -> Rows:
    return Rows(rows.table[start:stop], rows.volume[start:stop])


def _at_once(route: Coroutine[Any, Any, None]) -> None:
    """Walk the route without a loop: with these plugs nothing on it ever waits."""
    try:
        route.send(None)
    except StopIteration:
        return
    raise RuntimeError("A backtest waited for something.")


class _WholeChart:
    """All candles are there; each chunk of rows makes more of them known."""

    def __init__(self, candles: Candles, known: int) -> None:
        self._candles = candles
        self._known = known

    @property
    def known(self) -> Candles:
        return self._candles.part(0, self._known)

    def take(self, rows: Rows) -> bool:
        self._known += len(rows)
        return True

    def weigh(self, state: IntColumn, closed: bool, ended: bool) -> None:
        """The equity curve is computed from the events afterwards."""

    def show(self, opinion: Opinion | None) -> None:
        """Nobody watches."""


class _FormedMind:
    """The opinion on all candles, formed once; asked for more of it with each chunk."""

    def __init__(self, opinion: Opinion) -> None:
        self._whole = opinion

    async def ask(self, candles: Candles) -> Opinion:
        return Opinion(candles, self._whole.signals, self._whole.packed[: len(candles)])


class _Memory:
    """Events stay in the fold's log; they are stored in one batch at the end, or not at all."""

    async def write(self, step: Step) -> None:
        """Nothing to write down yet."""
