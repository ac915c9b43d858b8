"""One bot: its state, its one task, the commands it is given, and how it is seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.core import layout as slot
from engine.core.layout import equity_of
from engine.domain.bots import BotSettings, BotState, step
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import Scale
from engine.domain.reasons import Input
from engine.errors import Fault, WaitAndRetry
from engine.messages.snapshot import Retry
from engine.ports import Feed
from engine.runtime.bots import refusing
from engine.runtime.bots.answers import (
    answer_unserved,
    answered,
    expected,
    stay_stopped,
    waiting_words,
)
from engine.runtime.bots.desk import Desk
from engine.runtime.bots.first import first_of
from engine.runtime.bots.found import Found
from engine.runtime.bots.interrupted import conclude, remember, restore_views
from engine.runtime.bots.run import Run
from engine.runtime.bots.supervisor import Supervisor
from engine.runtime.bots.view import BotView
from engine.runtime.running.live import Live
from engine.runtime.running.past import Past
from engine.runtime.running.preparing import Prepared, Since, Tools, carried_state, prepare
from engine.runtime.running.wishes import ENTRIES, Answer, Wish, held_words, level_wish
from engine.store.records import BotFault, BotRecord, BotStanding
from engine.store.repositories import bot_states

logger = logging.getLogger(__name__)

_WANTED: Final = (BotState.PENDING, BotState.RUNNING)
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
        self.wanted = False
        """It ran, or was about to, when the program went away, and no person has stopped it."""
        self.view = BotView(self, tools.stale, lambda: tools.venues.speed)
        self.live: Live | None = None
        self.past: Past | None = None
        """The recording of the session that it ran last before the program began."""
        self.pending = False
        """It is about to run: files are read, settings checked."""
        self.supervisor = Supervisor(self, tools)
        self.stop_asked = False
        """Stop came while it was about to run."""
        self._alone = False
        self.first: Input | None = None
        """The first command of its run, or of the next one."""
        self.run: Run | None = None
        self._over: Answer | None = None
        """When it is not about to run any more."""
        self._task: asyncio.Task[None] | None = None

    @property
    def settings(self) -> BotSettings:
        return self.record.settings

    @property
    def holds_share(self) -> bool:
        """Its share is taken from the account's free balance."""
        return self.standing.kernel_state is not None or self.live is not None or self.waits

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
        return None if self.run is None else self.run.intake.feed

    @property
    def runs(self) -> bool:
        """Its task is there: pending or running."""
        return self._task is not None

    @property
    def busy(self) -> bool:
        """It runs, or something is done with it that nothing may come in between."""
        return self.runs or self._alone

    @property
    def beginning(self) -> bool:
        """It is about to run, or to go on with its session."""
        return self.pending or (self.runs and self.interrupted)

    @property
    def retry(self) -> Retry | None:
        """The program is going to start it again."""
        return self.supervisor.retry

    @property
    def waits(self) -> bool:
        """It is prepared to run, or the program is going to start it again."""
        return self.pending or self.retry is not None

    # ------------------------------------------------------------------ what is asked of it

    async def start(self, first: Input | None = None) -> None:
        """Prepare and begin; returns once the task runs. `first` is its first command.

        Raises IllegalStep when it runs already, or what is wrong with its settings or files; it is
        then as it was. After a fault that may pass by itself it is raised as well, and the program
        tries again.
        """
        if self.busy:
            raise refusing.runs_already(self.settings.name)
        self.supervisor.forget()
        with self.about_to_run():
            try:
                await self.begin(first)
            except Fault as fault:
                if not self.stop_asked:
                    await self.supervisor.not_started(fault)
                await self.heed_stop()
                raise
            await self.heed_stop()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Until what is begun here is stored, nobody else starts, changes or deletes the bot."""
        before, self._alone = self._alone, True
        try:
            yield
        finally:
            self._alone = before

    @contextmanager
    def about_to_run(self) -> Iterator[None]:
        """`alone`, until it runs or what keeps it from that is stored. A Stop that comes meanwhile
        is for `heed_stop`; who asked for it waits for the end of this."""
        self.pending, self.stop_asked = True, False
        over = self._over = expected()
        try:
            with self.alone():
                yield
        finally:
            self.pending = False
            over.set_result("")
            self.changed()

    async def heed_stop(self) -> None:
        """Nobody wants it to run any more, if Stop came while it was about to."""
        if self.stop_asked:
            await self.give_up()

    async def begin(self, first: Input | None) -> None:
        """The same once it is `about_to_run`; nothing is tried again, and a Stop not heeded yet."""
        before = self.state
        self._step(BotState.PENDING)
        self.first = first
        prepared: Prepared | None = None
        try:
            prepared = await self._prepare()
            await self.keep(BotState.PENDING, self.first)
            if self.standing.first is not self.first:  # asked for meanwhile
                await self.keep(BotState.PENDING, self.first)
        except BaseException:
            self._step(before)
            if prepared is not None:
                await prepared.feed.close()
            raise
        if self.stop_asked:
            await prepared.feed.close()
            return
        self.run = run = Run(self, self._tools, self._desk, prepared, self.first)
        self._task = asyncio.get_running_loop().create_task(
            self._live_through(run), name=f"bot-{self.record.id}"
        )

    async def _prepare(self) -> Prepared:
        if self.interrupted and self.standing.fault is not None:
            # What was taken but not stored when it failed must not count as known.
            await restore_views([self], self._tools, Found())
            await remember(self)
        state = self.standing.kernel_state
        after_at = None if state is None else int(state[slot.MOMENT])
        held = state is not None and bool(state[slot.POSITION])
        since = Since(
            after_at,
            self.interrupted,
            self.view.known_until,
            again=not self.interrupted and not held,
        )
        prepared = await prepare(self.settings, self._tools, since)
        carried_state(self.settings, state, self.scale, prepared.market)
        return prepared

    async def keep(self, state: BotState, first: Input | None = None) -> None:
        """Store what is wished for, so that a restart knows: PENDING wants to run, and to begin
        with `first`. What was wrong is over."""
        standing = replace(self.standing, state=state, fault=None, first=first)
        async with self._tools.store.action("keep_wish") as db:
            bot_states.save(db, standing)
        self.standing, self.wanted = standing, False

    async def command(self, wish: Input) -> str:
        """Put a person's command before the next row: "" once it is stored, else why it is not
        yet. IllegalStep unless the bot runs, or if it stopped before it came to that."""
        closes = wish is Input.CLOSE_AND_STOP
        if self.pending and closes:
            return await self._close_at_once()
        if self.run is None:
            raise refusing.does_not_run(self.settings.name)
        answer = self.run.command(wish)
        if self.live is None and (wish in ENTRIES or (closes and self.position)):
            return await self._ask_first(first_of(self.first, (Wish(wish),)) or wish)
        return await answered(answer, lambda: waiting_words(self))

    async def _close_at_once(self) -> str:
        """It is being prepared: what it holds is closed first thing."""
        self.first = Input.CLOSE_AND_STOP
        words = await self._start_ends()
        if not words and not self.runs and self.retry is None and self.position:
            raise refusing.not_closed(self.settings.name)
        return words

    async def _start_ends(self) -> str:
        """ "" once it does, else why it lasts."""
        assert self._over is not None, "what is pending was begun"
        return await answered(self._over, lambda: waiting_words(self))

    async def _ask_first(self, wish: Input) -> str:
        """No session can take it yet, and a restart must know of it."""
        self.first, self.standing = wish, replace(self.standing, first=wish)
        try:
            async with self._tools.store.action("keep_first") as db:
                bot_states.ask(db, self.record.id, wish)
        except WaitAndRetry as fault:
            return held_words(fault.words)
        return ""

    async def move(self, level: Input, price: Decimal) -> str:
        """Put MOVE_STOP or MOVE_TARGET before the next row: "" once it is stored, else why it is
        not yet. InvalidSetting or IllegalStep with words if it does not fit, and then nothing is
        recorded."""
        if self.run is None or self.live is None:
            raise refusing.moves_nothing(self.settings.name)
        state = self.live.session.decider.state
        wish = level_wish(level, price, self.live.prepared.market, state)
        return await answered(self.run.put(wish), lambda: waiting_words(self))

    async def stop(self) -> str:
        """End the session and keep the position; one that waits to be started is not. "" once that
        is stored, else why it is not yet. IllegalStep if it does neither."""
        if self.pending:
            self.stop_asked = True
            return await self._start_ends() or await stay_stopped(self)
        if self.retry is not None or (self.run is None and self.state is BotState.PENDING):
            await self.give_up()
            return ""
        return await self.command(Input.STOP)

    @property
    def stored_as_wanted(self) -> bool:
        """By what is stored it runs or is about to, though it has no task."""
        wanted = self.interrupted or self.standing.state in _WANTED
        return wanted and not (self.runs or self.pending)

    async def give_up(self) -> None:
        """Nobody wants it to run any more: its interrupted session, if any, is over."""
        self.supervisor.forget()
        with self.alone():
            if self.interrupted:
                await conclude(self, self._tools)
            await self.keep(BotState.STOPPED)
        self._step(BotState.STOPPED)

    def beat(self, *, stores: bool) -> bool:
        """Once a second, by our time and not by the market's; whether what waits is to be stored,
        which is its turn if it `stores`."""
        self.view.look_at_feed()
        if self.live is None or self.run is None:
            return False
        if self.live.wants_look:
            self.run.intake.ask_to_look()
        return self.live.recorder.wants_store(in_turn=stores)

    def concluded(self, standing: BotStanding, happened: IntMatrix, notes: list[str]) -> None:
        """Its interrupted session was ended without it."""
        self.standing, self.interrupted, self.wanted = standing, False, False
        self.view.take_note(happened, notes)
        self.changed()

    def forget(self, standing: BotStanding) -> None:
        """Begin anew, as if it had never run."""
        self.standing, self.interrupted, self.scale = standing, False, None
        self.past = None
        self.wanted = False
        self._step(BotState.STOPPED)
        self.view.forget()
        self.changed()

    async def shut_down(self) -> None:
        """The program ends: stop between two batches, leave the session to be gone on with."""
        await self.supervisor.close()
        if self.past is not None:
            await self.past.close()
        if self.run is not None:
            await self.run.intake.shut_down()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_PATIENCE_S)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # ------------------------------------------------------------------ its life
    def _step(self, then: BotState) -> None:
        if then is not self.state:
            self.state = step(self.state, then)
        self.changed()

    def changed(self) -> None:
        """The next snapshot is a new one, and subscribers are told."""
        self.view.stale()
        self._tools.changed()

    def stand_in_error(self) -> None:
        """It could not be started; its standing says why."""
        self._step(BotState.ERROR)

    def begun(self) -> None:
        """Its session runs."""
        assert self.live is not None
        self.interrupted = False
        self.view.follow(self.live)
        self._tools.history_changed()
        self._step(BotState.RUNNING)

    async def _live_through(self, run: Run) -> None:
        failed: Exception | None = None
        try:
            await run.go()
        except Fault as fault:
            failed = fault
        except Exception as error:
            logger.exception("Bot %s met a mistake of the program", self.record.id)
            failed = error
        finally:
            await run.intake.close()
            await self.supervisor.rest(run, failed)
        if not run.intake.shut:
            await answer_unserved(self, run.intake.unserved)

    def rest(self, fault: BotFault | None, standing: BotStanding) -> None:
        """The task is over; it stands as the store says, in error for a `fault`."""
        self.standing = replace(standing, fault=fault)
        if self.live is not None:
            self.past = None
        self.live = self._task = self.run = None
        self._step(BotState.ERROR if fault else BotState.STOPPED)
        self._tools.history_changed()
