"""The window is painted first; what must be compiled is said, and ends with the window."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from engine.errors import Cancelled
from engine.runtime import kernel_warmth
from tests.gui.test_failed_start import opened_window
from tests.gui.waiting import until
from trader_gui.__main__ import run
from trader_gui.options import Options
from trader_gui.pages.first_run import FirstRunPage

ROOT = Path(__file__).resolve().parents[2]
WORDS = "Preparing the kernel, about 9 s"


class Compiler:
    """Compiling as the window waits for it: until `done` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done, self.stopped = threading.Event(), False
        monkeypatch.setattr(kernel_warmth, "waiting_words", lambda: WORDS)
        monkeypatch.setattr(kernel_warmth, "load_kernel", self.load)

    def load(self, *, beside: bool, stop: threading.Event) -> None:
        assert beside
        while not self.done.wait(0.005):
            if stop.is_set():
                self.stopped = True
                raise Cancelled("Cancelled.")


@pytest.mark.qt_loop
async def test_what_is_waited_for_is_said_and_then_everything_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = Compiler(monkeypatch)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path)))
    window = await opened_window()
    await until(lambda: "engine" in window.status_bar._cells)
    assert window.status_bar.words("engine") == f"Engine {WORDS}"
    said = [label.text() for label in window.page("backtest").findChildren(QLabel)]
    assert f"{WORDS}." in said
    assert not window.top_bar.isEnabled()
    compiler.done.set()
    await until(window.top_bar.isEnabled, 30)
    assert isinstance(window.page("monitor"), FirstRunPage)
    assert window.status_bar.words("engine") == "Engine ready"
    window.close_requested.emit()
    assert await running == 0


@pytest.mark.qt_loop
async def test_a_window_that_is_closed_meanwhile_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = Compiler(monkeypatch)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path)))
    window = await opened_window()
    await until(lambda: "engine" in window.status_bar._cells)
    window.close_requested.emit()
    assert await running == 0
    await until(lambda: compiler.stopped)
    assert not (tmp_path / "trader.db").exists()


def test_the_kernel_is_never_imported_before_its_cache_is_known() -> None:
    """numba would keep it beside the source and not notice an edited part of it."""
    look = (
        "import os, sys\n"
        "class Look:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'numba':\n"
        "            print('known' if os.environ.get('NUMBA_CACHE_DIR') else 'unknown')\n"
        "sys.meta_path.insert(0, Look())\n"
        "import asyncio\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from trader_gui.__main__ import kernel_for\n"
        "from trader_gui.frame.main_window import MainWindow\n"
        "app = QApplication([])\n"
        "asyncio.run(kernel_for(MainWindow()))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", look],
        env=environment | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["known"]
