"""What a person wishes for, carried out: one place for every command there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from engine.domain.import_preview import Imported
from engine.domain.presets import checked_preset_name
from engine.domain.reasons import Input
from engine.errors import IllegalStep
from engine.language import tr
from engine.messages import commands as cm
from engine.messages.progress import Progress, Report
from engine.messages.review import Review
from engine.runtime.archive.desk import ArchiveDesk
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.storing import run_in_worker, store_batch
from engine.runtime.bots.account import share_for
from engine.runtime.bots.bots import Bots
from engine.runtime.bots.samples import sample_bots
from engine.runtime.history.archive import Archived
from engine.runtime.history.desk import HistoryDesk
from engine.runtime.history.loading import Load, load_session
from engine.runtime.portfolio.planning import plan_portfolio
from engine.runtime.portfolio.storing import next_numbers, portfolio_in_worker, store_portfolio
from engine.runtime.recovery.recovery import Recovery
from engine.runtime.running.preparing import Tools
from engine.runtime.sweep.desk import SweepDesk
from engine.store.repositories import presets

Answer = int | tuple[int, ...] | Imported | cm.NotWritten | None
LONG: Final = (
    cm.RunBacktest
    | cm.RunSweep
    | cm.RunPortfolio
    | cm.RunReplay
    | cm.KeepSamePeriod
    | cm.DownloadCandles
    | cm.ImportCandles
)
"""Ends with the wait for it; what is short is carried out to its end."""
Unstored = dict[int, tuple[Archived, Review]]
"""Backtests that have run and are being stored, by session id: they can be looked at already."""


class Commands:
    """Carries out commands for the engine. Raises Faults with words for what is refused."""

    def __init__(
        self,
        tools: Tools,
        bots: Bots,
        archive: ArchiveDesk,
        recovery: Recovery,
        history: HistoryDesk,
        keep: Callable[[Review], None],
    ) -> None:
        """`keep` hears of the review of a backtest that was just stored."""
        self._tools, self._bots, self._archive = tools, bots, archive
        self._recovery, self._history, self._keep = recovery, history, keep
        self.sources = Sources(tools.files.candles, archive.archive)
        self.sweeps = SweepDesk(tools.store, tools.clock, self.sources, tools.history_changed)
        self.unstored: Unstored = {}

    async def execute(self, command: cm.Command, report: Report | None) -> Answer:
        """Bot ids, session ids, how many candles or bytes, or None."""
        bots = self._bots
        match command:
            case cm.CreateBot():
                bot = await bots.create(command.settings)
                if command.start:
                    await bots.start(bot)
                return bot.record.id
            case cm.RunBacktest():
                return await self._backtest(command, report)
            case cm.RunSweep():
                return await self.sweeps.run(command, report)
            case cm.PauseSweep():
                self.sweeps.pause(command.paused)
            case cm.EndSweep():
                self.sweeps.end()
            case cm.PromoteSet():
                return await self.sweeps.promote(command.sweep_id, command.no)
            case cm.KeepSweep():
                await self.sweeps.keep(command.sweep_id, command.kept)
            case cm.RunPortfolio():
                return await self._portfolio(command, report)
            case cm.RunReplay():
                return await self._replay(command, report)
            case cm.KeepSamePeriod():
                return await self._keep_period(command, report)
            case cm.DownloadCandles():
                return await self._archive.download(command, report)
            case cm.DeleteCandles():
                return await self._archive.delete(command)
            case cm.StartSimulation():
                return await self._simulate(command)
            case cm.SetSpeed():
                self._tools.venues.set_speed(command.speed)
                self._tools.changed()
            case cm.ResumeBots():
                return await self._recovery.resume(command.bot_ids)
            case cm.LeaveStopped():
                return _told(await self._recovery.leave_stopped(command.bot_ids))
            case cm.SetResumeChoice():
                await self._recovery.choose(command.choice)
            case cm.StopAll():
                return _told(await bots.stop_all())
            case cm.ImportCandles():
                return await self._archive.take_in(command, report)
            case cm.PanicClose():
                return _told(await bots.panic())
            case cm.ResetAccount():
                await bots.reset_account(command.starting_balance)
            case cm.SetAccountLimits():
                await bots.set_limits(command.max_open_positions, command.max_exposure_pct)
            case cm.UpdateBot():
                await bots.update(command.bot_id, command.settings)
            case cm.DeleteBot():
                await bots.delete(command.bot_id)
            case cm.SavePreset(preset):
                named = replace(preset, name=checked_preset_name(preset.name))
                async with self._tools.store.action("save_preset") as db:
                    presets.save(db, named)
            case cm.DeletePreset(name):
                async with self._tools.store.action("delete_preset") as db:
                    presets.remove(db, name)
            case (
                cm.RenameSession()
                | cm.NoteSession()
                | cm.TagSessions()
                | cm.DeleteSessions()
                | cm.RestoreSessions()
            ):
                return await self._history.carry_out(command)
            case _:
                return _told(await self._one_bot(command))
        return None

    async def archived(self, session_id: int, load: Load = load_session) -> Archived:
        """A session as stored up to now, or as it will be; UnknownName if there is none."""
        if session_id in self.unstored:
            return self.unstored[session_id][0]
        for bot in self._bots.all():
            if bot.live is not None and bot.live.session_id == session_id:
                await bot.live.recorder.flush()
        return await load(self._tools.store, session_id)

    async def _one_bot(self, command: _Verb) -> str:
        """ "" once what it means is on disk, else why it is not yet."""
        bot = self._bots.get(command.bot_id)
        match command:
            case cm.StartBot():
                await self._bots.start(bot)
                return ""
            case cm.PauseEntries():
                return await bot.command(Input.PAUSE_ENTRIES)
            case cm.ResumeEntries():
                return await bot.command(Input.RESUME_ENTRIES)
            case cm.StopBot():
                return await bot.stop()
            case cm.ClosePosition():
                return await self._bots.close_position(bot, Input.CLOSE_POSITION)
            case cm.CloseAndStop():
                return await self._bots.close_position(bot, Input.CLOSE_AND_STOP)
            case cm.MoveStop():
                return await bot.move(Input.MOVE_STOP, command.price)
            case cm.MoveTarget():
                return await bot.move(Input.MOVE_TARGET, command.price)

    async def _simulate(self, wish: cm.StartSimulation) -> tuple[int, ...]:
        """Sample bots by name: those that are there go on, the others are made."""
        if not 1 <= wish.bots <= 100:
            raise IllegalStep(
                tr("{bots} sample bots are not possible. Choose 1 to 100.", bots=wish.bots)
            )
        self._tools.venues.set_speed(wish.speed)
        started = []
        for settings in sample_bots(wish.bots, wish.seed, share_for(wish.bots)):
            bot = self._bots.named(settings.name) or await self._bots.create(settings)
            if not bot.runs:
                await self._bots.start(bot)
            started.append(bot.record.id)
        return tuple(started)

    async def _backtest(self, wish: cm.RunBacktest, report: Report | None) -> int:
        store, now = self._tools.store, self._tools.clock.now_ms()
        session_id = store.next_id("sessions")
        plan = partial(plan_backtest, wish, self.sources)

        def ready(session: Archived, review: Review) -> None:
            self.unstored[session_id] = session, review
            if report is not None:
                bars = len(review.candles)
                report(Progress(bars, bars, tr("Storing the session"), ready=session_id))

        try:
            batch = await run_in_worker(plan, session_id, now, report, ready)
            await store_batch(store, batch)
            if session_id in self.unstored:
                self._keep(self.unstored[session_id][1])
        finally:  # from here on the store has it, or nobody
            self.unstored.pop(session_id, None)
        self._tools.history_changed()
        return session_id

    async def _replay(self, wish: cm.RunReplay, report: Report | None) -> int:
        from engine.runtime.proof.desk import keep_replay

        now = self._tools.clock.now_ms()
        session_id = await keep_replay(self._tools.store, wish.session_id, now, report)
        self._tools.history_changed()
        return session_id

    async def _keep_period(self, wish: cm.KeepSamePeriod, report: Report | None) -> int:
        from engine.runtime.same_period.desk import keep_period

        store, now = self._tools.store, self._tools.clock.now_ms()
        session = await self.archived(wish.session_id)
        session_id = await keep_period(store, session, self.sources, now, report)
        self._tools.history_changed()
        return session_id

    async def _portfolio(self, wish: cm.RunPortfolio, report: Report | None) -> tuple[int, ...]:
        store, now = self._tools.store, self._tools.clock.now_ms()
        plan = partial(plan_portfolio, wish, self.sources)
        numbers = next_numbers(store, len(wish.bots))
        batches = await portfolio_in_worker(plan, numbers, now, report)
        await store_portfolio(store, batches)
        self._tools.history_changed()
        return numbers.sessions


def _told(words: str) -> cm.NotWritten | None:
    return cm.NotWritten(words) if words else None


_Verb = (
    cm.StartBot
    | cm.PauseEntries
    | cm.ResumeEntries
    | cm.StopBot
    | cm.ClosePosition
    | cm.CloseAndStop
    | cm.MoveStop
    | cm.MoveTarget
)
