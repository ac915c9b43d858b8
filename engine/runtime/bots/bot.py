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
from engine.errors import Fault, IllegalStep
from engine.messages.snapshot import Retry
from engine.ports import Feed
from engine.runtime.bots.desk import Desk
from engine.runtime.bots.found import Found
from engine.runtime.bots.interrupted import conclude, restore_view
from engine.runtime.bots.run import Run
from engine.runtime.bots.supervisor import Supervisor
from engine.runtime.bots.view import BotView
from engine.runtime.running.live import Live
from engine.runtime.running.preparing import Past, Prepared, Tools, carried_state, prepare
from engine.runtime.running.wishes import level_wish
from engine.store.records import BotFault, BotRecord, BotStanding
from engine.store.repositories import bot_states

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
        self.wanted = False
        """It ran, or was about to, when the program went away, and no person has stopped it."""
        self.view = BotView(self, tools.clock, lambda: tools.venues.speed)
        self.live: Live | None = None
        self.pending = False
        """It is about to run: files are read, settings checked."""
        self.supervisor = Supervisor(self, tools)
        self.stop_asked = False
        """Stop came while it was about to run."""
        self._alone = False
        self.run: Run | None = None
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
            raise IllegalStep(f"{self.settings.name} runs already. Stop it first to start again.")
        self.supervisor.forget()
        with self.about_to_run():
            try:
                await self.begin(first)
            except Fault as fault:
                if not self.stop_asked:
                    await self.supervisor.not_started(fault, first)
                await self.heed_stop()
                raise
            await self.heed_stop()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Until what is begun here is stored, nobody else starts, changes or deletes the bot."""
        self._alone = True
        try:
            yield
        finally:
            self._alone = False

    @contextmanager
    def about_to_run(self) -> Iterator[None]:
        """`alone`, until it runs or what keeps it from that is stored. A Stop that comes meanwhile
        is for `heed_stop`."""
        self.pending, self.stop_asked = True, False
        try:
            with self.alone():
                yield
        finally:
            self.pending = False
            self.changed()

    async def heed_stop(self) -> None:
        """Nobody wants it to run any more, if Stop came while it was about to."""
        if self.stop_asked:
            await self._give_up()

    async def begin(self, first: Input | None) -> None:
        """The same once it is `about_to_run`; nothing is tried again, and a Stop not heeded yet."""
        before = self.state
        self._step(BotState.PENDING)
        prepared: Prepared | None = None
        try:
            prepared = await self._prepare()
            await self.keep(BotState.PENDING)
        except BaseException:
            self._step(before)
            if prepared is not None:
                await prepared.feed.close()
            raise
        if self.stop_asked:
            await prepared.feed.close()
            return
        self.run = run = Run(self, self._tools, self._desk, prepared, first)
        self._task = asyncio.get_running_loop().create_task(
            self._live_through(run), name=f"bot-{self.record.id}"
        )

    async def _prepare(self) -> Prepared:
        if self.interrupted and self.standing.fault is not None:
            # What was taken but not stored when it failed must not count as known.
            await restore_view(self, self._tools, Found())
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

    async def keep(self, state: BotState) -> None:
        """Store what is wished for, so that a restart knows: PENDING wants to run. What was wrong
        is over."""
        standing = replace(self.standing, state=state, fault=None)
        async with self._tools.store.action("keep_wish") as db:
            bot_states.save(db, standing)
        self.standing, self.wanted = standing, False

    def command(self, wish: Input) -> None:
        """Put a person's command before the next row; IllegalStep unless the bot runs."""
        if self.run is None:
            raise IllegalStep(f"{self.settings.name} does not run. Start it first.")
        self.run.command(wish)

    def move(self, level: Input, price: Decimal) -> None:
        """Put MOVE_STOP or MOVE_TARGET before the next row; InvalidSetting or IllegalStep with
        words if it does not fit, and then nothing is recorded."""
        if self.run is None or self.live is None:
            raise IllegalStep(f"{self.settings.name} does not run. Start it to move a level.")
        state = self.live.session.decider.state
        self.run.intake.put(level_wish(level, price, self.live.prepared.market, state))

    async def stop(self) -> None:
        """End the session and keep the position; one that waits to be started is not. IllegalStep
        if it does neither."""
        if self.pending:
            self.stop_asked = True
        elif self.retry is not None:
            with self.alone():
                await self._give_up()
        else:
            self.command(Input.STOP)

    async def _give_up(self) -> None:
        """Nobody wants it to run any more: its interrupted session, if any, is over."""
        self.supervisor.forget()
        if self.interrupted:
            await conclude(self, self._tools)
        await self.keep(BotState.STOPPED)
        self._step(BotState.STOPPED)

    async def beat(self) -> None:
        """Once a second: what happens by our time and not by the market's."""
        self.view.look_at_feed()
        if self.live is not None and self.run is not None:
            if self.live.wants_look:
                self.run.intake.ask_to_look()
            await self.live.recorder.flush_overdue()

    def concluded(self, standing: BotStanding, happened: IntMatrix, notes: list[str]) -> None:
        """Its interrupted session was ended without it."""
        self.standing, self.interrupted, self.wanted = standing, False, False
        self.view.take_note(happened, notes)
        self.changed()

    def forget(self, standing: BotStanding) -> None:
        """Begin anew, as if it had never run."""
        self.standing, self.interrupted, self.scale = standing, False, None
        self.wanted = False
        self._step(BotState.STOPPED)
        self.view.forget()
        self.changed()

    async def shut_down(self) -> None:
        """The program ends: stop between two batches, leave the session to be gone on with."""
        await self.supervisor.close()
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

    def rest(self, fault: BotFault | None, standing: BotStanding) -> None:
        """The task is over; it stands as the store says, in error for a `fault`."""
        self.standing = replace(standing, fault=fault)
        self.live = self._task = self.run = None
        self._step(BotState.ERROR if fault else BotState.STOPPED)
        self._tools.history_changed()
