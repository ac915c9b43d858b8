"""A page is made within the place where it stands: with each new parent, Qt dresses all that a
widget is made of again, which was a third of the time until a window stood."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget

from tests.gui.opened import Opened, opened
from tests.gui.waiting import drawn, until
from trader_gui.pages.sessions.page import SessionsPage

pytestmark = pytest.mark.qt_loop

MOST: Final = 4.0
"""Times that a widget is dressed, on average: when it is made, when it has its place, and when what
it stands in has one."""


class Dressings(QObject):
    """Counts them in the whole program, of what is there and of what is made."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.StyleChange and watched.isWidgetType()
        return False


def widgets(held: Opened) -> int:
    return len(held.window.findChildren(QWidget))


async def test_nothing_is_dressed_again_and_again_while_a_page_is_made(tmp_path: Path) -> None:
    program, dressings = QCoreApplication.instance(), Dressings()
    assert program is not None
    often: dict[str, float] = {}
    program.installEventFilter(dressings)
    try:
        async with opened(tmp_path) as held:
            often["window"] = dressings.count / widgets(held)
            for name in ("backtest", "bots", "sessions", "settings"):
                dressings.count, there = 0, widgets(held)
                held.window.show_page(name)
                await drawn()
                often[name] = dressings.count / (widgets(held) - there)
            dressings.count, there = 0, widgets(held)
            held.program.open_review(held.engine.stories[0].session_id)
            page = held.window.page("sessions")
            assert isinstance(page, SessionsPage)
            await until(lambda: page.review.review is not None)
            await drawn()
            often["review"] = dressings.count / (widgets(held) - there)
    finally:
        program.removeEventFilter(dressings)
    assert max(often.values()) < MOST, often
