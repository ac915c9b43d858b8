"""The one door: coalescing, commands, faults, cancelling, closing."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from engine.domain.sessions import SessionRecord
from engine.errors import Cancelled, Fault, IllegalStep
from engine.messages.commands import (
    Command,
    KeepSweep,
    NoteSession,
    RenameSession,
    RunReplay,
    StartBot,
    StopBot,
)
from engine.messages.progress import Report
from engine.messages.snapshot import AppSnapshot
from tests.gui.fakes import FakeEngine
from tests.gui.stories import five_bots
from tests.gui.waiting import drawn, until
from trader_gui.door.bridge import Bridge
from trader_gui.event_loop.redraws import REDRAW_MS
from trader_gui.event_loop.tasks import Tasks

pytestmark = pytest.mark.qt_loop

PATIENCE_S = 10.0


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
    door.bridge.beat._pulse.timeout.emit()
    assert told == []
    door.bridge.redraws.stop()
    door.bridge._draw()
    assert told == ["redraw"]  # the engine has a turn between the two
    await until(lambda: len(told) == 2)
    assert told == ["redraw", "ages"]
    door.bridge.beat._pulse.timeout.emit()
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


class SlowEngine(FakeEngine):
    """Carries out a command only once `go` is set; `done` are those that were."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, five_bots())
        self.go = asyncio.Event()
        self.done: list[Command] = []

    async def execute(self, command: Command, report: Report | None = None) -> Any:
        self.commands.append(command)
        await self.go.wait()
        self.done.append(command)


def slow(folder: Path) -> tuple[Door, SlowEngine]:
    door, engine = Door(folder), SlowEngine(folder)
    door.bridge._engine = door.engine = engine
    return door, engine


async def test_wishes_about_different_things_are_not_one(tmp_path: Path) -> None:
    door, engine = slow(tmp_path)
    assert door.bridge.send(KeepSweep(1, False)) is not None
    assert door.bridge.send(KeepSweep(2, False)) is not None
    assert door.bridge.send(KeepSweep(2, False)) is None
    engine.go.set()
    await until(lambda: len(engine.done) == 2)
    await door.shut()


async def test_wishes_in_turn_are_all_carried_out_one_after_another(tmp_path: Path) -> None:
    door, engine = slow(tmp_path)
    first, second = RenameSession(1, "first"), RenameSession(1, "second")
    for wish in (first, second):
        assert door.bridge.send(wish, in_turn=True) is not None
    door.bridge.send(RenameSession(2, "other"), in_turn=True)
    await drawn()
    assert engine.commands == [first, RenameSession(2, "other")]
    engine.go.set()
    await until(lambda: len(engine.done) == 3)
    assert engine.done[-1] == second
    await door.shut()


async def test_the_end_waits_for_wishes_and_breaks_off_long_work(tmp_path: Path) -> None:
    door, engine = slow(tmp_path)
    note, last = NoteSession(1, "at the last second"), NoteSession(1, "and one more")
    told: list[object] = []
    door.bridge.send(RunReplay(1))
    door.bridge.send(StartBot(1), told.append, told.append, told.append)
    for wish in (note, last):
        door.bridge.send(wish, told.append, told.append, in_turn=True)
    await drawn()
    door.bridge.close()
    ending = asyncio.ensure_future(door.tasks.cancel_all(PATIENCE_S))
    await drawn()
    assert not ending.done()
    assert not door.tasks.runs("RunReplay 1")
    assert not door.tasks.runs("StartBot 1")  # it tells how far it is
    engine.go.set()
    await ending
    assert engine.done == [note, last]
    assert told == []


@pytest.mark.expects_warnings
async def test_a_wish_that_never_ends_does_not_hold_up_the_end(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    door, engine = slow(tmp_path)
    door.bridge.send(NoteSession(1, "a disk that hangs"))
    await drawn()
    door.bridge.close()
    await door.tasks.cancel_all(0.05)
    assert engine.done == []
    (said,) = expected_warnings
    assert "NoteSession 1 was not finished" in said.getMessage()


@pytest.mark.expects_warnings
async def test_what_fails_after_the_window_is_gone_is_logged(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    door = Door(tmp_path)
    door.engine.fail_with = IllegalStep("The disk is full.")
    door.bridge.send(NoteSession(1, "late"))
    door.bridge.close()
    await door.tasks.cancel_all(PATIENCE_S)
    (said,) = expected_warnings
    assert said.getMessage() == "NoteSession 1 failed while the program ended: The disk is full."


async def test_a_question_whose_answer_nobody_waits_for_fails_without_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(tmp_path)
    told: list[object] = []

    async def closed_under(_: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise IllegalStep("The data folder was closed.") from None

    caplog.set_level(logging.INFO)
    door.bridge.ask("doubt", closed_under, told.append, told.append)
    await drawn()
    door.bridge.close()
    await door.tasks.cancel_all(PATIENCE_S)
    assert told == []
    assert [one.levelname for one in caplog.records if "doubt 1" in one.message] == ["INFO"]
