"""Starts that never get ready: counted over real processes, then safe mode is offered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit

from engine.messages.recovery import ResumeChoice
from engine.runtime.crashes import FATAL_NAME, FOLDER
from engine.runtime.engine import Engine
from engine.runtime.starts import Starts
from engine.strategies import BUILT_IN, STRATEGIES
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import paged
from tests.gui.restarted import restarted
from tests.gui.test_failed_start import opened_window
from tests.gui.waiting import drawn, until
from tests.runtime.own_files import breakout, put
from trader_gui.__main__ import run
from trader_gui.frame.main_window import MainWindow
from trader_gui.options import Options
from trader_gui.pages.restart.page import RestartPage
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.settings.preferences import FILE_NAME, Preferences
from trader_gui.widgets.scrim import ScrimCard

ROOT = Path(__file__).resolve().parents[2]
FUSE = """
import pathlib, signal
fuse = pathlib.Path({fuse!r})
if fuse.exists():
    signal.raise_signal(int(fuse.read_text()))  # in this thread, as a fault would be
"""
"""At the head of a strategy: what a broken compiled library does to the process that loads it."""


async def with_a_fuse(folder: Path, fuse: Path) -> None:
    """A data folder with an allowed strategy that ends whoever loads it while there is a fuse."""
    put(folder, "breakout.py", FUSE.format(fuse=str(fuse)) + breakout())
    engine = await Engine.open(folder)
    (file,) = await engine.strategy_files()
    await engine.allow_strategy(file.file, file.sha256)
    await engine.close()


def killed_at_once(folder: Path) -> None:
    """A start that is counted and then ended from outside."""
    count = (
        "import os, pathlib, signal, sys\n"
        "from engine.runtime.crashes import FatalFile\n"
        "from engine.runtime.starts import Starts\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "fatal, starts = FatalFile(folder), Starts(folder)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", count, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=200,
    )
    assert done.returncode == -signal.SIGKILL


def ended_by(number: signal.Signals, folder: Path, fuse: Path) -> None:
    """A start of the real program that the strategy ends."""
    fuse.write_text(str(int(number)))
    with tempfile.TemporaryDirectory() as sockets:  # one that is killed leaves its own there
        done = subprocess.run(
            [sys.executable, "-P", "-m", "trader_gui", "--data-dir", str(folder), "--offline"],
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": sockets},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    assert done.returncode == -number, done.stderr


def card_of(window: MainWindow, title: str) -> ScrimCard | None:
    found = window.findChildren(ScrimCard)
    return next((card for card in found if card.accessibleName() == title), None)


async def shown_card(window: MainWindow, title: str) -> ScrimCard:
    await until(lambda: card_of(window, title) is not None, 60)
    card = card_of(window, title)
    assert card is not None
    return card


@pytest.mark.qt_loop
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
async def test_two_starts_that_die_and_a_third_that_leaves_out_what_killed_them(
    tmp_path: Path,
) -> None:
    folder, fuse = tmp_path / "data", tmp_path / "fuse"
    await with_a_fuse(folder, fuse)
    await asyncio.to_thread(ended_by, signal.SIGSEGV, folder, fuse)
    stacks = (folder / FOLDER / FATAL_NAME).read_text()
    assert "Segmentation fault" in stacks
    assert "breakout.py" in stacks
    await asyncio.to_thread(killed_at_once, folder)
    fuse.write_text("0")  # a signal that does nothing: this process is to live on
    starts = Starts(folder)
    assert starts.unready == 2
    running = asyncio.get_running_loop().create_task(
        run(Options(folder, offline=True), starts=starts)
    )
    window = await opened_window()
    offer = await shown_card(window, "Start in safe mode?")
    assert cut(offer) == []
    click(offer.button("safe"))
    crashed = await shown_card(window, "The program crashed")
    assert "safe mode" in window.windowTitle()
    assert window.status_bar.words("start") == "Start safe mode"
    assert set(STRATEGIES) == BUILT_IN
    report = crashed.findChild(QPlainTextEdit)
    assert report is not None
    assert "Segmentation fault" in report.toPlainText()
    assert "trader-gui 0." in report.toPlainText()
    await drawn()
    assert cut(crashed) == []
    assert overlaps(crashed) == []
    click(crashed.button("close"))
    window.show_page("settings")
    page = window.page("settings")
    assert isinstance(page, SettingsPage)
    await until(lambda: page.strategies.rows)
    assert "was started in safe mode, so it was not loaded" in (
        page.strategies.rows["breakout.py"].words.text()
    )
    window.close_requested.emit()
    assert await running == 0
    after = Starts(folder)
    assert (after.unready, after.crash) == (0, None)


@pytest.mark.qt_loop
async def test_a_usual_start_can_be_chosen_and_an_end_before_an_answer_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("trader_gui.__main__.build", never)
    for _ in range(2):
        Starts(tmp_path)
    for answers in (lambda card: card.take("usual"), lambda card: None):
        starts = Starts(tmp_path)
        await one_start(tmp_path, starts, answers)
        after = Starts(tmp_path)
        assert after.unready == 2
        after.ended(built=False)


async def one_start(folder: Path, starts: Starts, answer: Callable[[ScrimCard], object]) -> None:
    running = asyncio.get_running_loop().create_task(run(Options(folder), starts=starts))
    window = await opened_window()
    answer(await shown_card(window, "Start in safe mode?"))
    await drawn()
    assert "safe" not in window.windowTitle()
    window.close_requested.emit()
    assert await running == 0
    await drawn()


@pytest.mark.qt_loop
@pytest.mark.expects_warnings
async def test_a_mistake_of_the_program_is_a_report_and_a_failed_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("apiKey=Qw7Zr2Tn9Lk4")

    monkeypatch.setattr("trader_gui.__main__.build", broken)
    starts = Starts(tmp_path)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path), starts=starts))
    window = await opened_window()
    card = await shown_card(window, "The program could not start")
    text = card.findChild(QPlainTextEdit)
    assert text is not None
    assert "ZeroDivisionError: apiKey=[hidden]" in text.toPlainText()
    card.take("close")
    window.close_requested.emit()
    assert await running == 0
    assert Starts(tmp_path).unready == 1


@pytest.mark.qt_loop
@pytest.mark.parametrize(("by_itself", "sent"), [(True, 1), (False, 0)])
async def test_in_safe_mode_bots_wait_whatever_the_settings_say(
    tmp_path: Path, by_itself: bool, sent: int
) -> None:
    engine = restarted(tmp_path)
    engine.restart = replace(engine.restart, choice=ResumeChoice.RESUME)
    async with paged(engine, lambda bridge: RestartPage(bridge, by_itself=by_itself)) as held:
        await until(lambda: "Looking" not in next(iter(held.page.rows.values())).missed.text())
        assert len(engine.commands) == sent


def test_usual_sizes_neither_use_nor_change_what_was_chosen(tmp_path: Path) -> None:
    text = "[layout]\nbots = [300, 40]\n"
    path = tmp_path / FILE_NAME
    path.write_text(text)
    safe = Preferences(path, usual_layout=True)
    assert safe.layout("bots") == []
    safe.set_layout("bots", [1, 2])
    safe.save()
    assert safe.layout("bots") == [1, 2]
    assert path.read_text() == text


def test_a_layout_is_forgotten_for_good(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('theme = "light"\n[layout]\nbots = [300, 40]\nodd = "x"\n')
    for usual in (True, False):
        reset = Preferences(path, usual_layout=usual)
        reset.forget_layout()
        reset.save()
    assert "bots" not in path.read_text()
    assert 'odd = "x"' in path.read_text()
    assert 'theme = "light"' in path.read_text()
