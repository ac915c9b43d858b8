"""A bot's session while it runs: opened anew or gone on with, and all it is plugged into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.core import layout as slot
from engine.core.candle_builder import CandleBuilder
from engine.core.metrics import equity_at_closes, summary
from engine.core.settings_vector import kernel_settings
from engine.domain.bots import BotState, FeedKind, Mode
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.market import Market
from engine.domain.money import decimals
from engine.domain.rows import RowKind, Rows, rows_from_candles
from engine.domain.sessions import SessionRecord, SessionResult, SessionStatus
from engine.errors import RecordDamaged
from engine.messages.events import EMPTY_HASH, EVENT_WIDTH, EventKind, chain, observation
from engine.messages.fold import Fold
from engine.messages.snapshot import PriceRow
from engine.runtime.archive import Archived, closes_in
from engine.runtime.charting import Charting
from engine.runtime.deciding import Decider
from engine.runtime.loading import load_session
from engine.runtime.opinions import ThreadedMind
from engine.runtime.plugs import NO_ROWS
from engine.runtime.preparing import Prepared, Tools, begin_earlier
from engine.runtime.recorded import bars_in, prices_in
from engine.runtime.recorder import Recorder
from engine.runtime.records import session_settings
from engine.runtime.session import Session
from engine.runtime.strategies import NO_OPINION, source_of
from engine.runtime.version import PROGRAM_VERSION
from engine.runtime.workers import in_thread
from engine.store.database import Action
from engine.store.records import BotRecord, BotStanding
from engine.store.repositories import bot_states, markets, sessions

Troubled = Callable[[str], None]
"""Told why nothing can be stored right now, or "" when it can again."""


class Live:
    """One running session with its plugs."""

    def __init__(
        self,
        bot: BotRecord,
        tools: Tools,
        prepared: Prepared,
        standing: BotStanding,
        opening: Callable[[Action], None],
        troubled: Troubled,
        published: Callable[[], None],
        *,
        silent: bool = False,
    ) -> None:
        """With `silent` nobody asks the strategy: the session only closes what is held, which
        must work above all when the strategy does not."""
        self._published = published
        self.bot, self.tools, self.prepared = bot, tools, prepared
        market, timeframe_ms = prepared.market, bot.settings.timeframe_ms
        assert standing.kernel_state is not None, "a session begins with a state"
        strategy = NO_OPINION if silent else prepared.strategy
        self.mind = ThreadedMind(strategy, prepared.params, bot.settings.trade.direction)
        self.recorder = Recorder(
            tools.store,
            tools.clock,
            standing,
            opening,
            also=self._market_stands,
            figures=self._figures,
            troubled=troubled,
        )
        self.chart = Charting(market, NO_ROWS, CandleBuilder(timeframe_ms))
        settings = kernel_settings(bot.settings.trade, market, timeframe_ms)
        decider = Decider(settings, standing.kernel_state.copy())
        self.session = self._session(decider)
        self.checked_at = 0
        """Market time of the last position check."""
        self.ticked_at = self.decided_at = 0
        """Wall time of the last row and of the last candle that closed."""
        self.warmup = prepared.strategy.warmup(prepared.params)

    def _session(self, decider: Decider) -> Session:
        places = decimals(self.prepared.market.price_step)
        return Session(decider, self.chart, self.mind, self.recorder, self._published, places)

    @property
    def session_id(self) -> int | None:
        return self.recorder.standing.session_id

    async def take(self, rows: Rows) -> None:
        """Rows of the feed on their route, and the signs of life they give."""
        closed_at = self.chart.closed_at
        await self.session.take(rows)
        self.ticked_at = self.tools.clock.now_ms()
        if self.chart.closed_at != closed_at:
            self.decided_at = self.ticked_at

    @property
    def now_at(self) -> int:
        """The latest moment of market time it has reached."""
        return int(self.session.decider.state[slot.MOMENT])

    async def begin(self, first_at: int) -> None:
        """Open the session at the first row's time, with the warm-up candles before it."""
        prepared, timeframe_ms = self.prepared, self.bot.settings.timeframe_ms
        candles = prepared.feed.history(self.warmup)
        history = rows_from_candles(candles, float(prepared.market.price_step), RowKind.HISTORY)
        self.chart = Charting(prepared.market, history, CandleBuilder(timeframe_ms))
        begin_earlier(self.session.decider.state, first_at)
        self.session = self._session(self.session.decider)
        self.checked_at = first_at
        await self.session.begin(first_at, history)
        await self._learn()

    async def go_on(self, archived: Archived) -> None:
        """Take up an interrupted session where its recording ends."""
        restored = await in_thread(
            "restore-session",
            lambda: restore(archived, self.prepared.market, self.bot.settings.timeframe_ms),
        )
        self.chart = restored.chart
        self.session = self._session(self.session.decider)
        self.session.fold = restored.fold
        self.session.event_hash = bytes.fromhex(self.recorder.standing.event_hash)
        self.checked_at = self.now_at
        await self._learn()
        words = "The program ended while this session ran; nothing that was stored is lost"
        await self.session.note(observation(EventKind.INTERRUPTED, self.now_at), words)
        words = "The same session goes on"
        await self.session.note(observation(EventKind.RESUMED, self.now_at), words)

    async def _learn(self) -> None:
        if len(self.chart.known):
            self.chart.learn(await self.mind.ask(self.chart.known))

    def result_now(self) -> SessionResult:
        """What the session has come to so far."""
        return self._figures(np.empty((0, EVENT_WIDTH), np.int64))

    def close(self) -> None:
        self.mind.close()

    def _market_stands(self, db: Action) -> None:
        feed = self.bot.settings.feed
        if feed.kind is FeedKind.SIMULATED:
            self.tools.venues.save(db, feed.seed)

    def _figures(self, happened: IntMatrix) -> SessionResult:
        log = np.concatenate([self.session.fold.log.table, happened])
        close_at, closes = self.chart.closes
        return summary(log, close_at, closes).result(len(close_at))


@dataclass(frozen=True, slots=True)
class Restored:
    """What can be shown of a stored session, and gone on with."""

    fold: Fold
    chart: Charting


def restore(archived: Archived, market: Market, timeframe_ms: int) -> Restored:
    """Fold, candles, equity and price of a stored session. Takes a while: call it in a worker."""
    log, rows = archived.log, archived.rows
    fold = Fold()
    fold.feed(log.table, [log.note(index) for index in range(len(log))])
    builder = CandleBuilder(timeframe_ms)
    bars = bars_in(rows, builder)
    chart = Charting(market, bars, builder)
    closes = np.column_stack(closes_in(rows, timeframe_ms))
    equity = equity_at_closes(log.table, closes[:, 0], closes[:, 1])
    at, price = prices_in(rows, timeframe_ms)
    last = PriceRow(int(at[-1]), int(price[-1])) if len(at) else None
    chart.restore(closes, np.column_stack([closes[:, 0], equity]), last)
    return Restored(fold, chart)


async def load_checked(tools: Tools, standing: BotStanding) -> Archived:
    """The stored session of a bot; RecordDamaged if state, events and recording disagree."""
    assert standing.session_id is not None
    archived = await load_session(tools.store, standing.session_id)
    counted = (standing.event_count, standing.row_count)
    found = (len(archived.log), len(archived.rows))
    hashed = await in_thread("check-hash", lambda: chain(EMPTY_HASH, archived.log.table).hex())
    if counted != found or hashed != standing.event_hash:
        raise RecordDamaged(
            "What is stored of this bot's session does not fit together, so it cannot go on. "
            "Nothing was changed. Its trades can still be looked at; start a new bot, or restore "
            "the database from the folder 'backups'.",
            details=f"counted {counted}, found {found}, hash {hashed}, {standing.event_hash}",
        )
    return archived


def new_record(
    bot: BotRecord, prepared: Prepared, session_id: int, first_at: int, created_at: int
) -> SessionRecord:
    """The history row of a session that is about to begin."""
    settings = bot.settings
    strategy_hash, strategy_source = source_of(prepared.strategy)
    simulated = settings.feed.kind is FeedKind.SIMULATED
    return SessionRecord(
        id=session_id,
        bot_id=bot.id,
        bot_name=settings.name,
        mode=Mode.PAPER,
        settings=session_settings(
            prepared.market,
            settings.timeframe_ms,
            prepared.strategy,
            prepared.params,
            settings.trade,
            settings.signals_path,
        ),
        status=SessionStatus.RUNNING,
        started_at=first_at,
        ended_at=None,
        created_at=created_at,
        end_reason=None,
        event_hash=EMPTY_HASH.hex(),
        result=SessionResult(),
        program_version=PROGRAM_VERSION,
        strategy_hash=strategy_hash,
        strategy_source=strategy_source,
        seed=settings.feed.seed if simulated else None,
    )


def new_standing(standing: BotStanding, session_id: int, state: IntColumn) -> BotStanding:
    """Where a bot stands at the birth of a session."""
    return replace(
        standing,
        state=BotState.RUNNING,
        session_id=session_id,
        kernel_state=state,
        event_hash=EMPTY_HASH.hex(),
        event_count=0,
        row_count=0,
        fault=None,
    )


def opening_of(record: SessionRecord, prepared: Prepared) -> Callable[[Action], None]:
    """What goes into the first action of a new session: itself, and the right to run."""

    def opening(db: Action) -> None:
        assert record.bot_id is not None
        sessions.add(db, record)
        bot_states.claim(db, record.bot_id, record.id)
        markets.save_steps(db, prepared.market)

    return opening


def going_on(record: SessionRecord) -> Callable[[Action], None]:
    """What goes into the first action of a session that goes on."""

    def opening(db: Action) -> None:
        assert record.bot_id is not None
        sessions.set_status(db, record.id, SessionStatus.RUNNING)
        bot_states.claim(db, record.bot_id, record.id)

    return opening
