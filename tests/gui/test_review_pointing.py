"""What is clicked in lists and chart of a review leads there, and is selected everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.messages import events as ev
from engine.messages.events import EventKind
from tests.gui.first_steps import reviewed
from tests.gui.moved import engine_in, keyed, moments
from tests.gui.paged import paged
from tests.gui.waiting import until
from trader_gui.models.log_model import EVENT
from trader_gui.pages.review.body import ReviewBody
from trader_gui.pages.review.page import ReviewPage

pytestmark = pytest.mark.qt_loop

LEFT = Qt.MouseButton.LeftButton

MINUTE = 60_000


def choose(body: ReviewBody, place: int) -> None:
    """An entry of the menu that a panel opened."""
    assert body.pointing.menu is not None
    body.pointing.menu.actions()[place].trigger()
    body.pointing.menu.hide()


async def test_a_trade_row_leads_to_its_entry_and_exit(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held, 120)
        opened = moments(review, EventKind.TRADE_OPENED)
        closed = moments(review, EventKind.TRADE_CLOSED)
        table = body.trades.table
        row = body.trades.model.row_of(2)
        assert row is not None
        place = table.visualRect(body.trades.model.index(row, 2)).center()
        QTest.mouseClick(table.viewport(), LEFT, pos=place)
        QTest.mouseDClick(table.viewport(), LEFT, pos=place)
        assert held.page.moment == closed[1]
        held.page.show_now()
        row = body.trades.model.row_of(2)
        assert row is not None
        place = table.visualRect(body.trades.model.index(row, 2)).center()
        ask_menu(table.viewport(), place)
        choose(body, 0)
        assert held.page.moment == opened[1]
        keyed(held.page, "return")
        assert held.page.moment == closed[1]
        keyed(held.page, "return")  # where the click on the row had put the chart
        keyed(held.page, "return")
        assert held.page.moment == review.to_at


def ask_menu(on: QWidget, at: QPoint) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, on.mapToGlobal(at))
    QApplication.sendEvent(on, event)


async def test_a_log_line_leads_to_its_moment(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held, 120)
        body.show_list("log")
        await until(lambda: body.log.model.rowCount() > 10)
        refusals = moments(review, EventKind.REFUSAL)
        model = body.log.model
        row = next(
            row for row in range(model.rowCount()) if model.entry(row).line.at == refusals[2]
        )
        index = model.index(row, EVENT)
        body.log.view.scrollTo(index)
        place = body.log.view.visualRect(index).center()
        QTest.mouseClick(body.log.view.viewport(), LEFT, pos=place)
        QTest.mouseDClick(body.log.view.viewport(), LEFT, pos=place)
        assert held.page.moment == refusals[2]
        keyed(held.page, "last")
        await until(lambda: model.rowCount() > row)
        body.log.view.scrollTo(model.index(row, EVENT))
        ask_menu(body.log.view.viewport(), body.log.view.visualRect(model.index(row, 1)).center())
        choose(body, 0)
        assert held.page.moment == refusals[2]


async def test_markers_and_bars_of_the_chart_lead_there(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held, 120)
        chart = body.chart.chart
        layer, frame = chart.scene.trades, chart.pane.frame
        tips = layer._in_view(frame)[2].tips
        viewport = chart.view.viewport()
        exit_tip = tips[1][0].toPoint()
        QTest.mouseDClick(viewport, LEFT, pos=exit_tip)
        assert held.page.moment == moments(review, EventKind.TRADE_CLOSED)[2]
        assert (chart.pane.frame.left, chart.pane.frame.right) == (frame.left, frame.right)
        ask_menu(viewport, tips[0][0].toPoint())
        choose(body, 1)
        assert held.page.moment == moments(review, EventKind.TRADE_OPENED)[2]
        bar = 20
        ask_menu(viewport, QPoint(round(frame.x(bar)), 40))
        assert body.pointing.menu is not None
        assert len(body.pointing.menu.actions()) == 1
        choose(body, 0)
        assert held.page.moment == int(chart.model.candles.time[bar]) + MINUTE


async def test_what_is_clicked_is_selected_in_chart_rows_and_log(tmp_path: Path) -> None:
    async with paged(engine_in(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held, 120)
        chart, table = body.chart.chart, body.trades.table

        def lines() -> set[int]:
            rows = body.log.view.selectionModel().selectedRows()
            return {
                int(review.log.table[body.log.model.entry(i.row()).event, ev.TRADE]) for i in rows
            }

        tips = chart.scene.trades._in_view(chart.pane.frame)[1].tips
        QTest.mouseClick(chart.view.viewport(), LEFT, pos=tips[0][0].toPoint())
        number = chart.model.trades.mark(1).number
        assert chart.model.selected_trade == number
        assert table.current_key == 2
        assert lines() == {number}
        place = table.visualRect(body.trades.model.index(0, 2)).center()
        QTest.mouseClick(table.viewport(), LEFT, pos=place)
        newest = chart.model.trades.mark(3).number
        assert chart.model.selected_trade == newest
        assert lines() == {newest}
        body.show_list("log")
        kinds = review.log.table[:, ev.KIND]
        fill = int(np.flatnonzero(kinds == EventKind.FILL)[0])
        (row,) = body.log.model.rows_of(np.array([fill]))
        body.log.view.scrollTo(body.log.model.index(row, EVENT))
        place = body.log.view.visualRect(body.log.model.index(row, EVENT)).center()
        QTest.mouseClick(body.log.view.viewport(), LEFT, pos=place)
        assert chart.model.selected_trade == int(review.log.table[fill, ev.TRADE])
        assert table.current_key == 1
        assert body.lists.currentWidget() is body.log
