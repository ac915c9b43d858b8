"""One whole session as recorded, ready to be shown at any moment of it."""

from __future__ import annotations

from bisect import bisect
from dataclasses import InitVar, dataclass, field, replace
from typing import Final

import numpy as np

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.sessions import SessionRecord, SessionStatus
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.equity_course import EquityCourse
from engine.messages.events import EventColumns, EventKind
from engine.messages.fold import Fold, closed_trades
from engine.messages.histories import (
    T_CLOSE_EVENT,
    TRADE_WIDTH,
    CandleColumns,
    ChartView,
    EquityView,
    IntTable,
    TableView,
)
from engine.messages.snapshot import BotSnapshot, PriceRow, SessionSnapshot

STRIDE: Final = 128
_STATES = {
    SessionStatus.RUNNING: BotState.RUNNING,
    SessionStatus.INTERRUPTED: BotState.STOPPED,
    SessionStatus.FINISHED: BotState.STOPPED,
    SessionStatus.FAILED: BotState.ERROR,
}


@dataclass(frozen=True, slots=True)
class Review:
    """A stored session: its events, its own candles, equity at their closes.

    `first_bar` is the index of the first candle of the session; those before are warm-up.
    `price_at` and `price` are the recording's price rows (times and counts), for the price
    under the cursor; both int64 of one length, times not decreasing.
    """

    record: SessionRecord
    market: Market
    log: EventColumns
    candles: CandleColumns
    first_bar: int
    equity: IntTable
    price_at: np.ndarray[tuple[int], np.dtype[np.int64]]
    price: np.ndarray[tuple[int], np.dtype[np.int64]]
    off_price: frozenset[str] = frozenset()
    missing: str = ""
    """A sentence when a part (indicators of a strategy that is gone) cannot be shown."""
    kept_course: InitVar[EquityCourse | None] = None
    """What a copy of this review has of `course`."""
    course: EquityCourse = field(init=False, compare=False)
    """What `equity` says in percent."""
    _marks: dict[int, Fold] = field(default_factory=dict, init=False, compare=False)
    """Folds after a multiple of STRIDE events, made when a moment after them is asked for."""
    _trades: IntTable = field(init=False, compare=False)
    known_at: IntColumn = field(init=False, compare=False)
    """When each event was known. A late word about an earlier moment (the end of a refusal run)
    keeps its place in the log: it is known once what stands before it is known."""
    kind: IntColumn = field(init=False, compare=False)
    """The log's kinds, in one piece."""
    _starts: list[int] = field(default_factory=list, init=False, compare=False)
    """Their numbers of events, increasing."""
    _last: dict[int, tuple[Fold, SessionSnapshot]] = field(
        default_factory=dict, init=False, compare=False
    )
    """The session that was shown last, by the number of its events: most moves meet none, and a
    step on meets few more."""

    def __post_init__(self, kept_course: EquityCourse | None) -> None:
        trades = IntTable(TRADE_WIDTH)
        trades.append(closed_trades(self.log.table))
        object.__setattr__(self, "_trades", trades)
        known_at = np.maximum.accumulate(self.log.table[:, ev.AT])
        object.__setattr__(self, "known_at", known_at)
        object.__setattr__(self, "kind", np.ascontiguousarray(self.log.table[:, ev.KIND]))
        object.__setattr__(self, "course", kept_course or self._course())

    @property
    def from_at(self) -> int:
        return self.record.started_at

    @property
    def to_at(self) -> int:
        """The last moment: the last event or the last candle's close."""
        last_bar = 0
        if len(self.candles):
            candles = self.candles.candles(len(self.candles))
            last_bar = int(candles.open_at[-1]) + candles.timeframe_ms
        last_event = int(self.log.table[-1, ev.AT]) if len(self.log) else 0
        return max(last_bar, last_event, self.from_at)

    @property
    def first_equity(self) -> int:
        """Equity the session began with: what its first event says, else what its record says."""
        if len(self.log):
            first = self.log.table[0]
            if first[ev.KIND] == EventKind.SESSION_STARTED and not first[ev.POSITION]:
                return int(first[ev.CASH])
        return self.record.result.equity_first

    def at(self, cursor: int) -> BotSnapshot:
        """The same snapshot the engine had at market time `cursor` (its last event included)."""
        known = int(np.searchsorted(self.known_at, cursor, side="right"))
        return self._frozen(self._session(known), cursor)

    def end(self) -> BotSnapshot:
        """The session as it ended (or stands now)."""
        return self._frozen(self._session(len(self.log)), self.to_at)

    def _course(self) -> EquityCourse:
        table = self.equity.table
        return EquityCourse.of(table[:, hs.E_AT], table[:, hs.E_EQUITY], self.first_equity)

    def _session(self, known: int) -> SessionSnapshot:
        """The fold of the first `known` events: from the mark before them on.

        It shows the review's own columns, so that panels see a view that grew or shrank and not
        another session.
        """
        if known not in self._last:
            state, passed = self._nearest(known)
            state.pass_over(self.log.table[passed:known], passed)
            closed = self._trades.table[:, T_CLOSE_EVENT]
            trades = TableView(self._trades, int(np.searchsorted(closed, known, side="left")))
            session = replace(state.snapshot(), log=self.log.view(known), trades=trades)
            self._last.clear()
            self._last[known] = state, session
        return self._last[known][1]

    def _nearest(self, known: int) -> tuple[Fold, int]:
        """A fold to go on from to the first `known` events, and how many it has passed."""
        start = known - known % STRIDE
        for passed, (state, _) in self._last.items():
            if start <= passed <= known:
                return state.fork(), passed
        return self._mark(start).fork(), start

    def _mark(self, start: int) -> Fold:
        """The fold of the first `start` events, a multiple of STRIDE: from the nearest one before,
        or the beginning."""
        mark = self._marks.get(start)
        if mark is None:
            place = bisect(self._starts, start)
            before = self._starts[place - 1] if place else 0
            mark = self._marks[before].fork() if place else Fold()
            mark.pass_at_once(self.log.table[before:start], before, self.kind[before:start])
            self._marks[start] = mark
            self._starts.insert(place, start)
        return mark

    def _frozen(self, session: SessionSnapshot, cursor: int) -> BotSnapshot:
        candles = self.candles.candles(len(self.candles))
        opened_by = cursor - candles.timeframe_ms  # candles that had closed by the cursor
        bars = int(np.searchsorted(candles.open_at, opened_by, side="right"))
        points = int(np.searchsorted(self.equity.table[:, 0], cursor, side="right"))
        prices = int(np.searchsorted(self.price_at, cursor, side="right"))
        price = None
        if prices:
            price = PriceRow(int(self.price_at[prices - 1]), int(self.price[prices - 1]))
        running = session.ended is None
        return BotSnapshot(
            bot_id=self.record.bot_id or 0,
            settings=self._settings(),
            market=self.market,
            state=BotState.RUNNING if running else _STATES[self.record.status],
            session_id=self.record.id,
            session=session,
            price=price,
            chart=ChartView(self.candles, bars, None, self.off_price),
            equity=EquityView(TableView(self.equity, points)),
            next_close_at=None,
        )

    def _settings(self) -> BotSettings:
        chosen = self.record.settings
        return BotSettings(
            name=self.record.bot_name,
            symbol=chosen.symbol,
            timeframe_ms=chosen.timeframe_ms,
            strategy=chosen.strategy,
            params=chosen.params,
            feed=FeedChoice(FeedKind.FILE, chosen.source),
            trade=chosen.trade,
            signals_path=chosen.signals_path,
            mode=self.record.mode,
        )
