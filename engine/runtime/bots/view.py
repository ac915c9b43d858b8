"""How a bot is seen: its snapshot, made anew only when something changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from engine.core import layout as slot
from engine.domain.bots import BotSettings, BotState, FeedKind
from engine.domain.candles import HOUR_MS, no_candles
from engine.domain.columns import IntMatrix
from engine.domain.listings import FeedStatus
from engine.domain.market import Market
from engine.domain.reasons import ExitReason
from engine.domain.sub_states import SubState, before_first_price, feed_trouble
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
from engine.messages.snapshot import BotError, BotSnapshot, Pulse, Retry, SessionSnapshot

if TYPE_CHECKING:
    from engine.ports import Feed
    from engine.runtime.running.charting import Charting
    from engine.runtime.running.live import Live
    from engine.runtime.running.signs import Moment
    from engine.runtime.running.unread import Unread
    from engine.store.records import BotRecord, BotStanding

_BY_HAND: Final = int(ExitReason.MANUAL)
"""As a plain number: members of an enum are looked up slowly, and this is asked each tick."""
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
    def retry(self) -> Retry | None: ...

    @property
    def feed(self) -> Feed | None: ...

    @property
    def settings(self) -> BotSettings: ...

    @property
    def position(self) -> int: ...

    def changed(self) -> None: ...


class BotView:
    """Snapshots of one bot. Parts that did not change are the same objects."""

    def __init__(self, bot: Seen, stale: set[int], market_speed: Callable[[], float]) -> None:
        """Its id is added to `stale` when its next snapshot is a new one. `market_speed` is that
        of the simulated markets."""
        self._bot, self._stale, self._market_speed = bot, stale, market_speed
        self._fold, self._market = Fold(), self._guess_market()
        self._kept_chart: Charting | Unread | None = None
        self._followed: Live | None = None
        self._no_chart = ChartView(CandleColumns(no_candles(bot.settings.timeframe_ms), {}), 0)
        self._no_equity = EquityView(TableView(IntTable(EQUITY_WIDTH), 0))
        self._session_id: int | None = None
        """The session that is shown; while the next one begins still the one before."""
        self._session: SessionSnapshot | None = None
        self._snapshot: BotSnapshot | None = None
        self._trouble = ""
        self._errors: deque[int] = deque()
        self.stale()

    def stale(self) -> None:
        """Something changed: the next snapshot is a new one."""
        self._snapshot = None
        self._stale.add(self._bot.record.id)

    def show(
        self,
        session_id: int | None,
        market: Market,
        fold: Fold,
        chart: Charting | Unread | None,
    ) -> None:
        """Show this session from now on."""
        self._session_id = session_id
        self._market, self._fold, self._kept_chart = market, fold, chart
        self._followed = None
        self._session = None
        self.stale()

    def follow(self, live: Live) -> None:
        """Show the session that runs, or ran last."""
        self.show(live.session_id, live.prepared.market, live.session.fold, None)
        self._followed = live

    @property
    def fold(self) -> Fold:
        """Of the session that is shown."""
        return self._fold

    @property
    def _chart(self) -> Charting | Unread | None:
        return self._kept_chart if self._followed is None else self._followed.chart

    def chart_read(self, chart: Charting) -> None:
        """The recording of the session that is shown, which does not run, was read."""
        self._kept_chart = chart
        self._bot.changed()

    def take_note(self, happened: IntMatrix, notes: list[str]) -> None:
        """Events of the shown session that came without a task."""
        self._fold.feed(happened, notes)
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

    def pulse(self, now: Moment) -> Pulse:
        """Its signs of life, wall time."""
        while self._errors and self._errors[0] < now.wall_at - HOUR_MS:
            self._errors.popleft()
        bot, live = self._bot, self._bot.live
        run_at = 0 if bot.standing.session_id is None else bot.standing.updated_at
        if live is None:
            return Pulse(run_at=run_at, errors_last_hour=len(self._errors))
        signs, recorder = live.signs, live.recorder
        return Pulse(
            tick_at=_seen(signs.ticked, now),
            candle_at=_seen(signs.candled, now),
            decision_at=_seen(signs.decided, now),
            write_at=_seen(recorder.written, now),
            decision_due_at=_seen(signs.due, now),
            write_due_at=_seen(recorder.waits_since, now),
            run_at=_seen(recorder.written, now) or run_at,
            speed=self._speed(),
            errors_last_hour=len(self._errors),
        )

    def _speed(self) -> float:
        """Of its market's time against ours."""
        feed = self._bot.settings.feed
        if feed.kind is FeedKind.SIMULATED:
            return self._market_speed()
        return feed.speed if feed.kind is FeedKind.FILE else 1.0

    def _make(self) -> BotSnapshot:
        bot, chart = self._bot, self._chart
        if self._session is None or len(self._session.log) != len(self._fold.log):
            self._session = self._fold.snapshot()
        sub_state, words = self._sub_state()
        return BotSnapshot(
            bot_id=bot.record.id,
            settings=bot.settings,
            market=self._market,
            state=bot.state,
            session_id=self._session_id,
            session=self._with_share(self._session),
            price=None if chart is None else chart.price,
            chart=self._no_chart if chart is None else chart.chart,
            equity=self._no_equity if chart is None else chart.equity,
            next_close_at=self._next_close_at(),
            sub_state=sub_state,
            sub_words=words,
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

    def _sub_state(self) -> tuple[SubState, str]:
        """With its words."""
        bot, live = self._bot, self._bot.live
        feed = None if bot.feed is None else bot.feed.status
        exchange = "" if feed is None else feed.exchange
        running = live is not None and bot.state is BotState.RUNNING
        if self._trouble:
            found = SubState.DATABASE
        elif bot.pending:
            found = SubState.PREPARING
        elif bot.state is BotState.PENDING:
            found = before_first_price(feed)
        elif bot.state is BotState.ERROR and bot.retry is not None:
            found = SubState.TRYING_AGAIN
        elif live is not None and running:
            found = self._doing(live, feed)
            wanted, known = live.warmup, live.chart.chart.length
            if found is SubState.NONE and live.chart.closed_at and known < wanted:
                return SubState.WARMING_UP, SubState.WARMING_UP.words(known=known, wanted=wanted)
        else:
            found = SubState.NONE
        return found, "" if found is SubState.NONE else found.words(exchange=exchange)

    def _doing(self, live: Live, feed: FeedStatus | None) -> SubState:
        """What holds it up while it runs, the warm-up apart."""
        state = live.session.decider.state
        if int(state[slot.PENDING_LEAVE]) == _BY_HAND or state[slot.STOP_AFTER_CLOSE]:
            return SubState.CLOSING
        trouble = SubState.NONE if feed is None else feed_trouble(feed)
        if trouble is SubState.NONE and state[slot.PAUSED]:
            return SubState.ENTRIES_PAUSED
        return trouble

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
        return BotError(fault.kind, fault.words, fault.details, fault.at, self._bot.retry)

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


def _seen(moment: Moment | None, now: Moment) -> int:
    return 0 if moment is None else moment.seen(now)
