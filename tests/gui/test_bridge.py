"""The one door: coalescing, commands, faults, cancelling, closing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.domain.sessions import SessionRecord
from engine.errors import Cancelled, Fault, IllegalStep
from engine.messages.commands import StartBot, StopBot
from engine.messages.snapshot import AppSnapshot
from tests.gui.fakes import FakeEngine
from tests.gui.stories import five_bots
from tests.gui.waiting import until
from trader_gui.bridge import Bridge
from trader_gui.redraws import REDRAW_MS
from trader_gui.tasks import Tasks

pytestmark = pytest.mark.qt_loop


class Door:
    def __init__(self, folder: Path) -> None:
        self.engine = FakeEngine(folder, five_bots())
        self.faults: list[Fault] = []
        self.broken: list[BaseException] = []
        self.tasks = Tasks(lambda _, error: self.broken.append(error))
        self.bridge = Bridge(self.engine, self.tasks, self.faults.append)
        self.drawn: list[AppSnapshot] = []
        self.bridge.changed.connect(self.drawn.append)

    async def shut(self) -> None:
        self.bridge.close()
        await self.tasks.cancel_all()


async def test_many_changes_are_one_redraw(tmp_path: Path) -> None:
    door = Door(tmp_path)
    await asyncio.sleep(REDRAW_MS / 1000)
    for _ in range(50):
        door.engine.story(1).go()
        door.engine.changed()
    await until(lambda: len(door.drawn) == 1)
    await asyncio.sleep(2 * REDRAW_MS / 1000)
    assert len(door.drawn) == 1
    assert door.drawn[0].bots[0] is door.engine.snapshot().bots[0]
    await door.shut()


async def test_news_of_nothing_draws_nothing(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.engine.now += 60_000  # ages alone are no change
    door.engine.changed()
    await asyncio.sleep(3 * REDRAW_MS / 1000)
    assert door.drawn == []
    await door.shut()


async def test_ages_are_shown_with_the_redraw_that_is_due(tmp_path: Path) -> None:
    door, told = Door(tmp_path), list[str]()
    door.bridge.changed.connect(lambda _: told.append("redraw"))
    door.bridge.pulse.connect(lambda _: told.append("ages"))
    door.engine.story(1).go()
    door.engine.changed()
    door.bridge._pulse.timeout.emit()
    assert told == []
    door.bridge.redraws.stop()
    door.bridge._draw()
    assert told == ["redraw"]  # the engine has a turn between the two
    await until(lambda: len(told) == 2)
    assert told == ["redraw", "ages"]
    door.bridge._pulse.timeout.emit()
    assert told[2:] == ["ages"]
    await door.shut()


async def test_a_command_is_answered_and_its_change_drawn(tmp_path: Path) -> None:
    door, answers = Door(tmp_path), list[object]()
    assert door.bridge.send(StopBot(1), answers.append) == "StopBot 1"
    await until(lambda: bool(answers and door.drawn))
    assert answers == [None]
    assert door.engine.commands == [StopBot(1)]
    await door.shut()


async def test_the_same_command_twice_is_sent_once(tmp_path: Path) -> None:
    door = Door(tmp_path)
    assert door.bridge.send(StopBot(1)) is not None
    assert door.bridge.send(StopBot(1)) is None
    assert door.bridge.send(StopBot(2)) is not None
    await until(lambda: len(door.engine.commands) == 2)
    await door.shut()


async def test_a_fault_goes_to_the_caller_or_to_the_window(tmp_path: Path) -> None:
    door, mine = Door(tmp_path), list[Fault]()
    fault = IllegalStep("The bot is running; it cannot become pending from there.")
    door.engine.fail_with = fault
    door.bridge.send(StartBot(1), failed=mine.append)
    await until(lambda: mine == [fault])
    door.engine.fail_with = fault
    door.bridge.send(StartBot(1))
    await until(lambda: door.faults == [fault])
    assert not door.broken
    await door.shut()


async def test_cancelled_work_tells_its_caller(tmp_path: Path) -> None:
    door, mine = Door(tmp_path), list[Fault]()

    async def forever() -> tuple[SessionRecord, ...]:
        await asyncio.Event().wait()
        return ()

    door.engine.sessions = forever  # type: ignore[method-assign]
    name = door.bridge.ask_history(lambda _: None, mine.append)
    await asyncio.sleep(0)
    door.bridge.cancel(name)
    await until(lambda: len(mine) == 1)
    assert isinstance(mine[0], Cancelled)
    assert not door.broken
    await door.shut()


async def test_closed_it_is_silent_and_lets_go_of_the_engine(tmp_path: Path) -> None:
    door, answers = Door(tmp_path), list[object]()
    door.bridge.send(StopBot(1), answers.append)
    door.bridge.close()
    assert door.engine.listeners == 0
    await until(lambda: door.engine.commands == [StopBot(1)])
    await asyncio.sleep(2 * REDRAW_MS / 1000)
    assert answers == []
    assert door.drawn == []
    await door.shut()
