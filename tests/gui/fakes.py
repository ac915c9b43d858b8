"""An engine that lives in memory: the face of `engine.runtime.engine.Engine` over a few stories.

It answers at once, changes its stories as the real one would, and remembers every command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from engine.domain.archive import Series
from engine.domain.bots import BotState, Mode
from engine.domain.import_preview import Imported
from engine.domain.listings import Listing
from engine.domain.reasons import ExitReason, Input, Refusal
from engine.domain.sessions import SessionRecord
from engine.domain.strategy import StrategyCard
from engine.domain.strategy_files import Standing, StrategyChecked, StrategyFile, StrategySource
from engine.domain.sweeps import SweepRecord
from engine.errors import Fault, UnknownName
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.comparison import Compared
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.events import EventKind
from engine.messages.figure_definitions import DEFINITIONS
from engine.messages.figures import Figure, Statistics
from engine.messages.history import History
from engine.messages.progress import Progress, Report
from engine.messages.proof import Proof
from engine.messages.recovery import Missed, RestartCheck
from engine.messages.review import Review
from engine.messages.same_period import SamePeriod
from engine.messages.snapshot import AccountSnapshot, AppSnapshot, EngineStatus, Pulse, Vitals
from engine.messages.sweeping import SweepOutlook
from engine.messages.trade_ranges import TradeRanges
from engine.messages.why import Why
from tests.gui.fake_archive import FakeArchive
from tests.gui.fake_groups import sides_of
from tests.gui.fake_history import FakeHistory, compared, history_of
from tests.gui.fake_period import period_of
from tests.gui.fake_ranges import ranges_of
from tests.gui.fake_why import FakeWhy
from tests.gui.listed import BINANCE, KRAKEN
from tests.gui.stories import Story, five_bots
from tests.gui.story_markets import CARDS, MINUTE, START_AT


class FakeEngine(FakeArchive, FakeHistory):
    """The engine's face over a few stories; `commands` is what the window asked for."""

    def __init__(self, data_dir: Path, stories: list[Story] | None = None) -> None:
        FakeArchive.__init__(self)
        FakeHistory.__init__(self)
        self.data_dir = data_dir
        self.stories = list(stories or [])
        self.finished: list[Story] = []
        self.commands: list[cm.Command] = []
        self.speed, self.version, self.now = 1.0, 1, START_AT + 8 * 3_600_000
        self.pulse_age_ms = 800
        self.pulses: dict[int, Pulse] = {}
        """Of bots whose signs of life are not all so old."""
        self.limits: tuple[int | None, Decimal | None] = (None, None)
        self.restart = RestartCheck()
        """What the start found."""
        self.looked_at: list[int] = []
        """Bots whose candles were asked for."""
        self.missed: dict[int, Missed] = {}
        """What looking back finds, by bot."""
        self.keep_days: int | None = None
        """For how long ticks are kept."""
        self.strategies: tuple[StrategyCard, ...] = CARDS
        self.asked_why: list[int] = []
        """Sessions that were asked why they decided as they did."""
        self.files: dict[str, StrategyFile] = {}
        """The strategies folder, by the names of its files."""
        self.simulated_symbols = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
        self.exchanges: dict[str, Mapping[str, Listing]] = {"binance": BINANCE, "kraken": KRAKEN}
        self.asked_of: list[str] = []
        """Exchanges whose listings were asked for."""
        self.silent: Fault | None = None
        """What every exchange answers with, while it is set."""
        self.answers = asyncio.Event()
        """Exchanges answer while it is set."""
        self.answers.set()
        self._listeners: list[Callable[[], None]] = []

    def snapshot(self) -> AppSnapshot:
        bots = tuple(story.snapshot() for story in self.stories)
        worth = sum((bot.equity_now for bot in bots), Decimal(0))
        account = AccountSnapshot(
            currency="USDT",
            starting_balance=Decimal(100_000),
            free=Decimal(100_000) - 10_000 * len(bots),
            equity=Decimal(100_000) - 10_000 * len(bots) + worth,
            realised_today=sum((bot.realised_today for bot in bots), Decimal(0)),
            open_pnl=sum((bot.open_pnl for bot in bots), Decimal(0)),
            exposure=sum((bot.exposure for bot in bots), Decimal(0)),
            open_positions=sum(bot.session.position != 0 for bot in bots),
            set_aside=sum((bot.money(bot.session.collateral) for bot in bots), Decimal(0)),
            max_open_positions=self.limits[0],
            max_exposure_pct=self.limits[1],
        )
        at = self.now - self.pulse_age_ms
        pulse = Pulse(tick_at=at, candle_at=at, decision_at=at, write_at=at, run_at=at)
        pulses = {bot.bot_id: self.pulses.get(bot.bot_id, pulse) for bot in bots}
        newest_at = max((pulse.tick_at for pulse in pulses.values()), default=0)
        status = EngineStatus(self.now, 3.0, pulses, lambda: Vitals("ok", newest_at=newest_at))
        return AppSnapshot(bots, account, self.speed, self.version, status, self.restart)

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    def story(self, bot_id: int) -> Story:
        return next(story for story in self.stories if story.bot_id == bot_id)

    async def exchange_names(self) -> tuple[str, ...]:
        return ("zonda", *self.exchanges, "ascendex")

    async def listings(self, exchange: str) -> Mapping[str, Listing]:
        self.asked_of.append(exchange)
        await self.answers.wait()
        if self.silent is not None:
            raise self.silent
        return self.exchanges[exchange]

    async def close(self) -> str:
        self._listeners.clear()
        return ""

    async def execute(self, command: cm.Command, report: Report | None = None) -> Any:
        self.commands.append(command)
        self._may_fail()
        if report is not None:
            report(Progress(1, 2, "Half"))
        answer = self._carry_out(command)
        self.version += 1
        self.changed()
        return answer

    def _carry_out(self, command: cm.Command) -> Any:
        match command:
            case cm.StartSimulation():
                self.stories = five_bots()[: command.bots]
                self.speed = command.speed
                return tuple(story.bot_id for story in self.stories)
            case cm.SavePreset(preset):
                self.kept_presets[preset.name] = preset
            case cm.DeletePreset(name):
                del self.kept_presets[name]
            case cm.SetSpeed():
                self.speed = command.speed
            case cm.ResumeBots():
                for bot_id in command.bot_ids:
                    self._one_bot(cm.StartBot(bot_id), self.story(bot_id))
                return command.bot_ids
            case cm.LeaveStopped():
                for bot_id in command.bot_ids:
                    self.story(bot_id).interrupted = False
            case cm.SetResumeChoice():
                self.restart = replace(self.restart, choice=command.choice)
            case cm.StopAll():
                for story in self.stories:
                    self._stop(story)
            case cm.PanicClose():
                for story in self.stories:
                    self._close(story)
                    self._stop(story)
            case cm.CreateBot():
                bot_id = 1 + max((story.bot_id for story in self.stories), default=0)
                story = Story(bot_id, command.settings.name, seed=bot_id)
                story.settings = command.settings
                if not command.start:
                    story.end()
                self.stories.append(story)
                return bot_id
            case cm.RunBacktest():
                story = Story(90 + len(self.finished), "backtest").enter().go(20).leave().go(30)
                story.settings = replace(
                    story.settings, mode=Mode.BACKTEST, feed=command.feed, trade=command.trade
                )
                self.finished.append(story.end())
                return story.session_id
            case cm.KeepSamePeriod():
                story = Story(90 + len(self.finished), "backtest").enter().go(20).leave().go(30)
                story.settings = replace(story.settings, mode=Mode.BACKTEST)
                self.finished.append(story.end())
                self.version += 1
                return story.session_id
            case cm.ResetAccount():
                return None
            case cm.DownloadCandles():
                self._keep(command.series)
                return 44_640
            case cm.ImportCandles():
                series = Series(command.exchange, command.symbol, MINUTE)
                self._keep(series)
                report = self._report(Path(command.paths[0]))
                return Imported(series, report, len(command.paths), 200, 0)
            case cm.DeleteCandles():
                self.covers = tuple(each for each in self.covers if each.series != command.series)
                return 1_000_000
            case cm.SetAccountLimits():
                self.limits = (command.max_open_positions, command.max_exposure_pct)
            case (
                cm.RenameSession()
                | cm.NoteSession()
                | cm.TagSessions()
                | cm.DeleteSessions()
                | cm.RestoreSessions()
            ):
                return self.write(command)
            case _:
                self._one_bot(command, self.story(command.bot_id))
        return None

    def _one_bot(self, command: cm.BotCommand, story: Story) -> None:
        match command:
            case cm.DeleteBot():
                self.stories.remove(story)
            case cm.UpdateBot():
                story.settings = command.settings
            case cm.StartBot():
                story.state, story.error = BotState.RUNNING, None
                story.interrupted = story.unguarded = False
                story._event(EventKind.RESUMED)
            case cm.StopBot():
                self._stop(story)
            case cm.PauseEntries():
                story.command(Input.PAUSE_ENTRIES)
            case cm.ResumeEntries():
                story.command(Input.RESUME_ENTRIES)
            case cm.ClosePosition():
                self._close(story)
            case cm.MoveStop():
                story.move(Input.MOVE_STOP, int(command.price / story.market.price_step))
            case cm.MoveTarget():
                story.move(Input.MOVE_TARGET, int(command.price / story.market.price_step))
            case cm.CloseAndStop():
                self._close(story)
                self._stop(story)

    def _close(self, story: Story) -> None:
        if story.position:
            story.leave(ExitReason.MANUAL, 0.001)
            story.unguarded = False

    def _stop(self, story: Story) -> None:
        if story.state is not BotState.STOPPED:
            story.end()

    async def sessions(self, limit: int | None = None) -> tuple[SessionRecord, ...]:
        records = [story.record() for story in [*self.finished[::-1], *self.stories]]
        kept = [self.dressed(one) for one in records if one.id not in self.deleted]
        return tuple(kept[:limit])

    async def export(self, session_id: int, kind: str, path: Path) -> None:
        self._may_fail()
        await asyncio.to_thread(path.write_text, f"{session_id} as {kind}", "utf-8")

    async def history(self) -> History:
        return history_of(await self.sessions())

    async def compare(self, session_ids: tuple[int, ...]) -> tuple[Compared, ...]:
        return tuple([compared(await self.review(one)) for one in session_ids])

    async def review(self, session_id: int) -> Review:
        for story in [*self.stories, *self.finished]:
            if story.session_id == session_id:
                return story.review()
        raise UnknownName(f"There is no session {session_id}.")

    async def review_is_true(self, session_id: int) -> bool:
        return True

    @property
    def sweeps(self) -> FakeEngine:
        return self

    async def earlier(self) -> tuple[SweepRecord, ...]:
        return ()

    async def outlook(self, wish: cm.RunSweep) -> SweepOutlook:
        """Every set can be meant."""
        count = prod(len(values) for values in wish.values.values())
        return SweepOutlook(dict(wish.values), count, {})

    async def doubt(self, session_id: int) -> Doubt:
        """Every third trade hangs on the path, by a tenth of what it made."""
        review = await self.review(session_id)
        trades = review.end().session.trades.rows
        doubtful = trades[::3, hs.T_NO].astype(np.int64)
        pnl, hang = int(trades[:, hs.T_PNL].sum()), int(abs(trades[::3, hs.T_PNL]).sum()) // 10
        return Doubt(len(doubtful), len(trades), pnl - 3 * hang, pnl, pnl + hang, False, doubtful)

    async def price_blocked(
        self, session_id: int, report: Report | None = None
    ) -> tuple[BlockedPrice, ...]:
        log = (await self.review(session_id)).log.table
        counts = dict((await self.review(session_id)).end().session.refusals)
        if report is not None:
            report(Progress(1, 2, "Half"))
        refused = (log[:, ev.KIND] == EventKind.REFUSAL) & (log[:, ev.CODE] == Refusal.COOLDOWN)
        at = log[refused, ev.AT]
        each = np.full(len(at), 4_217_000)
        return tuple(
            BlockedPrice(code, count, count, 4_217_000 * count, at, each)
            if code == Refusal.COOLDOWN
            else BlockedPrice(code, count, 0, 0)
            for code, count in counts.items()
        )

    async def why(self, session_id: int) -> Why:
        self.asked_why.append(session_id)
        return FakeWhy(await self.review(session_id))

    async def trade_ranges(self, session_id: int) -> TradeRanges:
        return ranges_of(await self.review(session_id))

    async def statistics(self, session_id: int) -> Statistics:
        """Figures that are all alike, and the trades by side."""
        review = await self.review(session_id)
        return Statistics(
            tuple(
                Figure(definition.group, definition.label, "+1.00", definition.tip, 1)
                for definition in DEFINITIONS
            ),
            sides_of(review),
        )

    async def prove(self, session_id: int, report: Report | None = None) -> Proof:
        """Equal, whatever it is."""
        review = await self.review(session_id)
        there = review.record.event_hash
        return Proof(session_id, len(review.log), there, there, "0.0.1", "0.0.2", None)

    async def same_period(self, session_id: int, report: Report | None = None) -> SamePeriod:
        """Every kind of difference."""
        return period_of(await self.review(session_id))

    async def look_at(self, bot_id: int) -> None:
        self.looked_at.append(bot_id)

    async def look_back(self) -> None:
        ran = (replace(one, missed=self.missed.get(one.bot_id)) for one in self.restart.ran)
        self.restart = replace(self.restart, ran=tuple(ran))
        self.changed()

    async def retention(self) -> int | None:
        self._may_fail()
        return self.keep_days

    async def set_retention(self, days: int | None) -> None:
        self._may_fail()
        self.keep_days = days

    async def strategy_files(self) -> tuple[StrategyFile, ...]:
        return tuple(self.files.values())

    async def strategy_source(self, file: str) -> StrategySource:
        return StrategySource(file, self.files[file].sha256, f"# {file}\nclass Mine: ...\n")

    async def allow_strategy(self, file: str, sha256: str) -> StrategyFile:
        self._may_fail()
        name = file.removesuffix(".py")
        allowed = StrategyFile(file, sha256, Standing.ALLOWED, name, "Mine")
        self.files[file] = allowed
        card = StrategyCard(name, f"Mine ({file})", "Buys.", CARDS[0].parameters)
        self.strategies = (*(one for one in self.strategies if one.name != name), card)
        return allowed

    async def forbid_strategy(self, file: str) -> None:
        self._may_fail()
        known = self.files[file]
        self.files[file] = StrategyFile(file, known.sha256, Standing.NEW)
        self.strategies = tuple(one for one in self.strategies if one.name != known.name)

    async def check_strategy(self, file: str) -> StrategyChecked:
        self._may_fail()
        words = f"{file} says the same about each candle. No look-ahead was seen."
        return StrategyChecked(words, clean=True)
