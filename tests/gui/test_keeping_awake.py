"""The computer is kept awake while bots run, where that is wished and possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gui.fakes import FakeEngine
from tests.gui.opened import changed, opened_over
from tests.gui.stopwatch import Stopwatch
from tests.gui.stories import Story
from tests.gui.waiting import until
from trader_gui.telling.keeping_awake import _AGAIN_MS as AGAIN_MS

pytestmark = pytest.mark.qt_loop


class Sleepless:
    """A system that is asked, and says what is set."""

    def __init__(self, words: str = "") -> None:
        self.words, self.asked, self.holds = words, list[str](), False

    async def begin(self) -> str:
        self.asked.append("begin")
        self.holds = not self.words
        return self.words

    async def end(self) -> None:
        self.asked.append("end")
        self.holds = False


@pytest.mark.parametrize("words", ["", "This computer may fall asleep."])
async def test_it_stays_awake_while_bots_run_and_only_if_wished(tmp_path: Path, words: str) -> None:
    story, system, said = Story(), Sleepless(words), list[str]()
    async with opened_over(FakeEngine(tmp_path, [story])) as held:
        program = held.program
        awake = program.background.awake
        awake._awake = system
        awake.said.connect(said.append)
        awake.settle()
        story.go()
        await changed(held)
        assert system.asked == []
        program.preferences.keep_awake = True
        awake.settle()
        await until(lambda: system.asked == ["begin"])
        story.go()
        await changed(held)
        story.end()
        await changed(held)
        await until(lambda: system.asked == ["begin", "end"])
        assert said == ([words] if words else [])
        await awake.close()
        assert system.asked[-1] == "end"


async def test_what_was_refused_or_lost_is_asked_again_and_told_once(tmp_path: Path) -> None:
    story, system, watch, said = Story(), Sleepless("No."), Stopwatch(), list[str]()
    async with opened_over(FakeEngine(tmp_path, [story])) as held:
        program = held.program
        awake = program.background.awake
        awake._awake, awake._since = system, watch  # type: ignore[assignment]
        awake.said.connect(said.append)
        program.preferences.keep_awake = True

        async def seen(tries: int) -> None:
            story.go()
            await changed(held)
            await until(lambda: not program.tasks.runs("keep awake"))
            assert system.asked == ["begin"] * tries

        await seen(1)
        watch.ms = AGAIN_MS - 1
        await seen(1)
        watch.ms = AGAIN_MS
        await seen(2)
        assert said == ["No."]
        system.words, watch.ms = "", AGAIN_MS
        await seen(3)
        watch.ms = AGAIN_MS
        await seen(3)
        system.holds, system.words = False, "It has ended."
        await seen(4)
        assert said == ["No.", "It has ended."]
