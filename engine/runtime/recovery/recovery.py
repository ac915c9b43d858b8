"""The start of the program, always the same way: what is stored is checked and made right, then a
person sees what ran and what was missed, and bots go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.domain.reasons import Input
from engine.domain.sessions import session_label
from engine.errors import Fault, IllegalStep, RecordDamaged
from engine.language import tr
from engine.messages.recovery import RanBot, RestartCheck, ResumeChoice
from engine.runtime.bots.answers import asked_of_all
from engine.runtime.bots.bot import Bot
from engine.runtime.bots.bots import Bots
from engine.runtime.bots.found import Found
from engine.runtime.recovery.away import Asked, Left, missed_by
from engine.runtime.recovery.checking import Finding, Told, check_chains, earlier
from engine.runtime.recovery.rechecking import Rechecking
from engine.runtime.recovery.repairing import Repairs
from engine.runtime.running.preparing import Tools
from engine.store.repositories import preferences

logger = logging.getLogger(__name__)

_ROOM: Final = 100
"""So many differences are kept to be shown; all of them are in the log."""


class Recovery:
    """One start. `check` is what is known of it by now."""

    def __init__(self, tools: Tools, bots: Bots, choice: ResumeChoice) -> None:
        self._tools, self._bots = tools, bots
        self._repairs = Repairs(tools.store)
        self._leaving = asyncio.Lock()
        self._left: dict[int, Left] = {}
        """Bots that ran, as they were left."""
        self._file: asyncio.Task[None]
        self._rest: Rechecking
        self.check = RestartCheck(choice)

    @classmethod
    async def begin(cls, tools: Tools, bots: Bots, found: Found) -> Recovery:
        """Compare what bots go on with with its events, and make it right; the file and older
        sessions are looked at meanwhile."""
        self = cls(tools, bots, await preferences.resume_choice(tools.store))
        await self._take(await self._findings(found))
        ran = tuple(
            RanBot(
                bot.record.id,
                (bot.standing.session_id or 0) if bot.interrupted else 0,
                found.crashed(bot.record.id),
                found.seen_at(bot.record.id),
                closes=bot.standing.first is Input.CLOSE_AND_STOP,
            )
            for bot in bots.all()
            if bot.wanted
        )
        self.check = replace(self.check, ran=ran)
        for bot in bots.all():
            left = Left.of(bot) if bot.interrupted else None
            if left is not None:
                self._left[bot.record.id] = left
        self._file = asyncio.get_running_loop().create_task(self._check_file(), name="check-file")
        self._rest = Rechecking(tools.store, tools.clock, self._take)
        bots.begin_to_remember()
        return self

    async def close(self) -> None:
        """What is half done is done; the rest waits for the next start."""
        self._file.cancel()
        await asyncio.wait([self._file])
        await self._rest.close()

    # ------------------------------------------------------------------ checked and made right

    async def _findings(self, found: Found) -> list[Finding]:
        findings = [
            Finding(
                found.standings[bot_id].session_id or 0,
                "sessions",
                f"{session_label(found.standings[bot_id].session_id or 0)}: {fault.words}",
            )
            for bot_id, fault in found.unreadable.items()
        ]
        chains = []
        for bot_id, last in found.last.items():
            standing = self._bots.get(bot_id).standing
            one = Told(last.record, last.log, standing, last.rows)
            try:
                chains.append([*await earlier(self._tools.store, one), one])
            except Fault as fault:
                words = tr(
                    "{label}, what it took over: {words}",
                    label=session_label(last.record.id),
                    words=fault.words,
                )
                findings.append(Finding(last.record.id, "events", words))
        return findings + await check_chains(self._tools.store, chains)

    async def _take(self, findings: Sequence[Finding]) -> None:
        """Make right what can be, and tell of all of it."""
        if not findings:
            return
        told = await self._repairs.repair(findings)
        for finding, difference in zip(findings, told, strict=True):
            if finding.standing and difference.repaired:
                self._correct(finding)
        every = (*self.check.differences, *told)[:_ROOM]
        self._learn(differences=every, backup=self._repairs.backup)

    def _correct(self, finding: Finding) -> None:
        for bot in self._bots.all():
            if bot.standing.session_id == finding.session_id and bot.live is None:
                bot.standing = replace(bot.standing, **finding.standing)  # type: ignore[arg-type]
                bot.changed()

    async def _check_file(self) -> None:
        clock = self._tools.clock
        began = clock.monotonic()
        try:
            await self._tools.store.check_file()
        except RecordDamaged as fault:
            logger.error("The database file is damaged: %s", fault.details)
            self._learn(file_words=fault.words, damaged=True)
        except Fault as fault:
            self._learn(
                file_words=tr("The database file was not checked. {words}", words=fault.words)
            )
        else:
            took = clock.monotonic() - began
            words = tr("The database file is whole (checked in {took:.1f} s).", took=took)
            self.check = replace(self.check, file_words=words)  # no news that anybody waits for

    def _learn(self, **known: object) -> None:
        self.check = replace(self.check, **known)  # type: ignore[arg-type]
        self._tools.changed()

    # ------------------------------------------------------------------ while it was away

    async def look_back(self) -> None:
        """Find out what the bots that ran have missed; what is known shows in `check`."""
        asked: Asked = {}

        async def look(ran: RanBot) -> RanBot:
            left = self._left.get(ran.bot_id)
            if left is None or ran.missed is not None:
                return ran
            return replace(ran, missed=await missed_by(left, self._tools, asked))

        try:
            known = await asyncio.gather(*(look(ran) for ran in self.check.ran))
        finally:
            for asking in asked.values():
                asking.cancel()
        self._learn(ran=tuple(known))

    # ------------------------------------------------------------------ going on

    async def resume(self, bot_ids: Sequence[int]) -> tuple[int, ...]:
        """Go on with these bots' sessions; IllegalStep with all their words if some cannot, the
        others run then."""
        bots = [bot for bot in map(self._bots.get, bot_ids) if not bot.busy]
        outcomes = await asyncio.gather(
            *(self._bots.start(bot, bot.standing.first) for bot in bots), return_exceptions=True
        )
        failed = []
        for bot, outcome in zip(bots, outcomes, strict=True):
            if isinstance(outcome, Fault):
                again = tr(" It is tried again by itself.") if bot.retry is not None else ""
                failed.append(f"{bot.settings.name}: {outcome.words}{again}")
            elif outcome is not None:
                raise outcome
        if failed:
            raise IllegalStep(
                tr(
                    "Not every bot could go on. {why} Start them again when that is mended.",
                    why=" ".join(failed),
                )
            )
        return tuple(bot.record.id for bot in bots)

    async def leave_stopped(self, bot_ids: Sequence[int]) -> str:
        """End the sessions of these bots as if they had been stopped by hand, and try none of them
        again; what they hold is kept. Their next start is a new session. "" once that is stored,
        else why it is not yet. Those that run by now go on."""
        async with self._leaving:  # asked twice, it is stored before the second is answered
            asked = [
                (bot, self._leave_stopped(bot))
                for bot in map(self._bots.get, bot_ids)
                if bot.beginning or not bot.runs
            ]
            return await asked_of_all(asked, tr("Not every bot could be left stopped."))

    @staticmethod
    async def _leave_stopped(bot: Bot) -> str:
        if bot.waits or bot.beginning:
            return await bot.stop()
        if not bot.busy and (bot.interrupted or bot.wanted):
            await bot.give_up()
        return ""

    async def choose(self, choice: ResumeChoice) -> None:
        """What happens at the next start."""
        async with self._tools.store.action("set_resume_choice") as db:
            preferences.set_resume_choice(db, choice)
        self._learn(choice=choice)
