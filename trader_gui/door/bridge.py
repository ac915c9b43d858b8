"""The one door between window and engine: snapshots come up, commands go down.

News from the engine is coalesced (`redraws.py`), and nothing is drawn when nothing changed. A
command or a question runs as a task; its answer or its fault comes back on the window's loop. No
panel ever waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from PySide6.QtCore import QObject, Signal

from engine.domain.archive import Coverage, Series
from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles
from engine.domain.import_preview import Choices, ImportPreview
from engine.domain.listings import Listing
from engine.domain.strategy import StrategyCard
from engine.domain.strategy_files import StrategyChecked, StrategyFile, StrategySource
from engine.errors import Cancelled, Fault
from engine.language import tr
from engine.messages.commands import Command, NotWritten
from engine.messages.comparison import Compared
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.figures import Statistics
from engine.messages.history import History
from engine.messages.progress import Report
from engine.messages.review import Review
from engine.messages.snapshot import AppSnapshot
from trader_gui.door.beat import Beat
from trader_gui.door.engine_face import Answer, EngineFace
from trader_gui.door.long_work import LongWork, kind_of
from trader_gui.door.unchanged import same
from trader_gui.door.wishes import wish_name
from trader_gui.event_loop.redraws import Redraws
from trader_gui.event_loop.tasks import Tasks

log = logging.getLogger(__name__)

T = TypeVar("T")
Done = Callable[[Answer], object]
Failed = Callable[[Fault], object]


class Bridge(QObject):
    """Emits `changed(AppSnapshot)` when something is new, and `strategies_changed()` after a
    person's own joined or left: `cards` and `titles` are then other ones, in the same mappings."""

    changed = Signal(object)
    strategies_changed = Signal()
    not_written = Signal(str)
    """Words about a wish that holds and is not on disk yet."""

    def __init__(
        self,
        engine: EngineFace,
        tasks: Tasks,
        show_fault: Failed,
        parent: QObject | None = None,
    ) -> None:
        """`show_fault` gets every fault that the caller of `send` did not take itself."""
        super().__init__(parent)
        self._engine, self._tasks, self._show_fault = engine, tasks, show_fault
        self.long_work = LongWork(self)
        self._numbers = count(1)
        self._closed = False
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._snapshot = engine.snapshot()
        self.cards: dict[str, StrategyCard] = {}
        """Strategies that may be chosen, by name."""
        self.titles: dict[str, str] = {}
        """What a person calls them, by name."""
        self._list_strategies()
        self.redraws = Redraws(self)
        self.redraws.due.connect(self._draw)
        self.beat = Beat(engine, self.redraws, self)
        self.pulse, self.tally = self.beat.pulse, self.beat.tally
        self._unsubscribe = engine.subscribe(self._news)

    @property
    def snapshot(self) -> AppSnapshot:
        """What the panels show now."""
        return self._snapshot

    def engine_snapshot(self) -> AppSnapshot:
        """What the engine says this instant, for words about a command that just ended."""
        return self._engine.snapshot()

    @property
    def strategies(self) -> tuple[StrategyCard, ...]:
        return self._engine.strategies

    @property
    def simulated_symbols(self) -> tuple[str, ...]:
        """What the simulated market trades."""
        return self._engine.simulated_symbols

    @property
    def data_dir(self) -> Path:
        return self._engine.data_dir

    def send(
        self,
        command: Command,
        done: Done | None = None,
        failed: Failed | None = None,
        report: Report | None = None,
        end: Callable[[], object] | None = None,
        *,
        in_turn: bool = False,
    ) -> str | None:
        """Carry out `command`; None while one of its kind is still carried out, for the same bot,
        series, sessions or sweep where it is about some. `in_turn` it waits for that one instead.
        What is no long work is carried out even if the program is ended meanwhile.

        The answer is a name for `cancel`. Without `failed` a fault is shown as a toast.
        `end` is called by the end of the program in place of that.
        """
        name = wish_name(command)
        turn = self._turns.setdefault(name, asyncio.Lock()) if in_turn else nullcontext()
        if in_turn:
            name = f"{name} {next(self._numbers)}"

        async def carry_out() -> Answer:
            async with turn:
                answer = await self._engine.execute(command, self.long_work.told(name, report))
            if isinstance(answer, NotWritten) and not self._closed:
                self.not_written.emit(answer.words)
            return answer

        finish = report is None and not kind_of(name)
        return name if self._start(name, carry_out, done, failed, end, finish=finish) else None

    def carries_out(self, command: Command) -> bool:
        """Whether one of its kind, for the same bot, is still carried out."""
        return self._tasks.runs(wish_name(command))

    def cancel(self, name: str) -> None:
        """Cancel what `send` or a question started; its `failed` gets `Cancelled`."""
        self._tasks.cancel(name)

    def ask_history(self, done: Callable[[History], object], failed: Failed | None = None) -> str:
        """All sessions in columns, newest first."""
        return self._ask("history", self._engine.history, done, failed)

    def export(
        self, session_id: int, kind: str, path: Path, done: Callable[[], object], failed: Failed
    ) -> str:
        """Write a session as ``html``, ``json`` or ``csv``."""
        export = self._engine.export
        return self._ask("export", lambda: export(session_id, kind, path), lambda _: done(), failed)

    def ask_comparison(
        self,
        session_ids: tuple[int, ...],
        done: Callable[[tuple[Compared, ...]], object],
        failed: Failed,
    ) -> str:
        """Two to six sessions beside each other."""
        compare = self._engine.compare
        return self._ask("comparison", lambda: compare(session_ids), done, failed)

    def ask_review(
        self, session_id: int, done: Callable[[Review], object], failed: Failed | None = None
    ) -> str:
        return self._ask("review", lambda: self._engine.review(session_id), done, failed)

    def ask_doubt(
        self, session_id: int, done: Callable[[Doubt], object], failed: Failed | None = None
    ) -> str:
        """How far a session's result hangs on what happened inside its bars."""
        return self._ask("doubt", lambda: self._engine.doubt(session_id), done, failed)

    def ask_statistics(
        self, session_id: int, done: Callable[[Statistics], object], failed: Failed | None = None
    ) -> str:
        """Every figure of a session, and its trades in groups."""
        return self._ask("statistics", lambda: self._engine.statistics(session_id), done, failed)

    def price_blocked(
        self,
        session_id: int,
        done: Callable[[tuple[BlockedPrice, ...]], object],
        failed: Failed,
        report: Report,
    ) -> str:
        """What refused signals would have earned, with progress; `cancel` ends it."""
        ask = self._engine.price_blocked
        return self._ask("blocked", lambda: ask(session_id, report), done, failed)

    def ask(
        self,
        what: str,
        question: Callable[[EngineFace], Coroutine[Any, Any, T]],
        done: Callable[[T], object],
        failed: Failed,
    ) -> str:
        """Any question: ``lambda engine: engine.sweeps.outlook(wish)``. `what` names it."""
        return self._ask(what, lambda: question(self._engine), done, failed)

    def look_at(self, bot_id: int) -> bool:
        """Have a bot's candles read next, if nobody has; False while that is asked already."""
        return self._start(f"look at {bot_id}", lambda: self._engine.look_at(bot_id), None, None)

    def look_back(self) -> str:
        """Have it found out what bots that ran have missed; the snapshot's `restart` tells it."""
        return self._ask("look back", self._engine.look_back, None, None)

    def set_retention(self, days: int | None, done: Callable[[], object], failed: Failed) -> bool:
        """Choose that; False while another choice is still stored."""
        choose = self._engine.set_retention
        return self._start("keep ticks", lambda: choose(days), lambda _: done(), failed)

    def ask_strategy_files(
        self, done: Callable[[tuple[StrategyFile, ...]], object], failed: Failed
    ) -> str:
        """Files of the strategies folder, and which may run."""
        return self._ask("strategy files", self._engine.strategy_files, done, failed)

    def ask_strategy_source(
        self, file: str, done: Callable[[StrategySource], object], failed: Failed
    ) -> str:
        """The text of one, to be read before it is allowed."""
        return self._ask("strategy", lambda: self._engine.strategy_source(file), done, failed)

    def allow_strategy(
        self,
        source: StrategySource,
        done: Callable[[StrategyFile], object],
        failed: Failed | None = None,
    ) -> bool:
        """Let these very bytes run; False while it is carried out already."""

        async def allow() -> StrategyFile:
            file = await self._engine.allow_strategy(source.file, source.sha256)
            self._list_strategies()
            return file

        return self._start(f"allow {source.file}", allow, done, failed)

    def forbid_strategy(self, file: str, done: Callable[[], object], failed: Failed) -> bool:
        """Ask again before it may run."""

        async def forbid() -> None:
            await self._engine.forbid_strategy(file)
            self._list_strategies()

        return self._start(f"forbid {file}", forbid, lambda _: done(), failed)

    def check_strategy(
        self, file: str, done: Callable[[StrategyChecked], object], failed: Failed
    ) -> bool:
        """Whether it knows the future; takes seconds."""
        check = self._engine.check_strategy
        return self._start(f"check {file}", lambda: check(file), done, failed)

    def ask_candle_file(
        self, path: Path, done: Callable[[FileReport], object], failed: Failed | None = None
    ) -> str:
        return self._ask("candle file", lambda: self._engine.read_candle_file(path), done, failed)

    def ask_file_candles(
        self, path: Path, done: Callable[[Candles], object], failed: Failed | None = None
    ) -> str:
        return self._ask("file candles", lambda: self._engine.file_candles(path), done, failed)

    def ask_archive(
        self, done: Callable[[tuple[Coverage, ...]], object], failed: Failed | None = None
    ) -> str:
        """What candles are kept, and how good they are."""
        return self._ask("archive", self._engine.archive, done, failed)

    def ask_archive_candles(
        self,
        series: Series,
        span: tuple[int | None, int | None],
        done: Callable[[Candles], object],
        failed: Failed | None = None,
    ) -> str:
        """Kept candles that open in `span`; made from finer ones if `series` itself is not kept."""
        market = series.exchange, series.symbol, series.timeframe_ms
        ask = self._engine.archive_candles
        return self._ask("kept candles", lambda: ask(*market, *span), done, failed)

    def ask_check(
        self, series: Series, done: Callable[[tuple[str, ...]], object], failed: Failed
    ) -> str:
        """Read every byte of a series: sentences about what is damaged."""
        return self._ask("check", lambda: self._engine.check_candles(series), done, failed)

    def ask_preview(
        self,
        path: Path,
        choices: Choices,
        done: Callable[[ImportPreview], object],
        failed: Failed,
    ) -> str:
        """What a file would be imported as."""
        preview = self._engine.preview_import
        return self._ask("preview", lambda: preview(path, choices), done, failed)

    def ask_exchange_names(
        self, done: Callable[[tuple[str, ...]], object], failed: Failed | None = None
    ) -> str:
        """All exchanges that prices can come from."""
        return self._ask("exchange names", self._engine.exchange_names, done, failed)

    def ask_listings(
        self,
        exchange: str,
        done: Callable[[Mapping[str, Listing]], object],
        failed: Failed | None = None,
    ) -> str:
        """What an exchange trades, by symbol; asks it over the network the first time."""
        return self._ask("listings", lambda: self._engine.listings(exchange), done, failed)

    def close(self) -> None:
        """Let go of the engine; nothing is emitted from now on."""
        if self._closed:
            return
        self._closed = True
        self._unsubscribe()
        self.redraws.stop()
        self.beat.stop()

    def _list_strategies(self) -> None:
        cards = {card.name: card for card in self._engine.strategies}
        if cards == self.cards:
            return
        self.cards.clear()
        self.titles.clear()
        self.cards.update(cards)
        self.titles.update({name: card.title for name, card in cards.items()})
        self.strategies_changed.emit()

    def _ask(
        self,
        what: str,
        question: Callable[[], Coroutine[Any, Any, Any]],
        done: Callable[[Any], object] | None,
        failed: Failed | None,
    ) -> str:
        name = f"{what} {next(self._numbers)}"
        self._start(name, question, done, failed)
        return name

    def _start(
        self,
        name: str,
        ask: Callable[[], Coroutine[Any, Any, Any]],
        done: Callable[[Any], object] | None,
        failed: Failed | None,
        end: Callable[[], object] | None = None,
        *,
        finish: bool = False,
    ) -> bool:
        async def work() -> None:
            try:
                answer = await ask()
            except asyncio.CancelledError:
                if failed is not None and not self._closed:
                    failed(Cancelled(tr("Cancelled. Nothing was written.")))
                raise
            except Fault as fault:
                if self._closed:  # of a question nobody waits for the answer
                    level = logging.WARNING if finish else logging.INFO
                    log.log(level, "%s failed while the program ended: %s", name, fault.words)
                else:
                    (failed or self._show_fault)(fault)
                return
            if done is not None and not self._closed:
                done(answer)

        started = self._tasks.start(name, work, self.long_work.over, finish=finish)
        if started:
            self.long_work.begin(name, end or partial(self.cancel, name))
        return started

    def _news(self) -> None:
        if not self._closed:
            self.redraws.wish()

    def _draw(self) -> None:
        snapshot = self._engine.snapshot()
        if not same(snapshot, self._snapshot):
            self._snapshot = snapshot
            self.changed.emit(snapshot)
        self.beat.drawn()
