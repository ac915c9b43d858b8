"""The whole program over the engine in memory, as async tests of the window use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from engine.domain.bots import BotState
from tests.gui.fakes import FakeEngine
from tests.gui.stories import Story, five_bots
from tests.gui.waiting import drawn, until
from trader_gui.app import Program
from trader_gui.frame.main_window import MainWindow
from trader_gui.pages.first_run import FirstRunPage
from trader_gui.pages.monitor import MonitorPage
from trader_gui.settings.preferences import FILE_NAME, Preferences
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.segmented import SegmentedControl

LEFT = Qt.MouseButton.LeftButton


class Opened:
    """What a test holds: the window, the program behind it, and the engine it talks to."""

    def __init__(self, engine: FakeEngine, size: tuple[int, int]) -> None:
        self.engine, folder = engine, engine.data_dir
        self.window = MainWindow()
        self.window.resize(*size)
        self.window.show()
        self.program = Program(self.window, self.engine, Preferences(folder / FILE_NAME))
        self.program.begin(first=not engine.stories)

    @property
    def monitor(self) -> MonitorPage:
        page = self.window.page("monitor")
        assert isinstance(page, MonitorPage)
        return page

    @property
    def first(self) -> FirstRunPage:
        page = self.window.page("monitor")
        assert isinstance(page, FirstRunPage)
        return page

    @property
    def asked(self) -> list[object]:
        return list(self.engine.commands)

    async def close(self) -> None:
        await self.program.close()
        self.window.hide()
        self.window.deleteLater()
        await drawn()


@asynccontextmanager
async def opened(
    folder: Path, stories: list[Story] | None = None, size: tuple[int, int] = (1600, 1000)
) -> AsyncIterator[Opened]:
    """The program with these bots (five different ones when not given), closed afterwards."""
    engine = FakeEngine(folder, five_bots() if stories is None else stories)
    async with opened_over(engine, size) as made:
        yield made


@asynccontextmanager
async def opened_over(
    engine: FakeEngine, size: tuple[int, int] = (1600, 1000)
) -> AsyncIterator[Opened]:
    """The program over this engine, closed afterwards."""
    made = Opened(engine, size)
    await drawn()
    made.window.activateWindow()  # keys reach the shortcuts of an active window only
    await until(made.window.isActiveWindow)
    try:
        yield made
    finally:
        await made.close()


async def changed(held: Opened) -> None:
    """The engine has news, and the window has heard them."""
    held.engine.changed()
    await until(lambda: held.program.bridge.snapshot == held.engine.snapshot())


def states(opened_: Opened) -> dict[str, BotState]:
    return {bot.settings.name: bot.state for bot in opened_.engine.snapshot().bots}


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """Press and release the left button, as a person does."""
    assert widget.isVisible(), f"{widget} cannot be clicked: it is not visible"
    QTest.mouseClick(widget, LEFT, pos=at or widget.rect().center())


def press(control: SegmentedControl, key: str) -> None:
    """Click the segment of that name."""
    click(control._group.button(control._keys.index(key)))


def overlaps(root: QWidget) -> list[str]:
    """Visible siblings that lie over one another, and children that stick out of a parent."""
    found = []
    for parent in (root, *root.findChildren(QWidget)):
        if not parent.isVisible() or parent.metaObject().className() in _STACKED:
            continue
        if parent.objectName() == "qt_scrollarea_viewport":  # what is scrolled may stick out
            continue
        shown = [
            child
            for child in parent.findChildren(QWidget, options=_DIRECT)
            if child.isVisible()
            and child.width() > 1
            and child.height() > 1
            and child.metaObject().className() not in _FLOATING
        ]
        for number, one in enumerate(shown):
            if not parent.rect().contains(one.geometry()):
                found.append(f"{_name(one)} sticks out of {_name(parent)}")
            found += [
                f"{_name(one)} over {_name(other)} in {_name(parent)}"
                for other in shown[number + 1 :]
                if one.geometry().intersects(other.geometry())
            ]
    return found


def cut(root: QWidget) -> list[str]:
    """Labels that do not show all of their text and are not made to shorten it."""
    return [
        f"{line.text()!r} has {line.width()} of {line.sizeHint().width()} px"
        for line in root.findChildren(QLabel)
        if line.isVisible()
        and line.text()
        and not line.wordWrap()
        and not isinstance(line, ElidedLabel)
        and line.width() < line.sizeHint().width()
    ]


_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_STACKED = (
    "QSplitter",
    "QTableView",
    "LogView",
    "_BotsView",
    "QListView",
    "QComboBox",
    "QAbstractScrollArea",
    "QScrollArea",
)
_FLOATING = ("QSplitterHandle", "Toast", "ScrimCard")


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__}({widget.accessibleName()})"
