"""A data folder that cannot be used is a sentence in the window, never a page that waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from trader_gui.__main__ import run
from trader_gui.main_window import MainWindow
from trader_gui.navigation import first_pages
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
    while "could not start" not in said_in(window, "monitor"):
        assert not running.done()
        await asyncio.sleep(0)
    for page in first_pages():
        words = said_in(window, page.name)
        assert "is starting" not in words
        assert "The database file is damaged. It was left as it is." in words
    assert not window.top_bar.isEnabled()
    window.close_requested.emit()
    assert await running == 0
    assert (tmp_path / "trader.db").read_bytes() == rubbish


async def opened_window() -> MainWindow:
    while True:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, MainWindow) and widget.isVisible():
                return widget
        await asyncio.sleep(0)
