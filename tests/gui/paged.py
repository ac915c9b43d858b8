"""One page over the engine in memory, without the window around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.domain.bots import Mode
from engine.domain.reasons import ExitReason, Refusal
from engine.errors import Fault
from tests.gui.fakes import FakeEngine
from tests.gui.stories import Story, five_bots
from tests.gui.waiting import drawn, until
from trader_gui.door.bridge import Bridge
from trader_gui.event_loop.tasks import Tasks

P = TypeVar("P", bound=QWidget)
REASONS = (ExitReason.TAKE_PROFIT, ExitReason.STOP_LOSS, ExitReason.SIGNAL)


class Paged(Generic[P]):
    """What a test of one page holds."""

    def __init__(self, engine: FakeEngine, make: Callable[[Bridge], P]) -> None:
        self.engine = engine
        self.broken: list[BaseException] = []
        self.faults: list[Fault] = []
        self.tasks = Tasks(lambda _, error: self.broken.append(error))
        self.bridge = Bridge(engine, self.tasks, self.faults.append)
        self.page = make(self.bridge)

    def change(self) -> None:
        """The history changed, and the engine tells it."""
        self.engine.version += 1
        self.engine.changed()


@asynccontextmanager
async def paged(
    engine: FakeEngine, make: Callable[[Bridge], P], size: tuple[int, int] = (1536, 926)
) -> AsyncIterator[Paged[P]]:
    """The page shown at `size`, closed afterwards; an error in a task fails the test."""
    held = Paged(engine, make)
    held.page.resize(*size)
    held.page.show()
    held.page.activateWindow()
    await until(held.page.isActiveWindow)
    await drawn()
    try:
        yield held
    finally:
        held.bridge.close()
        await held.tasks.cancel_all()
        held.page.hide()
        held.page.deleteLater()
        await drawn()
    assert not held.broken, held.broken


def backtest_story(number: int, trades: int, *, strategy: str = "ema_cross") -> Story:
    """A finished backtest with `trades` closed trades and some refusals."""
    story = Story(number, "", seed=number, strategy=strategy)
    for trade in range(trades):
        story.enter(short=trade % 3 == 2).go(5)
        story.leave(REASONS[trade % 3], 0.01 if trade % 2 == 0 else -0.006).go(4)
        story.refuse().go(1)
        story.refuse(Refusal.MAX_TRADES_PER_DAY).go(1)
    story.settings = replace(story.settings, mode=Mode.BACKTEST)
    return story.end()


def with_history(folder: Path, count: int = 6, *, bots: bool = True) -> FakeEngine:
    """Five running bots and `count` backtests with 0, 1, 2... trades, ids from 120."""
    engine = FakeEngine(folder, five_bots() if bots else [])
    kinds = ("ema_cross", "rsi_reversion")
    engine.finished = [backtest_story(20 + i, i, strategy=kinds[i % 2]) for i in range(count)]
    return engine


def retype(field: QLineEdit, text: str) -> None:
    """Replace what stands in a field, key by key."""
    field.setFocus()
    field.selectAll()
    if text:
        QTest.keyClicks(field, text)
    else:
        field.clear()
        field.textEdited.emit("")
