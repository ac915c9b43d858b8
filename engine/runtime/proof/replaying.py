"""One session played again: its own recording on the route every session takes.

The strategy is asked as it was: of a bot's session at each close, of a backtest once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine import __version__
from engine.core.candle_builder import CandleBuilder
from engine.core.settings_vector import kernel_settings
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.money import decimals
from engine.domain.rows import KIND, RowKind, Rows, closes_candle
from engine.domain.strategy import Strategy
from engine.errors import Cancelled
from engine.language import tr
from engine.messages.events import EMPTY_HASH, EventColumns, chain
from engine.messages.progress import Told
from engine.runtime.backtest.run import CHUNK_ROWS, ReasonedLog
from engine.runtime.deciding import Decider
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.recorded import PriceFloats, bars_in
from engine.runtime.in_memory import FormedMind, InMemory, Unwatched, WholeChart, at_once
from engine.runtime.opinions import Opinion, form_opinion
from engine.runtime.plugs import Chart, Mind, Step
from engine.runtime.proof.case import Case
from engine.runtime.running.charting import Charting
from engine.runtime.session import Session
from engine.runtime.sources.strategies import NO_OPINION, find_strategy, source_of, with_signals

_TELL_EVERY: Final = 64


@dataclass(frozen=True, slots=True)
class Answers:
    """What the strategy said now: packed opinions (int32) by the moments of their closes."""

    at: IntColumn
    packed: SignalColumn

    def told_at(self, close_at: int) -> int | None:
        """None if it was not asked at that close."""
        place = int(np.searchsorted(self.at, close_at))
        there = place < len(self.at) and int(self.at[place]) == close_at
        return int(self.packed[place]) if there else None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a session came to when it was run again: decisions and money, nothing seen."""

    log: EventColumns
    answers: Answers
    strategy_hash: str
    strategy_source: str
    version: str = __version__

    @property
    def events(self) -> IntMatrix:
        return self.log.table

    def event_hash(self) -> str:
        return chain(EMPTY_HASH, self.events).hex()


def replay(case: Case, told: Told, stop: threading.Event) -> Replayed:
    """Run it again in this thread; Cancelled after `stop`. Raises UnknownName, FileRefused or
    StrategyFailed if its strategy cannot be asked any more."""
    strategy, candles = strategy_of(case)
    if case.opening.asked_once:
        return _asked_once(case, strategy, candles, told, stop)
    return _asked_at_each_close(case, strategy, told, stop)


def strategy_of(case: Case) -> tuple[Strategy, Candles]:
    """The strategy as it is today, and the session's own candles."""
    settings = case.session.record.settings
    bars = bars_in(case.session.rows, CandleBuilder(settings.timeframe_ms))
    candles = PriceFloats(settings.scale.price_step).candles(bars, settings.timeframe_ms)
    if case.unasked:
        return NO_OPINION, candles
    strategy = find_strategy(settings.strategy)
    return with_signals(strategy, settings.signals_path, candles, within=True), candles


def steps_of(rows: Rows) -> Iterator[Rows]:
    """Rows as a bot takes them: up to each close, and candles it had missed by themselves."""
    kind = rows.table[:, KIND]
    missed = kind == RowKind.HISTORY
    ends = closes_candle(rows.table)
    ends[:-1] |= missed[1:] != missed[:-1]
    start = 0
    for place in np.flatnonzero(ends).tolist():
        yield rows.part(start, place + 1)
        start = place + 1
    if start < len(rows):
        yield rows.part(start)


def warm_up(rows: Rows) -> int:
    """How many candles from before the session its recording begins with."""
    played = np.flatnonzero(rows.table[:, KIND] != RowKind.HISTORY)
    return int(played[0]) if len(played) else len(rows)


def _asked_once(
    case: Case, strategy: Strategy, candles: Candles, told: Told, stop: threading.Event
) -> Replayed:
    rows = case.session.rows
    begins = warm_up(rows)
    opinion = opinion_on(case.session, strategy, candles)
    session = _session(case, WholeChart(candles, begins), FormedMind(opinion), InMemory())
    at_once(session.begin(case.session.record.started_at, rows.part(0, begins)))
    for start in range(begins, len(rows), CHUNK_ROWS):
        _go_on(stop)
        at_once(session.take(rows.part(start, start + CHUNK_ROWS)))
        told(start, len(rows))
    events = _ended(case, session)
    places = decimals(case.session.record.settings.scale.price_step)
    return _replayed(case, ReasonedLog(events, opinion, places), strategy, answers_of(opinion))


def _asked_at_each_close(
    case: Case, strategy: Strategy, told: Told, stop: threading.Event
) -> Replayed:
    archived, rows = case.session, case.session.rows
    settings = archived.record.settings
    begins, market = warm_up(rows), market_of(settings)
    mind, sink = _AskedAgain(strategy, archived), _Noting()
    chart = Charting(market, rows.part(0, begins), CandleBuilder(settings.timeframe_ms))
    session = _session(case, chart, mind, sink)
    at_once(session.begin(archived.record.started_at, rows.part(0, begins)))
    done = begins
    for number, part in enumerate(steps_of(rows.part(begins))):
        _go_on(stop)
        at_once(session.take(part))
        done += len(part)
        if number % _TELL_EVERY == 0:
            told(done, len(rows))
        if session.decider.ended:
            break
    log = EventColumns()
    log.extend(_ended(case, session), sink.notes)
    return _replayed(case, log, strategy, mind.answers)


def _session(case: Case, chart: Chart, mind: Mind, sink: InMemory) -> Session:
    settings = case.session.record.settings
    market = market_of(settings)
    decider = Decider(
        kernel_settings(settings.trade, market, settings.timeframe_ms), case.first_state
    )
    places = decimals(market.price_step)
    session = Session(decider, chart, mind, sink, lambda: None, places, hashed=_afterwards)
    session.fold = Unwatched()
    return session


def _ended(case: Case, session: Session) -> IntMatrix:
    at_once(session.end(case.end_reason))
    assert isinstance(session.fold, Unwatched)
    return np.concatenate(session.fold.events)


def _afterwards(before: bytes, events: IntMatrix) -> bytes:
    """The hash is taken once, over all events."""
    return before


def _go_on(stop: threading.Event) -> None:
    if stop.is_set():
        raise Cancelled(tr("Running the session again was cancelled. Nothing was changed."))


def opinion_on(session: Archived, strategy: Strategy, candles: Candles) -> Opinion:
    """Asked once, over all candles."""
    settings = session.record.settings
    return form_opinion(
        strategy, settings.params, settings.trade.direction, candles, session.followed
    )


def answers_of(opinion: Opinion) -> Answers:
    """All of them."""
    candles = opinion.candles
    return Answers(candles.open_at + candles.timeframe_ms, opinion.packed)


def _replayed(case: Case, log: EventColumns, strategy: Strategy, answers: Answers) -> Replayed:
    record = case.session.record
    unasked = record.strategy_hash, record.strategy_source
    return Replayed(log, answers, *(unasked if case.unasked else source_of(strategy)))


class _AskedAgain:
    """The strategy, asked anew at each close over what was known then."""

    def __init__(self, strategy: Strategy, session: Archived) -> None:
        self._strategy, self._session = strategy, session
        self._at: list[int] = []
        self._packed: list[int] = []

    @property
    def answers(self) -> Answers:
        return Answers(np.array(self._at, np.int64), np.array(self._packed, np.int32))

    async def ask(self, candles: Candles) -> Opinion:
        opinion = opinion_on(self._session, self._strategy, candles)
        self._at.append(int(candles.open_at[-1]) + candles.timeframe_ms)
        self._packed.append(int(opinion.packed[-1]))
        return opinion


class _Noting(InMemory):
    """Keeps the words beside the events."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    async def write(self, step: Step) -> None:
        self.notes += step.notes or [""] * len(step.events)
