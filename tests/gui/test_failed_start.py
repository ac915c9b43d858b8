"""A data folder that cannot be used is a sentence in the window, never a page that waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from engine.runtime.engine import Engine
from tests.gui.waiting import until
from trader_gui import app
from trader_gui.__main__ import run
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.navigation import first_pages
from trader_gui.options import Options


def said_in(window: MainWindow, page: str) -> str:
    return " ".join(label.text() for label in window.page(page).findChildren(QLabel))


@pytest.mark.qt_loop
@pytest.mark.expects_warnings
async def test_rubbish_in_place_of_the_database_is_told_on_every_page(tmp_path: Path) -> None:
    rubbish = b"this is not a database" * 400
    (tmp_path / "trader.db").write_bytes(rubbish)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path)))
    window = await opened_window()
    await until(lambda: running.done() or "could not start" in said_in(window, "monitor"), 30)
    assert not running.done()
    for page in first_pages():
        words = said_in(window, page.name)
        assert "is starting" not in words
        assert "The database file is damaged. It was left as it is." in words
    assert not window.top_bar.isEnabled()
    window.close_requested.emit()
    assert await running == 0
    assert (tmp_path / "trader.db").read_bytes() == rubbish


@pytest.mark.qt_loop
async def test_a_folder_that_is_just_being_closed_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trader_gui.__main__._LOCK_PAUSE_S", 0.01)
    other = await Engine.open(tmp_path)
    real, tries = app.build, list[object]()

    async def build(*given: object) -> object:
        tries.append(given)
        if len(tries) == 3:
            await other.close()
        return await real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "build", build)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path)))
    window = await opened_window()
    await until(lambda: len(tries) == 3 and window.top_bar.isEnabled(), 30)
    window.close_requested.emit()
    assert await running == 0


@pytest.mark.qt_loop
@pytest.mark.expects_warnings
async def test_a_folder_that_another_program_keeps_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trader_gui.__main__._LOCK_PAUSE_S", 0)
    other = await Engine.open(tmp_path)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path)))
    window = await opened_window()
    await until(lambda: "is in use by another program" in said_in(window, "monitor"), 30)
    window.close_requested.emit()
    assert await running == 0
    await other.close()


async def opened_window() -> MainWindow:
    await until(_open_windows, 30)
    return _open_windows()[0]


def _open_windows() -> list[MainWindow]:
    shown = QApplication.topLevelWidgets()
    return [one for one in shown if isinstance(one, MainWindow) and one.isVisible()]
