"""A wish that lasts, or holds without being on disk, is told where it was asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.messages import commands as cm
from tests.gui.opened import Opened, click, opened, opened_over
from tests.gui.restarted import restarted
from tests.gui.test_restart_page import page_in
from tests.gui.waiting import until
from trader_gui.panels.verbs import Verb

pytestmark = pytest.mark.qt_loop
WORDS = "This holds, but it is not written yet. The disk is full."


class Gate:
    """The engine takes its time, and nothing can be stored."""

    def __init__(self, held: Opened) -> None:
        self.open = asyncio.Event()
        self.asked: list[cm.Command] = []
        held.engine.execute = self.execute  # type: ignore[method-assign]

    async def execute(self, command: cm.Command, report: object = None) -> Any:
        self.asked.append(command)
        await self.open.wait()
        return cm.NotWritten(WORDS)


async def test_a_button_says_that_its_wish_lasts_and_then_what_became_of_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        gate, stop = Gate(held), held.monitor.inspector.verbs[Verb.STOP]
        click(stop)
        await until(lambda: not stop.isEnabled())
        assert (stop.text(), stop.toolTip()) == ("Stop...", "Is being carried out")
        assert held.monitor.inspector.verbs[Verb.CLOSE_AND_STOP].isEnabled()
        gate.open.set()
        await until(lambda: held.window.toasts.texts)
        assert held.window.toasts.texts == [WORDS]
        await until(stop.isEnabled)
        assert stop.text() == "Stop"
        assert len(gate.asked) == 1


async def test_stop_all_does_not_claim_what_is_not_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        Gate(held).open.set()
        held.program.stopping.stop_all()
        await until(lambda: held.window.toasts.texts)
        assert held.window.toasts.texts == [WORDS]


async def test_who_was_about_to_run_is_offered_and_told_apart(tmp_path: Path) -> None:
    engine = restarted(tmp_path)
    closes = next(story for story in engine.stories if story.position)
    waited = next(story for story in engine.stories if not story.position)
    closes.interrupted = waited.interrupted = False
    engine.restart = replace(
        engine.restart,
        ran=tuple(
            replace(
                one,
                session_id=0 if one.bot_id in (waited.bot_id, closes.bot_id) else one.session_id,
                closes=one.bot_id == closes.bot_id,
            )
            for one in engine.restart.ran
        ),
    )
    async with opened_over(engine) as held:
        page = page_in(held)
        assert page.rows[waited.bot_id].waits
        words = page.rows[waited.bot_id].will.text()
        assert words == "Will start: it was about to when the program ended"
        told = page.rows[closes.bot_id].will.text()
        assert told == "Will close its position at the first price and stop, as was asked"
        click(page.resume)
        await until(lambda: held.asked)
        assert held.asked == [cm.ResumeBots(tuple(page.rows))]
