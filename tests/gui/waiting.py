"""Waiting in tests of the window: until something is so, never for a length of time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.patience import RunningTime, patience


async def until(so: Callable[[], object], patience_s: float = 5.0) -> None:
    """Let the loop run until `so()`; fails when it does not come true in time."""
    async with patience(patience_s):
        while not so():  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.005)


def comes_true(qtbot: QtBot, so: Callable[[], object]) -> None:
    """The same where there is no loop but Qt's own."""
    running = RunningTime()
    while not so():
        assert running.seconds() < 5.0, "What was waited for did not come true in time."
        qtbot.wait(10)


async def drawn() -> None:
    """Let layouts and paints that are due happen."""
    for _ in range(3):
        await asyncio.sleep(0)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    await asyncio.sleep(0.01)


def shown(qtbot: QtBot, widget: QWidget, width: int = 0, height: int = 0) -> QWidget:
    """The widget on the screen, as the active window."""
    qtbot.addWidget(widget)
    if width:
        widget.resize(width, height)
    widget.show()
    widget.activateWindow()
    QTest.qWaitForWindowActive(widget)
    return widget
