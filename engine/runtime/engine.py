"""The engine as the window and the console see it: snapshots out, commands in.

Importing this imports the kernel: see `engine.runtime.kernel_warmth`, which comes before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.domain.archive import Coverage, Series
from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles
from engine.domain.import_preview import DETECTED, Choices, ImportPreview
from engine.domain.listings import Listing
from engine.domain.presets import Preset
from engine.domain.sessions import SessionRecord
from engine.domain.strategy import StrategyCard
from engine.domain.strategy_files import StrategyChecked, StrategyFile, StrategySource
from engine.messages import commands as cm
from engine.messages.comparison import Compared
from engine.messages.doubt import Doubt
from engine.messages.figures import Statistics
from engine.messages.history import History
from engine.messages.monte_carlo import MonteCarlo
from engine.messages.progress import Report
from engine.messages.proof import Proof
from engine.messages.review import Review
from engine.messages.same_period import SamePeriod
from engine.messages.snapshot import AppSnapshot
from engine.messages.trade_ranges import TradeRanges
from engine.messages.why import Why
from engine.runtime.archive.desk import ArchiveDesk
from engine.runtime.asking import (
    Beside,
    PricedBlocked,
    all_statistics,
    compare_period,
    doubt_about,
    export,
    monte_carlo_of,
    prove,
    rehearse_on,
    reviewed,
    trade_ranges,
    why_of,
)
from engine.runtime.bots.account import STARTING_BALANCE
from engine.runtime.bots.bots import Bots
from engine.runtime.bots.found import Found
from engine.runtime.bots.heartbeat import Heartbeat
from engine.runtime.bots.interrupted import remember
from engine.runtime.bots.pulses import engine_status
from engine.runtime.clock import EngineClock, WallClock
from engine.runtime.commands import LONG, Answer, Commands
from engine.runtime.history.archive import Archived
from engine.runtime.history.copies import drop_copies
from engine.runtime.history.desk import HistoryDesk
from engine.runtime.history.kept_prices import KeptPrices, Prices
from engine.runtime.history.kept_reviews import KeptReviews
from engine.runtime.history.last_read import LastRead
from engine.runtime.history.loading import Load, load_played
from engine.runtime.history.tidying import Tidying
from engine.runtime.private_files import narrow
from engine.runtime.publishing import Publisher
from engine.runtime.recovery.bringing_back import bring_back
from engine.runtime.recovery.recovery import Recovery
from engine.runtime.running.preparing import Tools
from engine.runtime.running.signs import Moment
from engine.runtime.sources.archived import archive_in
from engine.runtime.sources.candle_files import CandleFiles
from engine.runtime.sources.exchanges import Exchanges
from engine.runtime.sources.venues import Venues
from engine.runtime.strategy_desk import StrategyDesk
from engine.runtime.sweep.desk import SweepDesk
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import preferences, presets
from engine.store.repositories import sessions as history


class Engine:
    """One data folder, open. All methods are called on the loop it was opened in."""

    def __init__(
        self, data_dir: Path, store: Store, clock: EngineClock, exchanges: Exchanges
    ) -> None:
        self.data_dir = data_dir
        self._store, self._clock = store, clock
        self._publisher = Publisher()
        self._files = CandleFiles()
        self._venues = Venues(store, clock)
        self._tools = Tools(
            store,
            clock,
            self._venues,
            exchanges,
            self._files,
            self._publisher.changed,
            self._history_changed,
        )
        self._archive = ArchiveDesk(archive_in(data_dir), exchanges.exchange, clock)
        archive, self._last_read, cache = self._archive.archive, LastRead(), data_dir / "cache"
        self._kept = KeptReviews(store, cache, archive, self._archived)
        gone = partial(drop_copies, cache)
        self._history = HistoryDesk(store, clock, self._history_changed, gone)
        self._beside = Beside(partial(self._archived, load=load_played))
        self._priced = PricedBlocked(KeptPrices(store, cache), self._archived)
        self._sessions_version = 1
        self._bots: Bots
        self._recovery: Recovery
        self._commands: Commands
        self._heartbeat: Heartbeat
        self._tidying: Tidying
        self._own: StrategyDesk
        self._work: set[asyncio.Task[Any]] = set()
        self._rehearsed = False
        self._last: AppSnapshot | None = None

    @classmethod
    async def open(
        cls,
        data_dir: Path,
        *,
        clock: EngineClock | None = None,
        exchanges: Exchanges | None = None,
        own_strategies: bool = True,
    ) -> Engine:
        """Lock the folder, update its database, load the bots and, if wanted, `own_strategies`.

        Raises FolderInUse, StoreUnavailable, NewerDatabase, RecordDamaged or FileRefused.
        """
        clock = clock or WallClock()
        store = await Store.open(data_dir, now_ms=clock.now_ms())
        own = None
        try:
            narrow(data_dir)
            own = await StrategyDesk.open(store, data_dir, load=own_strategies)
            engine = cls(data_dir, store, clock, exchanges or Exchanges(clock))
            engine._own = own
            await bring_back(store, clock.now_ms())
            found = Found()
            engine._bots = await Bots.load(engine._tools, STARTING_BALANCE, found)
            engine._recovery = await Recovery.begin(engine._tools, engine._bots, found)
        except BaseException:
            if own is not None:
                own.close()
            await store.close()
            raise
        engine._commands = Commands(
            *(engine._tools, engine._bots, engine._archive, engine._recovery, engine._history),
            engine._kept.keep_soon,
        )
        engine._heartbeat = Heartbeat(clock, engine._bots)
        engine._tidying = Tidying(store, clock, engine._history_changed)
        return engine

    async def close(self) -> str:
        """Everything to disk; the next start goes on. What could not be stored, "" if all was."""
        self._store.hurry()
        for one in (self._heartbeat, self._tidying, self._recovery):
            await one.close()
        self._publisher.close()
        work = [task for task in self._work if task is not asyncio.current_task()]
        for task in work:
            task.cancel()
        if work:
            await asyncio.wait(work)
        await self._kept.close()
        await self._last_read.close()
        unstored = await self._bots.close()
        await self._history.close()
        # Nobody writes any more: what is stored does not wait for sockets to say goodbye.
        await asyncio.gather(self._store.close(), self._tools.exchanges.close())
        self._own.close()
        return unstored

    def snapshot(self) -> AppSnapshot:
        """What is, now. Parts that did not change are the same objects as before."""
        now = AppSnapshot(
            self._bots.shown.every(),
            self._bots.account_snapshot(),
            self._venues.speed,
            self._sessions_version,
            engine_status(self._bots.by_id(), Moment.now(self._clock), self._heartbeat.lag_ms),
            self._recovery.check,
        )
        if self._last is not None and self._last.account == now.account:
            now = replace(now, account=self._last.account)
        self._last = now
        return now

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """`changed` is called on the loop after snapshot() changed; returns what ends it."""
        return self._publisher.subscribe(changed)

    @property
    def strategies(self) -> tuple[StrategyCard, ...]:
        from engine.runtime.sources.strategies import card_of
        from engine.strategies import STRATEGIES

        return tuple(card_of(strategy) for strategy in STRATEGIES.values())

    async def strategy_files(self) -> tuple[StrategyFile, ...]:
        """A person's own: every file of the strategies folder, and whether it may run."""
        return await self._own.files()

    async def strategy_source(self, file: str) -> StrategySource:
        """A file's text, to be read before it is allowed."""
        return await self._own.source(file)

    async def allow_strategy(self, file: str, sha256: str) -> StrategyFile:
        """These bytes of the file may run from now on; FileRefused with words if they cannot."""
        return await self._own.allow(file, sha256)

    async def forbid_strategy(self, file: str) -> None:
        """A person is asked before it runs again; IllegalStep while a bot runs it."""
        await self._own.forbid(file, self._bots.running)

    async def check_strategy(self, file: str) -> StrategyChecked:
        """Whether an allowed strategy knows the future."""
        return await self._own.check(file)

    @property
    def simulated_symbols(self) -> tuple[str, ...]:
        """What the simulated market trades, in the order in which it is offered."""
        from engine.markets.symbols import PRESETS

        return tuple(PRESETS)

    async def exchange_names(self) -> tuple[str, ...]:
        """The exchanges that prices can come from."""
        return await self._tools.exchanges.names()

    async def listings(self, exchange: str) -> Mapping[str, Listing]:
        """What an exchange trades, by symbol; asked for once. AskPerson and WaitAndRetry faults."""
        return await self._tools.exchanges.listings(exchange)

    async def history(self) -> History:
        """All sessions in columns, newest first; of running ones what is stored so far."""
        return await self._history.history()

    async def compare(self, session_ids: tuple[int, ...]) -> tuple[Compared, ...]:
        """Two to six sessions beside each other; InvalidSetting for fewer or more."""
        return await self._beside.compare(session_ids)

    async def export(self, session_id: int, kind: str, path: Path) -> None:
        """Write a session as ``html``, ``json`` or ``csv`` (its trades); AskPerson if it cannot."""
        await export(await self._archived(session_id), kind, path)

    async def sessions(self, limit: int | None = None) -> tuple[SessionRecord, ...]:
        """The history, or the last of it, newest first; running ones with what they have come to
        so far. All of a long one takes seconds: ask for `history` instead."""
        return self._bots.as_they_stand(await history.every(self._store, limit=limit))

    async def presets(self) -> tuple[Preset, ...]:
        """Settings that a person gave a name, by name."""
        return await presets.every(self._store)

    async def review(self, session_id: int) -> Review:
        """A session from its own recording, ready to be looked at; UnknownName if there is none."""
        if session_id in self._commands.unstored:
            return self._commands.unstored[session_id][1]
        kept = await self._kept.find(session_id)
        if kept is not None:
            return kept
        stamp = await self._kept.stamp_before(session_id)
        made, whole = await reviewed(await self._archived(session_id), self._archive.archive)
        self._kept.read_again(made, stamp, whole=whole)
        return made

    async def review_is_true(self, session_id: int) -> bool:
        """Whether the review that was given is what is stored; if not, ask for it again."""
        return await self._kept.is_true(session_id)

    async def doubt(self, session_id: int) -> Doubt:
        """How much of a session's result hangs on what happened inside its bars."""
        return await doubt_about(await self._archived(session_id))

    async def prove(self, session_id: int, report: Report | None = None) -> Proof:
        """A finished session run again from its recording and held against what it was. A Fault
        with the sentence why it cannot be; cancelling the caller ends it."""
        return await prove(self._store, session_id, report)

    async def same_period(self, session_id: int, report: Report | None = None) -> SamePeriod:
        """A bot's session beside a backtest of its period, made for that and not kept. A Fault says
        why it cannot be, CandlesMissing what can be downloaded; cancelling the caller ends it."""
        session = await self._archived(session_id)
        return await compare_period(self._store, session, self._commands.sources, report)

    async def why(self, session_id: int) -> Why:
        """Why a session decided as it did. What is answered holds the session's recording."""
        return await why_of(self._store, await self._archived(session_id))

    async def price_blocked(self, session_id: int, report: Report | None = None) -> Prices:
        """What each rule's refused entries would have earned. Cancelling the caller ends it."""
        return await self._priced.price(session_id, report)

    async def statistics(self, session_id: int) -> Statistics:
        """Every figure of a session, and its closed trades in groups."""
        return await all_statistics(await self._archived(session_id))

    async def trade_ranges(self, session_id: int) -> TradeRanges:
        """How far each closed trade of a session was ahead and behind."""
        return await trade_ranges(await self._archived(session_id))

    async def monte_carlo(self, session_id: int, report: Report | None = None) -> MonteCarlo:
        """What chance could have made of a session's trades. Cancelling the caller ends it."""
        return await monte_carlo_of(await self._archived(session_id), report)

    @property
    def sweeps(self) -> SweepDesk:
        """The sweep that runs, or ran last, and its sets."""
        return self._commands.sweeps

    async def _archived(self, session_id: int, load: Load | None = None) -> Archived:
        return await self._commands.archived(session_id, load or self._last_read.load)

    async def look_at(self, bot_id: int) -> None:
        """Have a bot's candles and curve read, if nobody has. After a start they are, one bot after
        the other; this one then is next."""
        await remember(self._bots.get(bot_id))

    async def look_back(self) -> None:
        """Find out what the bots that ran when the program ended have missed; the snapshot's
        `restart` has it then. Exchanges are asked, for some seconds at most."""
        await self._recovery.look_back()

    async def retention(self) -> int | None:
        """For how many days after its end a paper session keeps its ticks; None is for ever."""
        return await preferences.keep_days(self._store)

    async def set_retention(self, days: int | None) -> None:
        """Choose that; InvalidSetting for less than a day. Older ticks are let go within minutes,
        and then daily; candles, events, trades and figures stay."""
        await self._tidying.set_keep_days(days)

    async def read_candle_file(self, path: Path) -> FileReport:
        """What is in the file, or FileRefused; a backtest of it then need not read it again."""
        report = await self._files.report(path)
        if not self._rehearsed:  # who reads a file is about to ask a strategy
            self._rehearsed = True
            self._keep(asyncio.get_running_loop().create_task(rehearse_on(self._files, path)))
        return report

    async def preview_import(self, path: Path, choices: Choices = DETECTED) -> ImportPreview:
        """What the file (or the first of that folder) would be imported as."""
        from engine.runtime.archive.importing import preview_import

        return await preview_import(path, choices)

    async def file_candles(self, path: Path) -> Candles:
        """The candles of the file, to be looked at; FileRefused with words if it is unusable."""
        return await in_thread("read-candles", partial(self._files.candles, path, None))

    async def archive(self) -> tuple[Coverage, ...]:
        """What candles are kept of which markets, and how good they are."""
        return await self._archive.covers()

    async def archive_candles(
        self,
        exchange: str,
        symbol: str,
        timeframe_ms: int,
        from_at: int | None = None,
        to_at: int | None = None,
    ) -> Candles:
        """Candles of the archive, to be looked at; UnknownName if there are none, ArchiveDamaged
        after a damaged file was set aside."""
        return await self._archive.candles(exchange, symbol, timeframe_ms, from_at, to_at)

    async def check_candles(self, series: Series) -> tuple[str, ...]:
        """Read every byte of a series; a sentence for each file that is damaged."""
        return await self._archive.check(series)

    async def execute(self, command: cm.Command, report: Report | None = None) -> Answer:
        """Carry out one wish; the answer is what the command says, or None. A Fault with words if
        it is refused.

        Cancelling the caller cancels a backtest or an import, of which nothing is then stored, and
        a download, which keeps what came; any other wish is short and carried out to its end.
        """
        task = asyncio.get_running_loop().create_task(
            self._commands.execute(command, report), name=type(command).__name__
        )
        self._keep(task)
        return await (task if isinstance(command, LONG) else asyncio.shield(task))

    def _keep(self, task: asyncio.Task[Any]) -> None:
        """Hold it until it is done; it is cancelled when the engine closes."""
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def _history_changed(self) -> None:
        self._sessions_version += 1
        self._publisher.changed()
