"""One bot: its state, its one task, the commands it is given, and how it is seen."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from engine.core import layout as slot
from engine.domain.bots import BotSettings, BotState, step
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import Scale
from engine.domain.reasons import EndReason, Input
from engine.domain.rows import AT, Rows, input_row
from engine.domain.sessions import SessionStatus
from engine.errors import Fault, IllegalStep
from engine.messages import events as ev
from engine.messages.events import EventKind, observation
from engine.messages.wording import Wording
from engine.runtime.bot_view import BotView
from engine.runtime.live import (
    Live,
    going_on,
    load_checked,
    new_record,
    new_standing,
    opening_of,
)
from engine.runtime.position_check import position_words
from engine.runtime.preparing import Prepared, Tools, carried_state, prepare
from engine.store.database import Action
from engine.store.records import BotFault, BotRecord, BotStanding
from engine.store.repositories import bot_states, sessions

logger = logging.getLogger(__name__)

CHECK_EVERY_MS: Final = 60_000
"""Market time between two position checks."""


class Bot:
    """A bot and its task. All methods are called on the loop."""

    def __init__(self, record: BotRecord, standing: BotStanding, tools: Tools) -> None:
        self.record, self.standing, self._tools = record, standing, tools
        self.state = BotState.ERROR if standing.fault else BotState.STOPPED
        self.interrupted = False
        """Its last session ended with the program, not by a person; Start goes on with it."""
        self.scale: Scale | None = None
        """What the integers in the kernel's state mean; None before the first session."""
        self.view = BotView(self)
        self.live: Live | None = None
        self.pending = False
        self._task: asyncio.Task[None] | None = None
        self._inbox: deque[Input] = deque()
        self._knocked: asyncio.Future[None] | None = None
        self._closing = False

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
        if self.live is not None:
            return int(self.live.session.decider.state[slot.POSITION])
        state = self.standing.kernel_state
        return 0 if state is None else int(state[slot.POSITION])

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
        self._closing = False
        self._inbox.clear()
        if first is not None:
            self._inbox.append(first)
        name = f"bot-{self.record.id}"
        self._task = asyncio.get_running_loop().create_task(self._run(prepared), name=name)

    async def _prepare(self) -> Prepared:
        state = self.standing.kernel_state
        after_at = None if state is None else int(state[slot.MOMENT])
        held = state is not None and bool(state[slot.POSITION])
        again = not self.interrupted and not held
        prepared = await prepare(self.settings, self._tools, after_at, again=again)
        carried_state(self.settings, state, self.scale, prepared.market)
        return prepared

    def command(self, wish: Input) -> None:
        """Put a person's command before the next row; IllegalStep unless the bot runs."""
        if not self.runs:
            raise IllegalStep(f"{self.settings.name} does not run. Start it first.")
        self._inbox.append(wish)
        self._knock()

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

    def stopped(self) -> asyncio.Task[None] | None:
        """Its task, to wait for; None when it does not run."""
        return self._task

    async def shut_down(self) -> None:
        """The program ends: stop between two batches, leave the session to be gone on with."""
        self._closing = True
        self._knock()
        if self.live is not None:
            await self.live.prepared.feed.close()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=2.0)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _knock(self) -> None:
        if self._knocked is not None and not self._knocked.done():
            self._knocked.set_result(None)

    def _step(self, then: BotState) -> None:
        self.state = step(self.state, then)
        self.changed()

    def changed(self) -> None:
        """The next snapshot is a new one, and subscribers are told."""
        self.view.stale()
        self._tools.changed()

    async def _run(self, prepared: Prepared) -> None:
        live: Live | None = None
        try:
            live = await self._open(prepared)
            if live is not None:
                await self._trade(live)
        except Fault as fault:
            await self._fail(live, type(fault).__name__, fault.words, fault.details)
        except Exception as error:
            logger.exception("Bot %s met a mistake of the program", self.record.id)
            words = (
                "A mistake in the program stopped this bot. The others go on. "
                "Copy the details and report them, then start the bot again."
            )
            trace = "".join(traceback.format_exception(error))
            await self._fail(live, type(error).__name__, words, trace)
        finally:
            await self._leave(prepared, live)

    async def _open(self, prepared: Prepared) -> Live | None:
        """The session, new or gone on with; None if stopped before any price came."""
        return await (self._go_on(prepared) if self.interrupted else self._begin(prepared))

    async def _begin(self, prepared: Prepared) -> Live | None:
        rows = await self._first_rows(prepared)
        if rows is None and self._given_up():
            return None
        tools, bot = self._tools, self.record
        state = carried_state(
            self.settings, self.standing.kernel_state, self.scale, prepared.market
        )
        first_at = int(state[slot.MOMENT]) if rows is None else int(rows.table[0, AT])
        session_id = tools.store.next_id("sessions")
        record = new_record(bot, prepared, session_id, first_at, tools.clock.now_ms())
        standing = new_standing(self.standing, session_id, state)
        live = self._live(prepared, standing, opening_of(record, prepared))
        self.live, self.scale = live, prepared.market.scale
        await live.begin(first_at)
        self._started()
        if rows is not None:
            await live.take(rows)
        return live

    async def _go_on(self, prepared: Prepared) -> Live:
        archived = await load_checked(self._tools, self.standing)
        standing = replace(self.standing, state=BotState.RUNNING, fault=None)
        opening = going_on(archived.record)
        live = self._live(prepared, standing, opening)
        self.live = live
        await live.go_on(archived)
        self._started()
        return live

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
        )

    def _started(self) -> None:
        assert self.live is not None
        self.interrupted = False
        self.view.follow(self.live)
        self._tools.history_changed()
        self._step(BotState.RUNNING)

    async def _trade(self, live: Live) -> None:
        """Rows and commands in the order they come, until the session ends."""
        feed, session = live.prepared.feed, live.session
        coming = asyncio.ensure_future(feed.next())
        try:
            while not session.decider.ended and not self._closing:
                if self._inbox:
                    await session.take(input_row(self._inbox.popleft(), live.now_at))
                elif coming.done():
                    rows = coming.result()
                    if rows is None:
                        if not self._closing:
                            await session.end(EndReason.END_OF_DATA)
                        return
                    coming = asyncio.ensure_future(feed.next())
                    await live.take(rows)
                    await self._check_position(live)
                else:
                    await self._either(coming)
        finally:
            coming.cancel()
            await asyncio.wait([coming])

    async def _either(self, coming: asyncio.Future[Rows | None]) -> None:
        """Wait for rows, or for somebody who knocks."""
        self._knocked = asyncio.get_running_loop().create_future()
        waiting: set[asyncio.Future[Any]] = {coming, self._knocked}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        self._knocked = None

    async def _first_rows(self, prepared: Prepared) -> Rows | None:
        coming = asyncio.ensure_future(prepared.feed.next())
        try:
            while not coming.done() and not self._given_up():
                await self._either(coming)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            await asyncio.wait([coming])

    def _given_up(self) -> bool:
        """Told to stop before it had begun, with nothing to close."""
        ends = {Input.STOP} if self.position else {Input.STOP, Input.CLOSE_AND_STOP}
        return self._closing or not ends.isdisjoint(self._inbox)

    async def _check_position(self, live: Live) -> None:
        state = live.session.decider.state
        if not state[slot.POSITION] or live.now_at - live.checked_at < CHECK_EVERY_MS:
            return
        live.checked_at = live.now_at
        words = position_words(Wording(live.prepared.market), state)
        seen = observation(EventKind.POSITION_CHECK, live.now_at, price=int(state[slot.LAST_CLOSE]))
        await live.session.note(seen, words)

    async def _fail(self, live: Live | None, kind: str, words: str, details: str) -> None:
        """End with an error: said in the log, stored, shown; the position is kept."""
        fault = BotFault(kind, words, details, self._tools.clock.now_ms())
        self.view.count_error(fault.at)
        self.standing = replace(self.standing, fault=fault)
        try:
            if live is not None and not live.session.decider.ended:
                live.recorder.fault = fault
                await live.session.note(observation(EventKind.ERROR, live.now_at), words)
                await live.session.end(EndReason.ERROR)
            else:
                async with self._tools.store.action("bot_failed") as db:
                    standing = self.standing if live is None else live.recorder.standing
                    bot_states.save(db, replace(standing, state=BotState.ERROR, fault=fault))
                    bot_states.release(db, self.record.id)
        except Fault as second:
            logger.error("The error of bot %s was not stored: %s", self.record.id, second.words)

    async def _leave(self, prepared: Prepared, live: Live | None) -> None:
        """The task is over: let go of everything, and stand where the store says."""
        await prepared.feed.close()
        fault = self.standing.fault
        if live is not None:
            if not live.session.decider.ended:
                await self._interrupt(live)
            self.standing = live.recorder.standing
            fault = fault or self._overflow(live.session.decider.state, live)
            live.close()
            self.view.follow(live)
        self.standing = replace(self.standing, fault=fault)
        self.live = self._task = None
        self._step(BotState.ERROR if fault else BotState.STOPPED)
        self._tools.history_changed()

    def _overflow(self, state: IntColumn, live: Live) -> BotFault | None:
        log = live.session.fold.log.table
        if not len(log) or not state[slot.ENDED]:
            return None
        ended = log[log[:, ev.KIND] == EventKind.SESSION_ENDED]
        if not len(ended) or ended[-1, ev.CODE] != EndReason.MONEY_OVERFLOW:
            return None
        words = (
            "An amount would have left the range in which money is exact. The session was ended "
            "before it did. Use a smaller share, then start the bot again."
        )
        return BotFault("MoneyOverflow", words, "", self._tools.clock.now_ms())

    async def _interrupt(self, live: Live) -> None:
        """Everything so far to disk; the next start of the program finds it interrupted."""
        record_id = live.recorder.standing.session_id
        assert record_id is not None

        def closing(db: Action, standing: BotStanding) -> None:
            sessions.set_status(db, record_id, SessionStatus.INTERRUPTED)
            bot_states.save(db, replace(standing, state=BotState.STOPPED))
            bot_states.release(db, self.record.id)

        try:
            await live.recorder.flush(closing)
            self.interrupted = True
        except Fault as fault:
            logger.error("Bot %s could not store its end: %s", self.record.id, fault.words)
