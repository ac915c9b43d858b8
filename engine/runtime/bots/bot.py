"""One bot: its state, its one task, the commands it is given, and how it is seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.core import layout as slot
from engine.core.layout import equity_of
from engine.domain.bots import BotSettings, BotState, FeedKind, step
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import Scale
from engine.domain.reasons import EndReason, Input
from engine.domain.rows import AT
from engine.errors import Fault, IllegalStep
from engine.messages.events import EventKind, observation
from engine.ports import Feed, FeedNews
from engine.runtime.bots.account import most_set_aside
from engine.runtime.bots.desk import Desk, Seat
from engine.runtime.bots.intake import Intake
from engine.runtime.bots.view import BotView
from engine.runtime.running.endings import (
    end_with_error,
    fault_of,
    interrupt,
    note_error,
    overflow_fault,
)
from engine.runtime.running.live import Live
from engine.runtime.running.openings import going_on, new_record, new_standing, opening_of
from engine.runtime.running.preparing import Past, Prepared, Tools, carried_state, prepare
from engine.runtime.running.restoring import load_checked
from engine.runtime.running.wishes import Wish, level_wish
from engine.store.database import Action
from engine.store.records import BotFault, BotRecord, BotStanding

logger = logging.getLogger(__name__)

_PATIENCE_S: Final = 2.0
"""Wall time given to a bot to come to a stop when the program ends."""


class Bot:
    """A bot and its task. All methods are called on the loop."""

    def __init__(self, record: BotRecord, standing: BotStanding, tools: Tools, desk: Desk) -> None:
        self.record, self.standing = record, standing
        self._tools, self._desk = tools, desk
        self.state = BotState.ERROR if standing.fault else BotState.STOPPED
        self.interrupted = False
        """Its last session ended with the program, not by a person; Start goes on with it."""
        self.scale: Scale | None = None
        """What the integers in the kernel's state mean; None before the first session."""
        self.view = BotView(self)
        self.live: Live | None = None
        self.pending = False
        """It is about to run: files are read, settings checked."""
        self._task: asyncio.Task[None] | None = None
        self._intake: Intake | None = None
        self._only_closes = False
        """It runs for a moment, to close what it holds."""

    @property
    def settings(self) -> BotSettings:
        return self.record.settings

    @property
    def holds_share(self) -> bool:
        """Its share is taken from the account's free balance."""
        return self.standing.kernel_state is not None or self.pending or self.live is not None

    @property
    def position(self) -> int:
        """Signed amount held, running or not."""
        state = self._state_now
        return 0 if state is None else int(state[slot.POSITION])

    @property
    def set_aside(self) -> Decimal:
        """What its position has set aside."""
        state, scale = self._state_now, self.scale
        return Decimal(0) if state is None or not scale else scale.money(state[slot.COLLATERAL])

    @property
    def worth(self) -> Decimal:
        """Its equity at the last price; before its first session its share."""
        state, scale = self._state_now, self.scale
        if state is None or scale is None:
            return self.settings.trade.cash
        return scale.money(equity_of(state, int(state[slot.LAST_CLOSE])))

    @property
    def _state_now(self) -> IntColumn | None:
        live = self.live
        return self.standing.kernel_state if live is None else live.session.decider.state

    @property
    def feed(self) -> Feed | None:
        """Its prices while it runs."""
        return None if self._intake is None else self._intake.feed

    @property
    def runs(self) -> bool:
        """Its task is there: pending or running."""
        return self._task is not None

    async def start(self, first: Input | None = None) -> None:
        """Prepare and begin; returns once the task runs. `first` is its first command.

        Raises IllegalStep when it runs already, or what is wrong with its settings or files;
        it is then as it was.
        """
        if self.runs or self.pending:
            raise IllegalStep(f"{self.settings.name} runs already. Stop it first to start again.")
        before = self.state
        self._step(BotState.PENDING)
        self.pending = True
        try:
            prepared = await self._prepare()
        except BaseException:
            self.state = before
            self.changed()
            raise
        finally:
            self.pending = False
        self.standing = replace(self.standing, fault=None)
        self._only_closes = first is Input.CLOSE_AND_STOP
        self._intake = intake = Intake(prepared.feed, None if first is None else Wish(first))
        self._task = asyncio.get_running_loop().create_task(
            self._run(prepared, intake), name=f"bot-{self.record.id}"
        )

    async def _prepare(self) -> Prepared:
        state = self.standing.kernel_state
        after_at = None if state is None else int(state[slot.MOMENT])
        held = state is not None and bool(state[slot.POSITION])
        past = Past(
            after_at,
            self.interrupted,
            self.view.known_until,
            again=not self.interrupted and not held,
        )
        prepared = await prepare(self.settings, self._tools, past)
        carried_state(self.settings, state, self.scale, prepared.market)
        return prepared

    def command(self, wish: Input) -> None:
        """Put a person's command before the next row; IllegalStep unless the bot runs."""
        if self._intake is None:
            raise IllegalStep(f"{self.settings.name} does not run. Start it first.")
        self._intake.put(Wish(wish))

    def move(self, level: Input, price: Decimal) -> None:
        """Put MOVE_STOP or MOVE_TARGET before the next row; InvalidSetting or IllegalStep with
        words if it does not fit, and then nothing is recorded."""
        if self._intake is None or self.live is None:
            raise IllegalStep(f"{self.settings.name} does not run. Start it to move a level.")
        state = self.live.session.decider.state
        self._intake.put(level_wish(level, price, self.live.prepared.market, state))

    def concluded(self, standing: BotStanding, happened: IntMatrix) -> None:
        """Its interrupted session was ended without it."""
        self.standing, self.interrupted = standing, False
        self.view.take_note(happened)
        self.changed()

    def forget(self, standing: BotStanding) -> None:
        """Begin anew, as if it had never run."""
        self.standing, self.interrupted, self.scale = standing, False, None
        self.state = BotState.STOPPED
        self.view.forget()
        self.changed()

    async def shut_down(self) -> None:
        """The program ends: stop between two batches, leave the session to be gone on with."""
        if self._intake is not None:
            await self._intake.shut_down()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_PATIENCE_S)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _step(self, then: BotState) -> None:
        self.state = step(self.state, then)
        self.changed()

    def changed(self) -> None:
        """The next snapshot is a new one, and subscribers are told."""
        self.view.stale()
        self._tools.changed()

    async def _run(self, prepared: Prepared, intake: Intake) -> None:
        try:
            await (self._go_on(prepared) if self.interrupted else self._begin(prepared, intake))
            if self.live is not None:
                await self._trade(self.live, intake)
        except Exception as error:
            if not isinstance(error, Fault):
                logger.exception("Bot %s met a mistake of the program", self.record.id)
            await self._fail(fault_of(error, self._tools.clock.now_ms()))
        finally:
            await intake.close()
            await self._leave()

    async def _begin(self, prepared: Prepared, intake: Intake) -> None:
        """A new session at the first price; none if stopped before any came."""
        ends = {Input.STOP} if self.position else {Input.STOP, Input.CLOSE_AND_STOP}
        rows = await intake.first_rows(ends)
        if rows is None and intake.gives_up(ends):
            return
        tools, bot = self._tools, self.record
        state = carried_state(
            self.settings, self.standing.kernel_state, self.scale, prepared.market
        )
        first_at = int(state[slot.MOMENT]) if rows is None else int(rows.table[0, AT])
        session_id = tools.store.next_id("sessions")
        record = new_record(bot, prepared, session_id, first_at, tools.clock.now_ms())
        standing = new_standing(self.standing, session_id, state)
        live = self._live(prepared, standing, opening_of(record))
        self.live, self.scale = live, prepared.market.scale
        await live.begin(first_at)
        self._started()
        for news in intake.early_news():
            await self._tell(live, news)
        if rows is not None:
            await live.take(rows)

    async def _go_on(self, prepared: Prepared) -> None:
        """The interrupted session, from the end of its recording."""
        archived = await load_checked(self._tools, self.standing)
        standing = replace(self.standing, state=BotState.RUNNING, fault=None)
        opening = going_on(archived.record)
        live = self._live(prepared, standing, opening)
        self.live = live
        await live.go_on(archived)
        self._started()

    def _live(
        self, prepared: Prepared, standing: BotStanding, opening: Callable[[Action], None]
    ) -> Live:
        return Live(
            self.record,
            self._tools,
            prepared,
            standing,
            opening,
            self.view.troubled,
            self.changed,
            silent=self._only_closes,
        )

    def _started(self) -> None:
        assert self.live is not None
        self.interrupted = False
        self.view.follow(self.live)
        self._tools.history_changed()
        self._step(BotState.RUNNING)

    async def _trade(self, live: Live, intake: Intake) -> None:
        """Rows and commands in the order they come, until the session ends."""
        feed = self.settings.feed
        speed = feed.speed if feed.kind is FeedKind.FILE else None
        line = (feed.kind, feed.seed, feed.exchange, speed)
        seat = self._desk.sit(self.record.id, line, self.settings.timeframe_ms, live.now_at)
        try:
            await self._take_all(live, intake, seat)
        finally:
            self._desk.leave(seat)

    async def _take_all(self, live: Live, intake: Intake, seat: Seat) -> None:
        while not live.session.decider.ended:
            await self._ask_account(live, seat)
            came = await intake.next()
            if came is None:
                if not intake.shut:
                    await live.session.end(EndReason.END_OF_DATA)
                return
            if isinstance(came, Wish):
                await live.obey(came)
            elif isinstance(came, FeedNews):
                await self._tell(live, came)
            else:
                await live.take(came)

    async def _tell(self, live: Live, news: FeedNews) -> None:
        """What happened to the prices, in the log."""
        if news.trouble:
            self.view.count_error(self._tools.clock.now_ms())
        kind = EventKind.ERROR if news.trouble else EventKind.NOTE
        await live.session.note(observation(kind, live.now_at), news.words)

    async def _ask_account(self, live: Live, seat: Seat) -> None:
        """An entry that waits needs the account's word before a price may fill it."""
        state = live.session.decider.state
        if not state[slot.PENDING_ENTER]:
            self._desk.nothing_waits(seat, live.now_at)
            return
        flips = bool(state[slot.POSITION])
        most = most_set_aside(self.settings.trade, self.worth, flips=flips)
        answer = await self._desk.ask(seat, live.now_at, most, live.prepared.market.scale)
        if answer is not None:
            await live.obey(answer)

    async def _fail(self, fault: BotFault) -> None:
        """Said in the log, stored, shown; the position is kept."""
        self.view.count_error(fault.at)
        live = self.live
        if live is not None and live.recorder.begun and not live.session.decider.ended:
            await end_with_error(live, fault)
        else:
            begun = live is not None and live.recorder.begun
            standing = live.recorder.standing if live is not None and begun else self.standing
            await note_error(self._tools, standing, fault)
        self.standing = replace(self.standing, fault=fault)

    async def _leave(self) -> None:
        """The task is over: let go of everything, and stand where the store says."""
        live, fault = self.live, self.standing.fault
        if live is not None:
            if live.recorder.begun:
                if not live.session.decider.ended:
                    self.interrupted = await interrupt(live)
                fault = fault or overflow_fault(live, self._tools.clock.now_ms())
                self.standing = live.recorder.standing
                self.view.follow(live)
            live.close()
        self.standing = replace(self.standing, fault=fault)
        self.live = self._task = self._intake = None
        self._step(BotState.ERROR if fault else BotState.STOPPED)
        self._tools.history_changed()
