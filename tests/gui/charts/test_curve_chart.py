"""The equity and drawdown chart: its cursor, its box, several curves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.charts.demonstration import START_AT, curves
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.curve_chart import Curve, CurveChart
from trader_gui.charts.layers.curves import DrawnColumn, pixels_of, title_box
from trader_gui.theme.tokens import DARK, LIGHT


@pytest.fixture
def chart(qtbot: QtBot) -> CurveChart:
    chart = CurveChart(ChartColors.from_tokens(DARK))
    qtbot.addWidget(chart)
    chart.resize(800, 220)
    curves(chart)
    chart.show()
    qtbot.waitExposed(chart)
    return chart


def test_dragging_tells_the_time_under_the_mouse(chart: CurveChart, qtbot: QtBot) -> None:
    told: list[int] = []
    chart.cursor_dragged.connect(told.append)
    port = chart.view.viewport()
    width = chart.upper_pane.frame.width
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(round(width / 2), 50))
    span = chart.model.end_at - chart.model.start_at
    assert told[-1] == pytest.approx(chart.model.start_at + span / 2, abs=span / width)
    qtbot.mouseMove(port, QPoint(0, 180))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(0, 180))
    assert told[-1] == START_AT
    count = len(told)
    qtbot.mouseMove(port, QPoint(300, 50))
    assert len(told) == count


def test_the_future_of_the_cursor_is_dimmed(chart: CurveChart) -> None:
    image = chart.grab().toImage()
    edge = round(chart.model.x(chart.upper_pane.frame, chart.model.cursor_at or 0))

    def brightest(first: int, last: int) -> int:
        rows = range(30, 100)
        return max(image.pixelColor(x, y).blue() for x in range(first, last) for y in rows)

    assert brightest(20, edge - 5) > 200
    assert brightest(edge + 20, round(chart.upper_pane.frame.width) - 2) < 160


def test_without_drawdown_the_equity_has_all_the_room(chart: CurveChart) -> None:
    assert chart.lower_pane.isVisible()
    times = START_AT + np.arange(50) * 60_000
    chart.set_series([Curve("a", times, np.arange(50.0)), Curve("b", times, -np.arange(50.0))])
    assert not chart.lower_pane.isVisible()
    chart.grab()
    first, second = chart.model.upper
    assert chart.model.color(first) != chart.model.color(second)


def test_no_label_of_the_axis_shows_from_under_the_tag_of_a_curve(
    chart: CurveChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[float] = []
    write = chart._upper_axis._write

    def kept(value: float, decimals: int) -> str:
        written.append(value)
        return write(value, decimals)

    monkeypatch.setattr(chart._upper_axis, "_write", kept)
    times = START_AT + np.arange(50) * 60_000
    lines = [Curve(str(end), times, np.linspace(0, end, 50)) for end in (-45.0, 48.0, 64.0, 100.0)]
    chart.set_series(lines)
    chart.grab()
    tags, frame = chart._end_tags.taken(), chart.upper_pane.frame
    assert len(tags) == 4
    assert written
    assert not [value for value in written for a, b in tags if a <= frame.y(value) <= b]
    written.clear()
    chart.set_series(lines[:1])  # one alone has no tag
    chart.grab()
    assert -40.0 in written


@pytest.mark.parametrize(
    ("values", "corner"),
    [((0.0, 0.0, 9.0), "top left"), ((9.0, 9.0, 0.0), "bottom left"), ((9.0, 0.0, 9.0), "")],
)
def test_no_curve_runs_through_the_title(
    chart: CurveChart, values: tuple[float, ...], corner: str
) -> None:
    shape = np.interp(np.linspace(0, 2, 400), (0, 1, 2), values)
    if not corner:  # up and down within the title's width: it goes further right
        shape[:120:2], shape[1:120:2], shape[120:] = 9.0, 0.0, 4.5
    times = START_AT + np.arange(400) * 60_000
    chart.set_series([Curve("a", times, shape)])
    frame = chart.upper_pane.frame
    box, free = title_box(chart.model, frame, lower=False)
    assert free
    x, y = pixels_of(chart.model, frame, chart.model.upper[0])
    across = (x >= box.left()) & (x <= box.right())
    assert not ((y[across] >= box.top()) & (y[across] <= box.bottom())).any()
    where = "top" if box.center().y() < frame.height / 2 else "bottom"
    assert f"{where} left" == corner if corner else box.left() > 100
    chart.set_series([Curve("a", times, np.tile((0.0, 9.0), 200))])
    assert title_box(chart.model, chart.upper_pane.frame, lower=False)[1] is False


def test_columns_of_unequal_length_are_refused(chart: CurveChart) -> None:
    with pytest.raises(ValueError, match="lengths"):
        chart.set_series([Curve("a", np.arange(3), np.zeros(4))])


def test_it_paints_without_a_fault_whatever_it_is_given(
    chart: CurveChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *fault: faults.append(fault))
    nothing = np.empty(0)
    for count in (1, 2, 10_000):
        values = np.where(np.arange(count) % 7, 1.0, np.nan)
        chart.set_series([Curve("a", np.arange(count), values, np.minimum(values, 0))])
        chart.set_colors(ChartColors.from_tokens(LIGHT))
        chart.grab()
    chart.set_series([Curve("empty", nothing.astype(np.int64), nothing)])
    chart.set_cursor(None)
    chart.set_range_box(None, None)
    chart.grab()
    chart.set_series([])
    chart.grab()
    assert faults == []


def test_a_hidden_one_does_not_repaint(chart: CurveChart) -> None:
    chart.hide()
    painted = chart.view.frames_painted
    chart.set_cursor(START_AT)
    QApplication.processEvents()
    assert chart.view.frames_painted == painted
    assert not chart.repaints.active


@pytest.mark.parametrize("count", [3, 1_999, 2_000, 2_001, 525_600])
def test_a_long_column_keeps_its_extremes_in_few_points(count: int) -> None:
    times = START_AT + np.arange(count) * 60_000
    values = np.sin(np.arange(count) / 9.0)
    spike = count // 2
    values[spike] = 7.0
    values[0] = np.nan
    column = DrawnColumn(times, values, 0, False)
    at, points = column.points(1_000)
    assert len(at) == len(points) <= 2_000
    assert np.nanmax(points) == np.nanmax(values)
    assert np.nanmin(points) == np.nanmin(values)
    assert (np.diff(at) >= 0).all()
    assert at[0] == times[0]
    highest = int(at[np.nanargmax(points)])
    assert highest <= times[spike] < highest + max(1, count // 1_000 + 1) * 60_000
    assert column.extremes() == (np.nanmin(values), np.nanmax(values))


def test_cells_without_a_value_are_gaps() -> None:
    values = np.full(9_000, np.nan)
    column = DrawnColumn(START_AT + np.arange(9_000), values, 0, False)
    assert np.isnan(column.points(1_000)[1]).all()
    assert np.isnan(column.extremes()).all()


def test_a_hidden_future_is_not_told_by_the_axes(chart: CurveChart) -> None:
    times = START_AT + np.arange(4) * 3_600_000
    values = np.array([0.0, 1.0, 9.0, -7.0])
    chart.set_series([Curve("one", times, values, np.minimum(values - 9.0, 0.0))])
    whole = chart.upper_pane.frame.low, chart.upper_pane.frame.high
    assert whole[0] < -7
    assert whole[1] > 9
    chart.set_cursor(int(times[1]), "hidden")
    assert -1 < chart.upper_pane.frame.low <= 0
    assert 1 <= chart.upper_pane.frame.high < 2
    assert chart.lower_pane.frame.low < -9
    chart.set_cursor(int(times[2]), "hidden")
    assert chart.upper_pane.frame.high > 9
    assert chart.upper_pane.frame.low > -7
    chart.set_cursor(int(times[2]), "dimmed")
    assert (chart.upper_pane.frame.low, chart.upper_pane.frame.high) == whole
