"""Text from outside is shown sign by sign, never read as markup: no label, no tooltip, no cell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget

from engine.domain.bots import BotState
from engine.domain.strategy_files import Standing, StrategyFile
from engine.errors import Fault, FaultKind
from engine.messages.snapshot import BotError
from tests.gui.opened import Opened, opened
from tests.gui.stories import Story, five_bots
from tests.gui.story_markets import START_AT
from tests.gui.waiting import drawn, until
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.widgets.plain_tip import plain_tip, wrapped_tip

PLANTED = "<a href='https://fake.test'><b>Update now</b></a>"
ROOT = Path(__file__).resolve().parents[2]
_MOST_ROWS = 60


def reads_as_markup(text: str) -> bool:
    """Whether Qt shows other than what stands there."""
    if not text or not GuiQt.mightBeRichText(text):
        return False
    return text != wrapped_tip(QTextDocumentFragment.fromHtml(text).toPlainText())


def tips_of(model: QAbstractItemModel) -> Iterator[str]:
    top, role = QModelIndex(), Qt.ItemDataRole.ToolTipRole
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(top)
    told = [model.headerData(one, Qt.Orientation.Horizontal, role) for one in range(columns)]
    for row in range(min(model.rowCount(top), _MOST_ROWS)):
        told += [model.index(row, one, top).data(role) for one in range(columns)]
    yield from (str(tip) for tip in told if tip)


def wrong(root: QWidget) -> tuple[list[str], int]:
    """What is read as markup below `root`, and how often the planted text was met."""
    found: list[str] = []
    met = 0
    for widget in (root, *root.findChildren(QWidget)):
        named = f"{type(widget).__module__}.{type(widget).__name__}"
        tips = [widget.toolTip(), *(action.toolTip() for action in widget.actions())]
        if isinstance(widget, QLabel) and widget.text():
            met += PLANTED in widget.text()
            if widget.textFormat() != Qt.TextFormat.PlainText:
                found.append(f"{named} guesses at {widget.text()!r}")
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            tips += tips_of(widget.model())
        found += [f"{named} shows {tip!r}" for tip in tips if reads_as_markup(tip)]
        met += sum(PLANTED in QTextDocumentFragment.fromHtml(tip).toPlainText() for tip in tips)
    return found, met


def planted_bots() -> list[Story]:
    """Five bots, with the planted text wherever one comes from outside."""
    stories = five_bots()
    for number, story in enumerate(stories):
        story.settings = replace(
            story.settings,
            name=f"{PLANTED}{number}",
            feed=replace(story.settings.feed, path=f"/tmp/{PLANTED}.csv", exchange=PLANTED),
        )
        story.settings = replace(story.settings, symbol=PLANTED)
        story.market = replace(story.market, symbol=PLANTED, source=PLANTED)
        story.fail(PLANTED)
        story.state = BotState.RUNNING
    stories[0].state = BotState.ERROR
    stories[0].error = BotError(FaultKind.EXCHANGE, PLANTED, PLANTED, START_AT)
    return stories


async def seen(held: Opened, name: str) -> tuple[list[str], int]:
    held.window.show_page(name)
    await drawn()
    return wrong(held.window)


@pytest.mark.qt_loop
async def test_no_page_reads_what_comes_from_outside_as_markup(tmp_path: Path) -> None:
    async with opened(tmp_path, planted_bots()) as held:
        held.engine.files["x.py"] = StrategyFile(
            PLANTED, "ab" * 32, Standing.BROKEN, PLANTED, PLANTED, PLANTED
        )
        held.program.show_fault(Fault(PLANTED, details=PLANTED))
        for name in ("monitor", "sessions", "backtest", "bots", "settings"):
            found, met = await seen(held, name)
            assert found == [], name
            assert met > 1, name
        held.program.edit_bot(held.engine.stories[1].bot_id)
        await drawn()
        assert wrong(held.window)[0] == []
        held.program.open_review(held.engine.stories[0].session_id)
        page = held.window.page("sessions")
        assert isinstance(page, SessionsPage)
        assert isinstance(page.review, ReviewPage)
        await until(lambda: page.review.review is not None)
        await drawn()
        found, met = wrong(held.window)
        assert found == []
        assert met > 1


def test_a_label_or_tip_that_guesses_is_found(qapp: QApplication) -> None:
    label = QLabel(PLANTED)
    label.setToolTip(PLANTED)
    assert len(wrong(label)[0]) == 2
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setToolTip(plain_tip(PLANTED))
    assert wrong(label) == ([], 2)


@pytest.mark.parametrize("text", ["", "a plain one", "a < b & c", PLANTED, "&lt;b&gt; <i>x</i>"])
def test_a_tip_shows_what_it_is_given(text: str) -> None:
    for tip in (plain_tip(text), wrapped_tip(text)):
        rich = GuiQt.mightBeRichText(tip)
        shown = QTextDocumentFragment.fromHtml(tip).toPlainText() if rich else tip
        assert shown == text


def test_every_tip_that_is_not_written_in_the_source_goes_through_one_door() -> None:
    doors = {"looks.py", "elided_label.py", "pointer.py", "tray.py"}
    free = [
        f"{path.name}:{call.lineno}"
        for path in (ROOT / "trader_gui").rglob("*.py")
        if path.name not in doors
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "setToolTip"
        and not all(_written_here(given) for given in call.args)
    ]
    assert free == []


def _written_here(given: ast.expr) -> bool:
    if isinstance(given, ast.IfExp):
        return _written_here(given.body) and _written_here(given.orelse)
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Name):
        plain = [*given.args, *given.keywords]
        translated = given.func.id == "tr" and all(isinstance(one, ast.Constant) for one in plain)
        return translated or given.func.id == "plain_tip"
    return isinstance(given, ast.Constant)
