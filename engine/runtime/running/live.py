"""A bot's session while it runs: opened anew or gone on with, and all it is plugged into."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core.candle_builder import CandleBuilder
from engine.core.metrics import summary
from engine.core.settings_vector import kernel_settings
from engine.domain.bots import FeedKind
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import decimals
from engine.domain.reasons import Input, Refusal
from engine.domain.rows import (
    AT,
    KIND,
    NO_ROWS,
    RowKind,
    Rows,
    any_price,
    closes,
    input_row,
    rows_from_candles,
)
from engine.domain.sessions import SessionResult
from engine.errors import IllegalStep, RecordDamaged
from engine.language import tr
from engine.messages.events import EVENT_WIDTH, EventKind, observation
from engine.messages.fold import Fold
from engine.messages.numbers import duration
from engine.messages.wording import Wording
from engine.runtime.deciding import Decider
from engine.runtime.history.recorded import joined
from engine.runtime.opinions import candles_before, warmup_of
from engine.runtime.plugs import Seen
from engine.runtime.running.charting import Charting
from engine.runtime.running.day_counts import set_right
from engine.runtime.running.extras import Following
from engine.runtime.running.late_exits import LateExits
from engine.runtime.running.missed import Heard, unheard
from engine.runtime.running.past import Past
from engine.runtime.running.position_check import position_words
from engine.runtime.running.preparing import Prepared, Tools, begin_earlier
from engine.runtime.running.recorder import Recorder
from engine.runtime.running.signs import Moment, Signs
from engine.runtime.running.threaded_mind import ThreadedMind
from engine.runtime.running.unread import Unread, last_price
from engine.runtime.running.wishes import Wish, held_words, objection
from engine.runtime.session import Session
from engine.runtime.sources.strategies import NO_OPINION
from engine.store.database import Action
from engine.store.records import BotRecord, BotStanding

logger = logging.getLogger(__name__)

_INTERRUPTED: Final = (
    tr("This session was interrupted; nothing that was stored is lost"),
    tr("The same session goes on"),
)
CHECK_EVERY_MS: Final = 60_000
"""Between two position checks: of market time, and of ours where no price comes."""

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
        feed = bot.settings.feed
        strategy = NO_OPINION if silent else prepared.strategy
        self.following = Following() if silent else prepared.following
        self.mind = ThreadedMind(
            strategy,
            prepared.params,
            bot.settings.trade.direction,
            self.following,
            tools.minds,
        )
        self.recorder = Recorder(
            tools.store,
            tools.clock,
            standing,
            opening,
            also=self._market_stands,
            figures=self._figures,
            last_figures=self._last_figures,
            troubled=troubled,
            following=self.following,
            feed_waits=feed.kind is FeedKind.FILE and feed.speed == 0,
        )
        self.chart: Charting | Unread = Charting(market, NO_ROWS, CandleBuilder(timeframe_ms))
        self._past: Past | None = None
        """The recording of a session that goes on, until it is charted."""
        settings = kernel_settings(bot.settings.trade, market, timeframe_ms)
        decider = Decider(settings, standing.kernel_state.copy())
        self.session = self._session(decider)
        self._wording = Wording(market)
        self._late = LateExits(self._wording, timeframe_ms)
        self._checked_at = 0
        """Market time of the last position check."""
        self.signs = Signs(tools.clock)
        self.warmup = warmup_of(prepared.strategy, prepared.params, timeframe_ms)

    def _session(self, decider: Decider) -> Session:
        places = decimals(self.prepared.market.price_step)
        return Session(decider, self.chart, self.mind, self.recorder, self._published, places)

    @property
    def session_id(self) -> int | None:
        return self.recorder.standing.session_id

    async def take(self, rows: Rows) -> None:
        """Rows of the feed on their route, and the signs of life they give."""
        closed_at = self.chart.closed_at
        self.signs.begin()
        await self._recall(needed=not self._past_can_wait(rows))
        await self._refuse_old_entry(rows)
        state = self.session.decider.state
        if state[slot.POSITION]:
            heard = Heard.of(self.chart.chart.forming, self.prepared.market.price_step)
            self._late.before(rows.table, state, heard)
        else:
            self._late.nothing_held()
        await self.session.take(rows, self._observe)
        await self._tell_of_extras()
        closed, kinds = self.chart.closed_at != closed_at, rows.table[:, KIND].tolist()
        decided = closed and closes(kinds[-1])
        self.signs.took(priced=any_price(kinds), closed=closed, decided=decided)

    @property
    def wants_look(self) -> bool:
        """Whether it holds something that nothing has shown for too long, as no price came."""
        state = self.session.decider.state
        if not state[slot.POSITION] or state[slot.ENDED]:
            return False
        return self.signs.unchecked_ms() >= CHECK_EVERY_MS

    async def look(self) -> None:
        """A position check without a row: its price is the last one, and old."""
        await self._recall(needed=False)
        state = self.session.decider.state
        if not self.wants_look:
            return
        self.signs.check()
        checked = observation(
            EventKind.POSITION_CHECK, self.now_at, price=int(state[slot.LAST_CLOSE])
        )
        words = position_words(self._wording, state)
        ticked = self.signs.ticked
        if ticked is None:
            words += tr(", no price yet in this run")
        else:
            now = Moment.now(self.tools.clock)
            age_ms = now.wall_at - ticked.seen(now)
            words += tr(", no price for {duration}", duration=duration(age_ms))
        await self.session.note(checked, words)

    async def _refuse_old_entry(self, rows: Rows) -> None:
        """An entry decided before candles were missed is not carried out after them: what it was
        decided on is long gone. Recorded as an input, so that a replay refuses it, too."""
        state, timeframe_ms = self.session.decider.state, self.bot.settings.timeframe_ms
        if not state[slot.PENDING_ENTER]:
            return
        missed = unheard(rows.table[rows.table[:, KIND] == RowKind.HISTORY], state, timeframe_ms)
        if len(missed):
            age_ms = int(missed[-1, AT]) + timeframe_ms - self.now_at
            refusal = (Refusal.STALE_FEED, 0, max(age_ms, 0))
            await self.session.take(input_row(Input.ACCOUNT, self.now_at, *refusal))

    async def obey(self, wish: Wish) -> None:
        """A person's wish in its place between the rows, answered once it is stored or held. A
        level that no longer fits what is held is not moved, and the log says why."""
        words = objection(wish, self._wording, self.session.decider.state)
        if words:
            await self.session.note(observation(EventKind.NOTE, self.now_at), words)
            wish.refuse(IllegalStep(words))
            return
        await self.session.take(input_row(wish.code, self.now_at, *wish.values))
        wish.done(held_words(await self.recorder.held_up()))
        if wish.words and not self.session.decider.ended:
            await self.session.note(observation(EventKind.NOTE, self.now_at), wish.words)

    @property
    def now_at(self) -> int:
        """The latest moment of market time it has reached."""
        return int(self.session.decider.state[slot.MOMENT])

    async def begin(self, first_at: int) -> None:
        """Open the session at the first row's time, with the warm-up candles before it."""
        prepared, timeframe_ms = self.prepared, self.bot.settings.timeframe_ms
        before = candles_before(prepared.strategy, prepared.params, timeframe_ms)
        candles = prepared.feed.history(before)
        history = rows_from_candles(candles, float(prepared.market.price_step), RowKind.HISTORY)
        self.chart = Charting(prepared.market, history, CandleBuilder(timeframe_ms))
        begin_earlier(self.session.decider.state, first_at)
        self.session = self._session(self.session.decider)
        self._checked_at = first_at
        await self.session.begin(first_at, history)
        await self._learn()

    async def go_on(self, past: Past, fold: Fold) -> None:
        """Take up an interrupted session with its events, folded, where its recording ends. That
        is read before the next candle closes; what asks for other markets has it read first."""
        state, timeframe_ms = self.session.decider.state, self.bot.settings.timeframe_ms
        feed, self._past = self.bot.settings.feed, past
        bar_ms = timeframe_ms if feed.kind is FeedKind.FILE else 0
        self.chart = Unread(timeframe_ms, last_price(state, bar_ms))
        self.session = self._session(self.session.decider)
        self.session.fold = fold
        self.session.event_hash = bytes.fromhex(self.recorder.standing.event_hash)
        self._checked_at = self.now_at
        if feed.kind is FeedKind.EXCHANGE:  # the others waited
            self._late.away_since(self.now_at, state)
        wrong = await self._chart_past() if past.is_read or self.following.follows else ""
        kinds = EventKind.INTERRUPTED, EventKind.RESUMED
        told = np.concatenate([observation(kind, self.now_at) for kind in kinds])
        await self.session.note(told, *_INTERRUPTED)
        await self._tell_wrong(wrong)

    def _past_can_wait(self, rows: Rows) -> bool:
        return not isinstance(self.chart, Unread) or self.chart.can_take(rows)

    async def _recall(self, *, needed: bool) -> None:
        """Chart a session that goes on once its recording is read, or now if that is `needed`.
        Raises RecordDamaged."""
        if self._past is not None and (needed or self._past.is_read):
            await self._tell_wrong(await self._chart_past())
            self._published()

    async def _chart_past(self) -> str:
        """Every candle in its place, with its indicators; what was wrong with the counters of the
        day, "" for nothing."""
        unread = self.chart
        first = await self._chart()
        assert isinstance(unread, Unread)
        rows = joined([first, unread.rows])
        wrong = set_right(self.session.decider.state, self.session.fold.log.table, rows)
        await self._learn()
        return wrong

    async def _chart(self) -> Rows:
        """Every candle in its place; the first row of the day."""
        assert self._past is not None
        remembered = await self._past.read()
        chart, self._past = remembered.chart, None
        if isinstance(self.chart, Unread):
            self.following.restore(remembered.followed, chart.closed_at)
            self.recorder.recorded.begin_with(remembered.hash)
            self.chart.hand_over(chart)
            self.chart = self.session.chart = chart
        return remembered.first_of_day

    async def _tell_wrong(self, words: str) -> None:
        if words:
            await self.session.note(observation(EventKind.ERROR, self.now_at), words)

    def _observe(self, state: IntColumn) -> Seen | None:
        """What is to be written beside the events of a step."""
        return self._late.look(state) or self._position_check(state)

    def _position_check(self, state: IntColumn) -> Seen | None:
        """Now and then how what is held stands, in the same action as the row that showed it."""
        at = int(state[slot.MOMENT])
        if not state[slot.POSITION] or state[slot.ENDED] or at - self._checked_at < CHECK_EVERY_MS:
            return None
        self._checked_at = at
        self.signs.check()
        checked = observation(EventKind.POSITION_CHECK, at, price=int(state[slot.LAST_CLOSE]))
        return Seen(checked, position_words(self._wording, state))

    async def _learn(self) -> None:
        if not isinstance(self.chart, Unread) and len(self.chart.known):
            self.chart.learn(await self.mind.ask(self.chart.known))
            await self._tell_of_extras()

    async def _tell_of_extras(self) -> None:
        """What happened to the other markets, in the log."""
        for words in self.following.news():
            if not self.session.decider.ended:
                await self.session.note(observation(EventKind.NOTE, self.now_at), words)

    def result_now(self) -> SessionResult | None:
        """What the session has come to so far; None while its recording is not read."""
        return self._figures(np.empty((0, EVENT_WIDTH), np.int64))

    def close(self) -> None:
        self.mind.close()

    def _market_stands(self, db: Action) -> None:
        feed = self.bot.settings.feed
        if feed.kind is FeedKind.SIMULATED:
            self.tools.venues.save(db, feed.seed)

    async def _last_figures(self, happened: IntMatrix) -> SessionResult:
        """What it came to. With a recording that cannot be read: what it had come to by then."""
        past = self._past
        if past is not None:
            try:
                await self._chart()
            except RecordDamaged as fault:
                logger.error("The figures of session %s are old: %s", self.session_id, fault.words)
        return self._figures(happened) or (past.last.record.result if past else SessionResult())

    def _figures(self, happened: IntMatrix) -> SessionResult | None:
        if isinstance(self.chart, Unread):
            return None
        # What was held while nothing could be stored is shown already.
        shown = len(self.session.fold.log) - self.recorder.standing.event_count
        log = np.concatenate([self.session.fold.log.table, happened[shown:]])
        close_at, closes = self.chart.lived
        return summary(log, close_at, closes).result(len(close_at))
