"""What follows when a bot's task is over: it stands still, stands in error, or is tried again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.bots import BotState
from engine.domain.reasons import EndReason, Input
from engine.errors import Fault
from engine.language import trn
from engine.messages.snapshot import Retry
from engine.runtime.bots.first import first_of
from engine.runtime.bots.interrupted import conclude
from engine.runtime.bots.retrying import Retrying
from engine.runtime.running.endings import (
    fault_of,
    interrupt,
    note_error,
    overflow_fault,
    tell_error,
)
from engine.runtime.running.recorder import RETRY_AFTER_S
from engine.store.records import BotFault

if TYPE_CHECKING:
    from engine.runtime.bots.life import Life
    from engine.runtime.bots.run import Run
    from engine.runtime.running.live import Live
    from engine.runtime.running.preparing import Tools

logger = logging.getLogger(__name__)


class Supervisor:
    """One bot's. Its session is interrupted where the program tries again, so that it goes on under
    the same id, and ends with the error where it does not. A position is kept in both cases."""

    def __init__(self, bot: Life, tools: Tools) -> None:
        self._bot, self._tools = bot, tools
        self._retrying = Retrying(bot.record.id, tools.clock, self._try_again)

    @property
    def retry(self) -> Retry | None:
        """The try that is waited for."""
        return self._retrying.next

    def forget(self) -> None:
        """A person has taken over."""
        self._retrying.forget()

    async def close(self) -> None:
        """The program ends."""
        await self._retrying.close()

    async def not_started(self, fault: Fault) -> None:
        """It could not be started: as it was, or it is tried again."""
        if fault.tries != 0:
            await self._failed_again(fault)

    async def rest(self, run: Run, failed: Exception | None) -> None:
        """Its task is over: let go of everything, and stand where the store says."""
        bot, unserved = self._bot, run.intake.unserved
        asked = [wish.code for wish in unserved]
        again = failed is not None and self._goes_on_after(failed, run, asked)
        bot.first = first_of(bot.first, unserved if again or run.intake.shut else ())
        fault = None if failed is None else self._told(failed, again=again)
        live, standing = bot.live, bot.standing
        if live is not None and live.recorder.begun:
            fault = await self._leave(live, fault, run, again=again)
            standing = live.recorder.standing
            bot.view.follow(live)
        elif fault is not None:
            standing = replace(standing, first=bot.first if again else None)
            standing = await note_error(self._tools, standing, fault, again=again)
        elif not run.intake.shut:
            await self._never_began()
            standing = bot.standing
        if live is not None:
            live.close()
        bot.rest(fault, standing)
        if again and failed is not None and not run.intake.shut:
            self._retrying.wait(failed)
            bot.changed()

    def _goes_on_after(self, failed: Exception, run: Run, asked: Sequence[Input]) -> bool:
        """Whether it is started again; what a person has asked for meanwhile counts."""
        return Input.STOP not in asked and self._retrying.count_fault(failed, run.ran_s)

    def _told(self, failed: Exception, *, again: bool) -> BotFault:
        """What a person is told of it."""
        fault = fault_of(failed, self._tools.clock.now_ms())
        self._bot.view.count_error(fault.at)
        tried = self._retrying.tried
        if not again and tried:
            words = trn(
                "{words} The program tried again once and has given up.",
                "{words} The program tried again {count} times and has given up.",
                tried,
                words=fault.words,
            )
            fault = replace(fault, words=words)
        return fault

    async def _leave(
        self, live: Live, fault: BotFault | None, run: Run, *, again: bool
    ) -> BotFault | None:
        """The session is interrupted, or ends with the error. The error in the end."""
        decider = live.session.decider
        if fault is not None and not decider.ended:
            await tell_error(live, fault, ends=not again)
        if not decider.ended:
            first = self._bot.first
            self._bot.interrupted = await interrupt(live, fault, first)
            while again and not self._bot.interrupted and not run.intake.shut:
                await self._tools.clock.sleep(RETRY_AFTER_S)
                self._bot.interrupted = await interrupt(live, fault, first)
        return fault or overflow_fault(live, self._tools.clock.now_ms())

    async def _never_began(self) -> None:
        """A person stopped it before its first price."""
        try:
            await self._bot.keep(BotState.STOPPED)
        except Fault as fault:
            logger.error("Bot %s could not store its end: %s", self._bot.record.id, fault.words)

    async def _try_again(self) -> None:
        """The wait is over."""
        bot = self._bot
        with bot.about_to_run():
            try:
                await bot.begin(bot.first)
            except Fault as fault:
                await self._failed_again(fault)
            except Exception as error:
                logger.exception("Bot %s met a mistake of the program", bot.record.id)
                await self._failed_again(error)
            try:
                await bot.heed_stop()
            except Fault as fault:
                logger.error("Bot %s could not store its end: %s", bot.record.id, fault.words)

    async def _failed_again(self, error: Exception) -> None:
        again = not self._bot.stop_asked and self._retrying.count_fault(error, 0.0)
        await self._stand_in_error(error, again=again)
        if again and not self._bot.stop_asked:
            self._retrying.wait(error)
        self._bot.changed()

    async def _stand_in_error(self, error: Exception, *, again: bool) -> None:
        """Without a task. Where nothing is tried any more its interrupted session ends."""
        bot, fault = self._bot, self._told(error, again=again)
        bot.standing = replace(bot.standing, fault=fault, first=bot.first if again else None)
        if bot.interrupted and not again:
            try:
                await conclude(bot, self._tools, EndReason.ERROR)
            except Fault as second:
                logger.error("The session of bot %s goes on: %s", bot.record.id, second.words)
        bot.standing = await note_error(self._tools, bot.standing, fault, again=again)
        bot.stand_in_error()
