"""Every setting of every form and every column of every table says what it means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QTableView, QWidget

from tests.gui.opened import Opened, opened
from tests.gui.waiting import drawn, until
from trader_gui.forms.import_choices import ImportChoices
from trader_gui.forms.trade_fields import CHOICE_SPECS, TRADE_SPECS
from trader_gui.forms.trade_tables import TABLE_SPECS
from trader_gui.forms.trade_tips import TRADE_TIPS
from trader_gui.models.log_model import LogModel
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.help.page import HelpPage
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.panels.rows import KeyRow
from trader_gui.widgets.field import CaptionedField
from trader_gui.widgets.figure_rows import FigureLine
from trader_gui.widgets.search_box import SearchBox
from trader_gui.widgets.segmented import SegmentedControl

INPUTS = (QLineEdit, QComboBox, QCheckBox, SegmentedControl)
FEWEST_WORDS = 3
"""Of a tooltip that says more than the name does."""


def untold(root: QWidget) -> list[str]:
    """Inputs, figures and columns below `root` that no tooltip explains."""
    found = []
    for widget in root.findChildren(QWidget):
        place = f"{type(widget).__name__} {widget.accessibleName()!r}"
        inner = isinstance(widget, SearchBox) or isinstance(widget.parent(), QComboBox)
        if isinstance(widget, INPUTS) and not inner and not explained(widget):
            found.append(place)
        if isinstance(widget, KeyRow | FigureLine) and not told_by_name(widget):
            found.append(place)
        if isinstance(widget, QTableView):
            found += [f"{place} column {title!r}" for title in silent_columns(widget)]
    return found


def explained(widget: QWidget) -> bool:
    """It has words of its own, or the field around it has."""
    words = widget.toolTip()
    around = widget.parentWidget()
    while around is not None and not words:
        words = around.toolTip() if isinstance(around, CaptionedField) else ""
        around = around.parentWidget()
    return len(words.split()) >= FEWEST_WORDS


def told_by_name(row: QWidget) -> bool:
    """A line of a name and its value says what it is, all of it or at its name."""
    return any(part.toolTip() for part in (row, *row.findChildren(QLabel)))


def silent_columns(table: QTableView) -> Iterator[str]:
    model, role = table.model(), Qt.ItemDataRole
    for place in range(model.columnCount(QModelIndex())):
        title = model.headerData(place, Qt.Orientation.Horizontal, role.DisplayRole)
        if title and not model.headerData(place, Qt.Orientation.Horizontal, role.ToolTipRole):
            yield str(title)


async def everything(held: Opened) -> AsyncIterator[tuple[str, QWidget]]:
    """The window's pages with all that they open, by name."""
    for name in ("monitor", "sessions", "backtest", "bots", "settings"):
        held.window.show_page(name)
        await drawn()
        yield name, held.window.page(name)
    held.program.new_bot()
    await drawn()
    yield "a new bot", held.window.page("bots")
    held.program.open_review(held.engine.stories[0].session_id)
    page = held.window.page("sessions")
    assert isinstance(page, SessionsPage)
    await until(lambda: page.review.review is not None, 30)
    await drawn()
    yield "review", page
    backtest = held.window.page("backtest")
    assert isinstance(backtest, BacktestPage)
    held.window.show_page("backtest")
    for name, show in (
        ("import", lambda: backtest.middle.open_import([])),
        ("kept", backtest.middle.open_kept),
        ("download", backtest.middle.open_download),
    ):
        show()
        await drawn()
        yield name, backtest.middle
    for widget in (held.window.rail, held.window.top_bar, held.window.status_bar):
        yield "frame", widget


@pytest.mark.qt_loop
async def test_every_setting_and_every_column_is_explained(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        found = {f"{name}: {one}" async for name, root in everything(held) for one in untold(root)}
        assert found == set()
        sweep = held.window.page("backtest").findChildren(QComboBox)
        assert len(sweep) > 10, "the forms were looked into"


def test_what_nobody_explains_is_found(qapp: object) -> None:
    field, root = CaptionedField("A", QLineEdit()), QWidget()
    field.setParent(root)
    box = QCheckBox("B", root)
    root.setToolTip("The page says nothing of its fields.")
    assert len(untold(root)) == 2
    box.setToolTip("What is chosen here, in words.")
    assert untold(root) == ["QLineEdit 'A'"]
    field.setToolTip("What is entered here, in words.")
    assert untold(root) == []


def test_the_words_of_trade_settings_are_all_used_and_name_what_is_off() -> None:
    specs = [*TRADE_SPECS.values(), *CHOICE_SPECS.values(), *TABLE_SPECS.values()]
    assert {spec.key for spec in specs} == TRADE_TIPS.keys()
    silent = [
        spec.key
        for spec in TRADE_SPECS.values()
        if spec.optional and spec.empty and "Empty" not in spec.tip and spec.key != "guard_minutes"
    ]
    assert silent == []


def test_the_log_explains_its_columns_and_imports_their_choices(qapp: object) -> None:
    model, role = LogModel(), Qt.ItemDataRole.ToolTipRole
    tips = [
        model.headerData(place, Qt.Orientation.Horizontal, role)
        for place in range(model.columnCount())
    ]
    assert all(tips)
    assert len(set(tips)) == len(tips)
    choices = ImportChoices()
    assert untold(choices) == []
    page = HelpPage()
    assert untold(page) == []
