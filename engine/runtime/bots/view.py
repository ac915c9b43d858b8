"""How a bot is seen: its snapshot, made anew only when something changed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from engine.core import layout as slot
from engine.domain.bots import BotSettings, BotState, FeedKind
from engine.domain.candles import HOUR_MS, no_candles
from engine.domain.columns import IntMatrix
from engine.domain.listings import FeedCondition
from engine.domain.market import Market
from engine.domain.reasons import ExitReason
from engine.markets.symbols import PRESETS
from engine.messages.fold import Fold
from engine.messages.histories import (
    EQUITY_WIDTH,
    CandleColumns,
    ChartView,
    EquityView,
    IntTable,
    TableView,
)
from engine.messages.snapshot import BotError, BotSnapshot, Pulse, SessionSnapshot

if TYPE_CHECKING:
    from engine.ports import Feed
    from engine.runtime.running.charting import Charting
    from engine.runtime.running.live import Live
    from engine.store.records import BotRecord, BotStanding

_DEFAULT_STEP: Final = Decimal("0.01")
_DEFAULT_UNIT: Final = Decimal("0.00000001")


class Seen(Protocol):
    """What is looked at: a bot, or whatever stands like one."""

    record: BotRecord
    standing: BotStanding
    state: BotState
    interrupted: bool
    pending: bool
    live: Live | None

    @property
    def feed(self) -> Feed | None: ...

    @property
    def settings(self) -> BotSettings: ...

    @property
    def position(self) -> int: ...

    def changed(self) -> None: ...


class BotView:
    """Snapshots of one bot. Parts that did not change are the same objects."""

    def __init__(self, bot: Seen) -> None:
        self._bot = bot
        self._fold, self._market = Fold(), self._guess_market()
        self._chart: Charting | None = None
        self._no_chart = ChartView(CandleColumns(no_candles(bot.settings.timeframe_ms), {}), 0)
        self._no_equity = EquityView(TableView(IntTable(EQUITY_WIDTH), 0))
        self._session_id: int | None = None
        """The session that is shown; while the next one begins still the one before."""
        self._session: SessionSnapshot | None = None
        self._snapshot: BotSnapshot | None = None
        self._trouble = ""
        self._errors: deque[int] = deque()

    def stale(self) -> None:
        """Something changed: the next snapshot is a new one."""
        self._snapshot = None

    def show(
        self, session_id: int | None, market: Market, fold: Fold, chart: Charting | None
    ) -> None:
        """Show this session from now on."""
        self._session_id = session_id
        self._market, self._fold, self._chart = market, fold, chart
        self._session = None
        self.stale()

    def follow(self, live: Live) -> None:
        """Show the session that runs, or ran last."""
        self.show(live.session_id, live.prepared.market, live.session.fold, live.chart)

    def take_note(self, happened: IntMatrix) -> None:
        """Events of the shown session that came without a task."""
        self._fold.feed(happened)
        self.stale()

    def forget(self) -> None:
        """Show nothing of the past."""
        self.show(None, self._guess_market(), Fold(), None)

    def troubled(self, words: str) -> None:
        """The store cannot take what the bot did, and why; "" when it can."""
        if words != self._trouble:
            self._trouble = words
            self._bot.changed()

    def look_at_feed(self) -> None:
        """Prices may fail to come without a word: now and then somebody looks."""
        feed, snapshot = self._bot.feed, self._snapshot
        if snapshot is not None and snapshot.feed != (None if feed is None else feed.status):
            self._bot.changed()

    @property
    def trouble(self) -> str:
        return self._trouble

    @property
    def known_until(self) -> int | None:
        """Up to where the candles of the session shown are known for sure."""
        return None if self._chart is None else self._chart.known_until

    def count_error(self, at: int) -> None:
        self._errors.append(at)

    def settings_changed(self) -> None:
        if self._bot.standing.session_id is None:
            self._market = self._guess_market()
        self.stale()

    def snapshot(self) -> BotSnapshot:
        """The bot now; the same object until something changes."""
        if self._snapshot is None:
            self._snapshot = self._make()
        return self._snapshot

    def pulse(self, now_ms: int) -> Pulse:
        """Its signs of life, wall time."""
        while self._errors and self._errors[0] < now_ms - HOUR_MS:
            self._errors.popleft()
        live = self._bot.live
        if live is None:
            return Pulse(errors_last_hour=len(self._errors))
        return Pulse(live.ticked_at, live.decided_at, live.recorder.written_at, len(self._errors))

    def _make(self) -> BotSnapshot:
        bot, chart = self._bot, self._chart
        if self._session is None or len(self._session.log) != len(self._fold.log):
            self._session = self._fold.snapshot()
        return BotSnapshot(
            bot_id=bot.record.id,
            settings=bot.settings,
            market=self._market,
            state=bot.state,
            sub_state=self._sub_state(),
            session_id=self._session_id,
            session=self._with_share(self._session),
            price=None if chart is None else chart.price,
            chart=self._no_chart if chart is None else chart.chart,
            equity=self._no_equity if chart is None else chart.equity,
            next_close_at=self._next_close_at(),
            interrupted=bot.interrupted,
            unguarded=bool(bot.position) and bot.state is not BotState.RUNNING,
            error=self._error(),
            feed=None if bot.feed is None else bot.feed.status,
        )

    def _with_share(self, session: SessionSnapshot) -> SessionSnapshot:
        """Before its first session a bot has what its share would be."""
        if len(session.log):
            return session
        share = self._market.scale.money_count(self._bot.settings.trade.cash)
        if session.cash != share:
            self._session = session = replace(session, cash=share)
        return session

    def _sub_state(self) -> str:
        bot = self._bot
        if self._trouble:
            return "Waiting for the database"
        if bot.pending:
            return "Preparing"
        if bot.state is BotState.PENDING:
            return self._first_price()
        if bot.live is None or bot.state is not BotState.RUNNING:
            return ""
        state = bot.live.session.decider.state
        if state[slot.PENDING_LEAVE] == ExitReason.MANUAL or state[slot.STOP_AFTER_CLOSE]:
            return "Closing"
        if state[slot.PAUSED]:
            return "Entries paused"
        known, wanted = bot.live.chart.chart.length, bot.live.warmup
        return f"Warming up {known} / {wanted}" if known < wanted else ""

    def _first_price(self) -> str:
        """What a bot waits for before its first price."""
        feed = self._bot.feed
        status = None if feed is None else feed.status
        if status is None:
            return "Waiting for prices"
        if status.condition is FeedCondition.CONNECTING:
            return f"Connecting to {status.exchange}"
        if status.condition is FeedCondition.WAITING:
            return f"Waiting for {status.exchange}"
        return "Waiting for the first trade"

    def _next_close_at(self) -> int | None:
        chart = self._chart
        if chart is None or self._bot.state is not BotState.RUNNING or chart.price is None:
            return None
        timeframe_ms = self._bot.settings.timeframe_ms
        forming = chart.chart.forming
        open_at = chart.closed_at if forming is None else forming.open_at
        return open_at + timeframe_ms if open_at else None

    def _error(self) -> BotError | None:
        fault = self._bot.standing.fault
        if fault is None or self._bot.state is not BotState.ERROR:
            return None
        return BotError(fault.kind, fault.words, fault.details, fault.at)

    def _guess_market(self) -> Market:
        settings = self._bot.settings
        if settings.feed.kind is FeedKind.SIMULATED and settings.symbol in PRESETS:
            return PRESETS[settings.symbol].market
        return Market(
            settings.symbol,
            _DEFAULT_STEP,
            _DEFAULT_UNIT,
            _DEFAULT_UNIT,
            source=settings.feed.exchange or Path(settings.feed.path).name,
        )
