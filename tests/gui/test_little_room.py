"""What is shown where there is little room: sentences whole, figures whole, buttons within."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeEngine
from tests.gui.opened import cut, overlaps
from tests.gui.paged import paged
from tests.gui.test_review_page import reviewed, with_history
from tests.gui.waiting import drawn, until
from trader_gui.charts.curve_chart import Curve
from trader_gui.models.table_delegate import TableDelegate
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.review.head import ReviewHead
from trader_gui.pages.review.page import ReviewPage
from trader_gui.panels.equity_curve import ThemedCurveChart
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.figure_rows import Figure, FigureRows

LONG = (
    "The rows of this session are damaged from 14:05 on, so nothing can be shown of it. Restore "
    "trader.db from a copy that was made before, or delete the session; the others are whole and "
    "can be opened as before."
)


def shown(qtbot: QtBot, widget: QWidget, width: int, height: int) -> None:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()


@pytest.mark.parametrize("width", [240, 375, 900])
def test_sentences_of_an_empty_page_are_shown_whole(qtbot: QtBot, width: int) -> None:
    empty = EmptyState("This session cannot be opened.", LONG, "Go back")
    shown(qtbot, empty, width, 420)
    assert empty.width() == width
    for line in empty.findChildren(QLabel):
        room = line.contentsRect()
        assert empty.rect().contains(line.geometry())
        assert line.heightForWidth(line.width()) <= room.height()
    assert overlaps(empty) == []
    wide = max(line.width() for line in empty.findChildren(QLabel))
    assert wide <= 420 or width < 420


def test_a_figure_stays_whole_and_its_name_is_shortened(qtbot: QtBot) -> None:
    rows = FigureRows()
    rows.show_figures([Figure("Maximaler Drawdown", "12.07 %", after="Test 2.07 %")])
    shown(qtbot, rows, 170, 30)
    (line,) = rows._lines
    assert line.value.shown() == "12.07 %"
    assert line.name.shown().endswith("…")
    assert line.name.toolTip()
    assert line.after.width() >= line.after.sizeHint().width()
    words = FigureRows(wordy=True)
    words.show_figures([Figure("Recording", "d41d8cd98f00b204e9800998ecf8427e")])
    shown(qtbot, words, 170, 30)
    (line,) = words._lines
    assert line.name.shown() == "Recording"
    assert "…" in line.value.shown()


def test_the_tags_of_compared_curves_are_within_the_axis(qtbot: QtBot) -> None:
    chart = ThemedCurveChart("Equity")
    times = np.arange(3, dtype=np.int64) * 60_000
    chart.set_series(
        [
            Curve(name, times, np.array([0.0, end, end]))
            for name, end in (("set", 1_178.86), ("held", -40.38))
        ]
    )
    shown(qtbot, chart, 240, 140)
    tags = chart._end_tags
    metrics = QFontMetricsF(chart.model.fonts.tag)
    boxes = tags._boxes()
    assert len(boxes) == 2
    for column, box in boxes:
        assert box.left() + 4 + metrics.horizontalAdvance(tags._text(column)) <= box.right()
        assert box.right() <= tags.size().width()
    assert tags.geometry().right() <= chart.width()


@pytest.mark.qt_loop
async def test_long_words_of_the_form_are_within_the_page(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage, (1052, 620)) as held:
        page, form = held.page, held.page.form
        form.run.setText("Einen Backtest starten")
        form.foot.sweep.setText("Suchlauf starten (88 Läufe)")
        form.foot.sweep.show()
        form.foot._place()
        form.presets.setMinimumWidth(310)  # as in a language of longer words
        form.settle()
        form.foot.sweep.show()
        await until(lambda: form.width() >= form.minimumSizeHint().width())
        await drawn()
        assert page.size().toTuple() == (1052, 620)
        body = form._body
        assert body.minimumSizeHint().width() <= body.width() <= form.width()
        for button in (form.run, form.foot.sweep):
            assert button.width() >= button.sizeHint().width()
            assert form.foot.rect().contains(button.geometry())


@pytest.mark.qt_loop
async def test_buttons_show_icons_alone_where_words_have_no_room(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        assert held.page.review is not None
        host = QWidget()  # a window of its own could not be as narrow
        host.resize(1600, 60)
        head = ReviewHead(host)
        head.show_id("S-0123")
        head.show_review(held.page.review, "EMA cross", 0)
        head.resize(1536, 46)
        host.show()
        await drawn()
        assert head.export.text() == "Export trades"
        head.resize(800, 46)
        await drawn()
        assert head.width() == 800
        for button in [one for one in head._words if one.isVisible()]:
            assert button.text() == ""
            assert button.width() >= button.sizeHint().width()
            assert button.toolTip()
            assert button.accessibleName()
        assert cut(head) == []
        assert overlaps(head) == []
        head.resize(1536, 46)
        await drawn()
        assert head.export.text() == "Export trades"
        host.hide()
        host.deleteLater()


@pytest.mark.qt_loop
async def test_no_trade_is_cut_in_the_columns_that_stay(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        assert held.page.body is not None
        table = held.page.body.trades.table
        table.setParent(None)
        table.resize(801, 300)  # what a window of 1100 leaves it
        table.show()
        await drawn()
        model, delegate = table.model(), table.itemDelegate()
        assert isinstance(delegate, TableDelegate)
        stay = [at for at in range(model.columnCount()) if not table.isColumnHidden(at)]
        assert 8 <= len(stay) < model.columnCount()
        assert {model.index(row, 1).data() for row in range(model.rowCount())} >= {"▼ SHORT"}
        for row in range(model.rowCount()):
            for at in stay:
                index = model.index(row, at)
                assert delegate.width(index) <= table.columnWidth(at), index.data()
        table.hide()
        table.deleteLater()
