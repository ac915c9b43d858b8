"""One run of a bot: its session begun or gone on with, and all its rows taken in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.core import layout as slot
from engine.domain.bots import BotState, FeedKind
from engine.domain.reasons import EndReason, Input
from engine.domain.rows import AT
from engine.language import tr
from engine.messages.events import EventKind, observation
from engine.ports import FeedNews
from engine.runtime.bots.account import most_set_aside
from engine.runtime.bots.answers import expected
from engine.runtime.bots.desk import Desk, Seat
from engine.runtime.bots.intake import Intake, Look
from engine.runtime.running.live import Live
from engine.runtime.running.openings import going_on, new_record, new_standing, opening_of
from engine.runtime.running.preparing import Prepared, Tools, carried_state
from engine.runtime.running.restoring import check_last
from engine.runtime.running.store_pause import StorePause
from engine.runtime.running.wishes import ENTRIES, Answer, Wish
from engine.runtime.sources.strategies import source_of
from engine.store.database import Action
from engine.store.records import BotStanding

if TYPE_CHECKING:
    from engine.runtime.bots.life import Life

_ANOTHER_TEXT: Final = tr(
    "The strategy's text has changed since this session began: from here on the new "
    "one decides. The session keeps the text that it began with."
)


class Run:
    """From a prepared feed to the end of the session, or to what stops it. `first` is the bot's
    first command; with CLOSE_AND_STOP it runs for a moment, to close what it holds."""

    def __init__(
        self, bot: Life, tools: Tools, desk: Desk, prepared: Prepared, first: Input | None
    ) -> None:
        self._bot, self._tools, self._desk = bot, tools, desk
        self._prepared = prepared
        self.first = first
        self.intake = Intake(prepared.feed, None if first is None else Wish(first))
        self._store_pause = StorePause(self.intake.put)
        self._began_s: float | None = None

    @property
    def ran_s(self) -> float:
        """For how long its session has been running."""
        return 0.0 if self._began_s is None else self._tools.clock.monotonic() - self._began_s

    def command(self, wish: Input) -> Answer:
        """A person's, before the next row; IllegalStep for entries that nobody could write down."""
        self._store_pause.asked(wish)
        return self.put(Wish(wish))

    def put(self, wish: Wish) -> Answer:
        """Before the next row; what becomes of it."""
        answer = expected()
        self.intake.put(replace(wish, answer=answer))
        return answer

    async def go(self) -> None:
        """Until the session ends, or the intake is shut. Raises what stops it."""
        await (self._go_on() if self._bot.interrupted else self._begin())
        if self._bot.live is not None:
            await self._trade(self._bot.live)

    async def _begin(self) -> None:
        """A new session at the first price; none if stopped before any came."""
        bot, tools, prepared = self._bot, self._tools, self._prepared
        ends = {Input.STOP} if bot.position else {Input.STOP, Input.CLOSE_AND_STOP}
        rows = await self.intake.first_rows(ends)
        if rows is None and self.intake.gives_up(ends):
            return
        state = carried_state(bot.settings, bot.standing.kernel_state, bot.scale, prepared.market)
        first_at = int(state[slot.MOMENT]) if rows is None else int(rows.table[0, AT])
        session_id = tools.store.next_id("sessions")
        record = new_record(bot.record, prepared, session_id, first_at, tools.clock.now_ms())
        standing = new_standing(bot.standing, session_id, state)
        live = self._live(standing, opening_of(record, state))
        bot.live, bot.past, bot.scale = live, None, prepared.market.scale
        bot.changed()
        await live.begin(first_at)
        self._started()
        for news in self.intake.early_news():
            await self._tell(live, news)
        if rows is not None:
            await live.take(rows)

    async def _go_on(self) -> None:
        """The interrupted session, from the end of its recording."""
        bot, past = self._bot, self._bot.past
        assert past is not None, "an interrupted session was read"
        check_last(past.last, bot.standing)
        record = past.last.record
        standing = replace(bot.standing, state=BotState.RUNNING, fault=None)
        live = self._live(standing, going_on(record))
        bot.live = live
        bot.changed()
        await live.go_on(past, bot.view.fold)
        if self.first not in ENTRIES:  # a person's word about entries is the last one
            self._store_pause.restore(live.session.fold.log)
        self._started()
        if source_of(self._prepared.strategy)[0] != record.strategy_hash:
            await live.session.note(observation(EventKind.NOTE, live.now_at), _ANOTHER_TEXT)

    def _live(self, standing: BotStanding, opening: Callable[[Action], None]) -> Live:
        bot = self._bot
        return Live(
            bot.record,
            self._tools,
            self._prepared,
            standing,
            opening,
            self._troubled,
            bot.changed,
            silent=self.first is Input.CLOSE_AND_STOP,
        )

    def _troubled(self, words: str) -> None:
        """Why nothing can be stored, "" when it can."""
        self._bot.view.troubled(words)
        live = self._bot.live
        if live is not None and live.recorder.holds:
            self._store_pause.heard(words, bool(live.session.decider.state[slot.PAUSED]))

    def _started(self) -> None:
        self._began_s = self._tools.clock.monotonic()
        self._bot.begun()

    async def _trade(self, live: Live) -> None:
        """Rows and commands in the order they come, until the session ends."""
        bot = self._bot
        feed = bot.settings.feed
        speed = feed.speed if feed.kind is FeedKind.FILE else None
        line = (feed.kind, feed.seed, feed.exchange, speed)
        seat = self._desk.sit(bot.record.id, line, bot.settings.timeframe_ms, live.now_at)
        try:
            await self._take_all(live, seat)
        finally:
            self._desk.leave(seat)

    async def _take_all(self, live: Live, seat: Seat) -> None:
        while not live.session.decider.ended:
            await self._ask_account(live, seat)
            came = await self.intake.next()
            if came is None:
                if not self.intake.shut:
                    await live.session.end(EndReason.END_OF_DATA)
                return
            if isinstance(came, Wish):
                await live.obey(came)
            elif isinstance(came, FeedNews):
                await self._tell(live, came)
            elif isinstance(came, Look):
                await live.look()
            else:
                await live.take(came)

    async def _tell(self, live: Live, news: FeedNews) -> None:
        """What happened to the prices, in the log."""
        if news.trouble:
            self._bot.view.count_error(self._tools.clock.now_ms())
        kind = EventKind.ERROR if news.trouble else EventKind.NOTE
        await live.session.note(observation(kind, live.now_at), news.words)

    async def _ask_account(self, live: Live, seat: Seat) -> None:
        """An entry that waits needs the account's word before a price may fill it."""
        state = live.session.decider.state
        if not state[slot.PENDING_ENTER]:
            self._desk.nothing_waits(seat, live.now_at)
            return
        flips, bot = bool(state[slot.POSITION]), self._bot
        most = most_set_aside(bot.settings.trade, bot.worth, flips=flips)
        for answer in await self._desk.ask(seat, live.now_at, most, live.prepared.market.scale):
            await live.obey(answer)
