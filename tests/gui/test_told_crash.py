"""What ended the last run is told at the next start, and nothing of that can end this one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from engine.runtime.crashes import FOLDER, write_crash
from engine.runtime.logs import ProgramLog
from engine.runtime.starts import Starts
from tests.gui.test_failed_start import opened_window
from tests.gui.test_safe_mode import shown_card
from tests.gui.waiting import until
from trader_gui.__main__ import run
from trader_gui.options import Options

pytestmark = pytest.mark.qt_loop


class Ended(QObject):
    ended = Signal()


class Built:
    """A program whose bots may run: what matters is that it is closed."""

    def __init__(self) -> None:
        self.closing, self.closed = Ended(), False

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Built:
    made = Built()

    async def build(*_: object) -> Built:
        return made

    monkeypatch.setattr("trader_gui.__main__.build", build)
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes links for few")
async def test_a_crash_that_cannot_be_read_is_told_once(tmp_path: Path, built: Built) -> None:
    Starts(tmp_path)  # one that never ended
    (tmp_path / FOLDER / "crash-1773309723000.txt").mkdir(parents=True)  # nobody can read that
    (tmp_path / "led away").symlink_to(tmp_path / "nowhere")
    starts = Starts(tmp_path)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path), starts=starts))
    window = await opened_window()
    card = await shown_card(window, "The program crashed")
    report = card.findChild(QPlainTextEdit)
    assert report is not None
    assert "crash-1773309723000.txt, which tells what happened, cannot be read (" in (
        report.toPlainText()
    )
    card.take("close")
    assert not running.done()
    built.closing.ended.emit()
    assert await running == 0
    assert built.closed
    assert starts.crash is None


@pytest.mark.expects_warnings
async def test_a_crash_that_cannot_be_told_leaves_the_program_running(
    tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("no report")

    monkeypatch.setattr("trader_gui.telling.fault_report.show_crash", broken)
    Starts(tmp_path)
    write_crash(tmp_path, ValueError("before"))
    starts = Starts(tmp_path)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path), starts=starts))
    window = await opened_window()
    await until(lambda: window.toasts._shown)
    words = [line.text() for line in window.toasts._shown[0].findChildren(QLabel)]
    assert "no report" in words
    assert window.top_bar.isEnabled()
    built.closing.ended.emit()
    assert await running == 0
    assert built.closed
    assert starts.crash is None  # told once, not at every start


@pytest.mark.expects_warnings
async def test_bots_are_stored_even_when_not_even_the_failure_can_be_shown(
    tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("neither log nor words")

    kept = ProgramLog.__new__(ProgramLog)  # the log of this process stays as it is
    monkeypatch.setattr(ProgramLog, "keep_in", broken)
    monkeypatch.setattr("trader_gui.__main__._show_failure", broken)
    with pytest.raises(ZeroDivisionError):
        await run(Options(tmp_path), kept)
    assert built.closed
