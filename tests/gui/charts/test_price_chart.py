"""The price chart under a person's hands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.charts.demonstration import FIVE_MINUTES
from tests.gui.charts.shown import HEIGHT, WIDTH, add_bar, prices, times
from tests.gui.waiting import comes_true
from trader_gui.charts.layers.levels import level_tags
from trader_gui.charts.marks import PositionMark, TradeMark
from trader_gui.charts.price_chart import PriceChart


def wheel(
    chart: PriceChart,
    x: float,
    y: float,
    notches: float,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    at = QPointF(x, y)
    event = QWheelEvent(
        at, chart.view.viewport().mapToGlobal(at), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(chart.view.viewport(), event)


def drag(qtbot: QtBot, chart: PriceChart, start: tuple[int, int], end: tuple[int, int]) -> None:
    port = chart.view.viewport()
    middle = QPoint((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(*start))
    qtbot.mouseMove(port, middle)
    qtbot.mouseMove(port, QPoint(*end))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(*end))


def test_it_starts_with_the_last_150_bars_and_auto(chart: PriceChart) -> None:
    left, right = times(chart)
    assert left == pytest.approx(999.5 - 150)
    assert right > 999
    low, high = prices(chart)
    visible = chart.model.candles
    assert low < visible.low[850:].min() < visible.high[850:].max() < high
    assert chart.camera.auto
    assert chart.camera.live


def test_the_wheel_zooms_time_at_the_cursor(chart: PriceChart) -> None:
    chart.camera.pan_time(-300)
    frame = chart.pane.frame
    before, span = frame.index(200), frame.right - frame.left
    wheel(chart, 200, 200, 1)
    frame = chart.pane.frame
    assert frame.index(200) == pytest.approx(before)
    assert frame.right - frame.left == pytest.approx(span / 1.15)
    wheel(chart, 200, 200, -1)
    assert chart.pane.frame.right - chart.pane.frame.left == pytest.approx(span)


def test_zooming_right_of_the_last_bar_keeps_the_last_bar_in_place(chart: PriceChart) -> None:
    frame = chart.pane.frame
    before = frame.x(999)
    wheel(chart, frame.width - 2, 200, 5)
    assert chart.pane.frame.x(999) == pytest.approx(before)


def test_zooming_out_at_the_live_edge_does_not_open_emptiness(chart: PriceChart) -> None:
    room = chart.pane.frame.width - chart.pane.frame.x(999)
    wheel(chart, 100, 200, -6)
    assert chart.pane.frame.right - chart.pane.frame.left > 300
    assert chart.pane.frame.width - chart.pane.frame.x(999) == pytest.approx(room, abs=3)


def test_zoom_has_limits_at_both_ends(chart: PriceChart) -> None:
    for notches in (200, -400):
        for _ in range(10):
            wheel(chart, 400, 200, notches / 10)
        left, right = times(chart)
        assert 7 < right - left < 2001
        assert right > 0
        assert left < 1000


@pytest.mark.parametrize("way", ["ctrl", "axis"])
def test_ctrl_wheel_and_the_axis_zoom_the_price_and_turn_auto_off(
    chart: PriceChart, qtbot: QtBot, way: str
) -> None:
    before, price = times(chart), chart.pane.frame.price(200)
    span = chart.pane.frame.high - chart.pane.frame.low
    with qtbot.waitSignal(chart.auto_changed) as told:
        if way == "ctrl":
            wheel(chart, 300, 200, 1, Qt.KeyboardModifier.ControlModifier)
        else:
            wheel(chart, WIDTH - 20, 200, 1)
    assert told.args == [False]
    assert times(chart) == before
    assert chart.pane.frame.price(200) == pytest.approx(price)
    assert chart.pane.frame.high - chart.pane.frame.low == pytest.approx(span / 1.15)


def test_shift_wheel_pans_time(chart: PriceChart) -> None:
    left, right = times(chart)
    wheel(chart, 300, 200, 1, Qt.KeyboardModifier.ShiftModifier)
    assert times(chart)[0] < left
    assert times(chart)[1] - times(chart)[0] == pytest.approx(right - left)


def test_a_drag_pans_and_auto_keeps_the_price_scale_to_itself(
    chart: PriceChart, qtbot: QtBot
) -> None:
    frame = chart.pane.frame
    left, px = frame.left, frame.bar_px
    with qtbot.waitSignal(chart.live_changed) as told:
        drag(qtbot, chart, (200, 200), (500, 300))
    assert told.args == [False]
    assert times(chart)[0] == pytest.approx(left - 300 / px)
    first, last = chart.pane.frame.first, chart.pane.frame.last
    low, high = prices(chart)
    candles = chart.model.candles
    # fitted to what is visible now, not moved by the mouse
    share = (candles.low[first:last].min() - low) / (high - low)
    assert share == pytest.approx(0.17)


def test_with_auto_off_a_drag_pans_the_price_too(chart: PriceChart, qtbot: QtBot) -> None:
    chart.set_auto(False)
    price = chart.pane.frame.price(200)
    drag(qtbot, chart, (200, 200), (500, 300))
    assert chart.pane.frame.price(300) == pytest.approx(price)


def test_dragging_the_axes_scales_them(chart: PriceChart, qtbot: QtBot) -> None:
    low, high = prices(chart)
    drag(qtbot, chart, (WIDTH - 20, 100), (WIDTH - 20, 300))
    assert prices(chart)[1] - prices(chart)[0] == pytest.approx(2 * (high - low))
    assert not chart.camera.auto
    left, right = times(chart)
    drag(qtbot, chart, (300, HEIGHT - 8), (500, HEIGHT - 8))
    assert times(chart)[1] - times(chart)[0] == pytest.approx(2 * (right - left))


def test_double_click_resets_view_and_axes(chart: PriceChart, qtbot: QtBot) -> None:
    begin = times(chart)
    port = chart.view.viewport()
    chart.camera.pan_time(-400)
    chart.set_auto(False)
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(WIDTH - 20, 200))
    assert chart.camera.auto
    assert times(chart) != begin
    chart.set_auto(False)
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert chart.camera.auto
    assert times(chart) == pytest.approx(begin)
    assert chart.camera.live


def test_the_crosshair_snaps_to_bars_and_the_legend_tells_of_it(
    chart: PriceChart, qtbot: QtBot
) -> None:
    hovered: list[object] = []
    chart.bar_hovered.connect(hovered.append)
    x = chart.pane.frame.x(900) + 1
    qtbot.mouseMove(chart.view.viewport(), QPoint(round(x), 200))
    assert chart.model.hover_index == 900
    assert hovered == [int(chart.model.candles.time[900])]
    assert f"O {chart.model.candles.open[900]:,.1f}" in chart.legend_text()
    qtbot.mouseMove(chart.view.viewport(), QPoint(WIDTH - 10, 200))
    assert chart.model.hover_index is None
    assert hovered[-1] is None
    assert f"C {chart.model.candles.close[-1]:,.1f}" in chart.legend_text()


def test_arrow_keys_step_the_crosshair_and_take_the_view_along(
    chart: PriceChart, qtbot: QtBot
) -> None:
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.model.hover_index == 998
    for _ in range(20):
        qtbot.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chart.model.hover_index == 798
    assert times(chart)[0] <= 798
    for _ in range(30):
        qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chart.model.hover_index == 999
    assert chart.camera.live


def test_a_toggles_auto(chart: PriceChart, qtbot: QtBot) -> None:
    qtbot.keyClick(chart, Qt.Key.Key_A)
    assert not chart.camera.auto
    qtbot.keyClick(chart, Qt.Key.Key_A)
    assert chart.camera.auto


def test_centre_on_puts_the_crosshair_there_and_flashes_for_a_moment(
    chart: PriceChart, qtbot: QtBot
) -> None:
    at = int(chart.model.candles.time[400]) + 1_000
    chart.center_on(at)
    left, right = times(chart)
    assert (left + right) / 2 == pytest.approx(400)
    assert chart.model.hover_index == 400
    assert chart.model.flash_index == 400
    comes_true(qtbot, lambda: chart.model.flash_index is None)
    assert chart.model.hover_index == 400


def test_centre_on_outside_the_data_takes_the_nearest_bar(chart: PriceChart) -> None:
    chart.center_on(0, flash=False)
    assert chart.model.hover_index == 0
    assert chart.model.flash_index is None


def test_new_bars_scroll_the_view_only_at_the_live_edge(chart: PriceChart) -> None:
    left, right = times(chart)
    add_bar(chart)
    assert times(chart) == pytest.approx((left + 1, right + 1))
    chart.camera.pan_time(-500)
    before = times(chart)
    add_bar(chart)
    assert times(chart) == before
    assert not chart.camera.live


def test_auto_opens_for_a_near_level_and_a_far_one_becomes_an_arrow(chart: PriceChart) -> None:
    candles = chart.model.candles
    low, high = candles.low[850:].min(), candles.high[850:].max()
    near, far = float(high + 0.5 * (high - low)), float(high + 3 * (high - low))
    entry = float(candles.close[900])

    def texts() -> list[str]:
        return [tag.lines[0] for tag in level_tags(chart.model, chart.pane.frame)]

    chart.set_position(PositionMark("long", int(candles.time[900]), entry, target=near))
    assert prices(chart)[1] > near
    assert texts() == [f"{entry:,.1f}", f"{near:,.1f}"]
    chart.set_position(PositionMark("long", int(candles.time[900]), entry, target=far))
    assert prices(chart)[1] < near
    assert texts() == [f"{entry:,.1f}", f"↑ {far:,.1f}"]


def test_a_click_on_a_marker_names_its_trade(chart: PriceChart, qtbot: QtBot) -> None:
    candles = chart.model.candles
    mark = TradeMark(
        7, "long", int(candles.time[900]), float(candles.close[900]),
        int(candles.time[950]), float(candles.close[950]), label="TP +1.00 %",
    )  # fmt: skip
    chart.set_trades([mark])
    frame = chart.pane.frame
    under = QPoint(round(frame.x(900)), round(frame.y(float(candles.low[900]))) + 9)
    with qtbot.waitSignal(chart.trade_clicked) as told:
        qtbot.mouseClick(chart.view.viewport(), Qt.MouseButton.LeftButton, pos=under)
    assert told.args == [7]
    with qtbot.assertNotEmitted(chart.trade_clicked):
        qtbot.mouseClick(
            chart.view.viewport(), Qt.MouseButton.LeftButton, pos=under + QPoint(40, 60)
        )


def test_the_review_cursor_can_be_dragged_and_dims_what_follows(
    chart: PriceChart, qtbot: QtBot
) -> None:
    candles = chart.model.candles
    chart.set_cursor(int(candles.time[921]))
    told: list[object] = []
    chart.cursor_dragged.connect(told.append)
    frame = chart.pane.frame
    start, end = round(frame.x(920.5)), round(frame.x(940.5))
    drag(qtbot, chart, (start, 200), (end, 200))
    assert told[-1] == int(candles.time[940])
    assert times(chart)[0] == pytest.approx(849.5)  # the view did not pan


def test_a_hidden_future_is_neither_fitted_nor_told(chart: PriceChart) -> None:
    candles = chart.model.candles
    chart.set_cursor(int(candles.time[921]), "hidden")
    first, _ = chart.scene.candles.dataBounds(1, 1.0, (849.5, 1010.0))
    assert first == candles.low[849:921].min()
    chart.hover(960, 1.0)
    assert chart.model.hover_index == 920


def test_the_visible_range_is_told_once_per_change(chart: PriceChart) -> None:
    told: list[tuple[object, object]] = []
    chart.visible_range_changed.connect(lambda first, last: told.append((first, last)))
    chart.camera.pan_time(-100)
    chart.camera.refit()
    candles = chart.model.candles
    assert len(told) == 1
    assert told[0][0] == candles.time[chart.pane.frame.first]
    assert told[0][1] == candles.time[chart.pane.frame.last - 1]


def test_the_cursor_stands_behind_the_last_bar_that_had_closed(chart: PriceChart) -> None:
    time = chart.model.candles.time
    chart.set_cursor(int(time[921]))  # the close of bar 920
    assert chart.model.cursor_index == 920
    chart.set_cursor(int(time[921]) + FIVE_MINUTES - 1)  # bar 921 still forms
    assert chart.model.cursor_index == 920
    chart.set_cursor(int(time[0]))
    assert chart.model.cursor_index == -1
    chart.grab()
