"""A backtest: the session's own route with whole arrays of bars, in a worker thread.

Nothing is stored from here. Cancelling between two chunks leaves nothing behind.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.core.layout import new_state
from engine.core.settings_vector import kernel_settings
from engine.domain.bots import ExtraFile
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.extra_feeds import NOBODY, Followed
from engine.domain.funding import Funding
from engine.domain.market import Market
from engine.domain.money import decimals
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, RowKind, Rows, rows_from_candles
from engine.domain.sessions import FineShare
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Strategy
from engine.errors import Cancelled, InvalidSetting
from engine.language import tr
from engine.messages.events import EMPTY_HASH, EventColumns, chain
from engine.messages.progress import Told
from engine.runtime.backtest.recording import Recording, check_share, record_bars, with_funding
from engine.runtime.deciding import Decider
from engine.runtime.history.recorded import PriceFloats
from engine.runtime.in_memory import FormedMind, InMemory, Unwatched, WholeChart, at_once
from engine.runtime.opinions import Opinion, candles_before, form_opinion
from engine.runtime.session import Session

CHUNK_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides a backtest's result.

    `candles` are all of the file, or enough of the archive's; `from_at` (inclusive) and `to_at`
    (exclusive) cut the range. `fine` are candles of a timeframe that divides theirs and tell the
    way inside each bar; `fine_named` if a person named them, so that they must fit some bar.
    `exchange` and `made_from_ms` as in SessionSettings. `followed` are the other markets that the
    strategy wants, as much of them as there is. `began` is the kernel's state that it goes on from
    (None: a fresh account), `ends` why it ends where the candles do.
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
    fine: Candles | None = None
    fine_path: str = ""
    funding: Funding | None = None
    funding_path: str = ""
    fine_named: bool = True
    exchange: str = ""
    made_from_ms: int = 0
    followed: tuple[Followed, ...] = NOBODY
    extra_files: tuple[ExtraFile, ...] = ()
    began: IntColumn | None = None
    ends: EndReason = EndReason.END_OF_DATA

    def first_state(self) -> IntColumn:
        """The kernel's state right before the first row."""
        if self.began is not None:
            return self.began.copy()
        return new_state(self.market.scale.money_count(self.trade.cash))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a backtest came to, complete in memory: its recording and its events."""

    plan: Plan
    rows: Rows
    log: ReasonedLog
    started_at: int
    ended_at: int
    fine: FineShare | None = None

    def event_hash(self) -> str:
        """The hash after all events. As long as the test itself: nobody who looks waits for it."""
        return chain(EMPTY_HASH, self.log.table).hex()


def run_backtest(plan: Plan, told: Told, stop: threading.Event) -> Outcome:
    """Run it in this thread. Raises StrategyFailed, InvalidSetting, or Cancelled after `stop`."""
    recording = recording_of(plan)
    rows, bars = recording.rows, recording.bars
    market, timeframe_ms = plan.market, plan.candles.timeframe_ms
    candles = PriceFloats(market.price_step).candles(bars, timeframe_ms)
    told(0, len(candles))
    opinion = form_opinion(plan.strategy, plan.params, plan.trade.direction, candles, plan.followed)
    settings = kernel_settings(plan.trade, market, timeframe_ms)
    chart = WholeChart(candles, recording.bars_from)
    price_decimals = decimals(market.price_step)
    session = Session(
        Decider(settings, plan.first_state()),
        chart,
        FormedMind(opinion),
        InMemory(),
        lambda: None,
        price_decimals,
        hashed=_later,
    )
    session.fold = unwatched = Unwatched()
    started_at = int(bars.table[recording.bars_from, AT])
    at_once(session.begin(started_at, rows.part(0, recording.begins)))
    for start in range(recording.begins, len(rows), CHUNK_ROWS):
        if stop.is_set():
            raise Cancelled(tr("The backtest was cancelled. Nothing of it was stored."))
        at_once(session.take(rows.part(start, start + CHUNK_ROWS)))
        told(len(chart.known), len(candles))
    at_once(session.end(plan.ends))
    return Outcome(
        plan,
        rows,
        ReasonedLog(np.concatenate(unwatched.events), opinion, price_decimals),
        started_at,
        ended_at=int(bars.table[-1, AT]) + timeframe_ms,
        fine=recording.fine,
    )


def range_of(plan: Plan) -> tuple[int, int]:
    """Index of the first candle of the range, and of the first after it; InvalidSetting if there
    is none."""
    open_at = plan.candles.open_at
    first, end = 0, len(open_at)
    if plan.from_at is not None:
        first = int(np.searchsorted(open_at, plan.from_at))
    if plan.to_at is not None:
        end = int(np.searchsorted(open_at, plan.to_at))
    if first >= end:
        raise InvalidSetting(
            tr(
                "No candle of the file lies in the chosen range. Choose a range inside "
                "the file's period."
            ),
            field="from_at",
        )
    return first, end


def recording_of(plan: Plan) -> Recording:
    """Warm-up candles, then the range, finer where that is known, with the funding due in it."""
    candles, step = plan.candles, float(plan.market.price_step)
    first, end = range_of(plan)
    warm = max(0, first - candles_before(plan.strategy, plan.params, candles.timeframe_ms))
    bars = rows_from_candles(candles.part(warm, end), step, RowKind.BAR)
    recording = record_bars(bars, first - warm, candles.timeframe_ms, step, plan.fine)
    if recording.fine is not None and plan.fine_named:
        check_share(recording.fine)
    if plan.funding is None:
        return recording
    return with_funding(recording, plan.funding, candles.timeframe_ms)


def _later(before: bytes, events: IntMatrix) -> bytes:
    """See `Outcome.event_hash`."""
    return before


class ReasonedLog(EventColumns):
    """The events of a backtest; the reasons of its signals are put into words when asked for,
    because most of a year's are never read."""

    def __init__(self, rows: IntMatrix, opinion: Opinion, price_decimals: int) -> None:
        super().__init__(rows)
        self.opinion, self._price_decimals = opinion, price_decimals

    def note(self, index: int) -> str:
        return self.opinion.notes(self.table[index : index + 1], self._price_decimals)[0]

    def notes(self) -> list[str]:
        """One text for each event, "" where there is nothing to say."""
        return self.opinion.notes(self.table, self._price_decimals)
