"""The price chart under a person's hands."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.charts.demonstration import FIVE_MINUTES, fill, random_candles
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.layers.legend import legend_boxes
from trader_gui.charts.layers.levels import level_boxes, level_tags
from trader_gui.charts.layers.trades import _free_place
from trader_gui.charts.marks import LevelPath, PositionMark, TradeMark
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.tokens import DARK, LIGHT, Tokens

WIDTH, HEIGHT = 900, 560


@pytest.fixture
def chart(qtbot: QtBot) -> PriceChart:
    chart = PriceChart(ChartColors.from_tokens(DARK))
    qtbot.addWidget(chart)
    chart.resize(WIDTH, HEIGHT)
    chart.set_market("BTC/USDT", FIVE_MINUTES, 1, "Simulated")
    chart.set_candles(random_candles(1000))
    chart.show()
    qtbot.waitExposed(chart)
    return chart


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


def times(chart: PriceChart) -> tuple[float, float]:
    return chart.pane.frame.left, chart.pane.frame.right


def prices(chart: PriceChart) -> tuple[float, float]:
    return chart.pane.frame.low, chart.pane.frame.high


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
    qtbot.waitUntil(lambda: chart.model.flash_index is None, timeout=2_000)
    assert chart.model.hover_index == 400


def test_centre_on_outside_the_data_takes_the_nearest_bar(chart: PriceChart) -> None:
    chart.center_on(0, flash=False)
    assert chart.model.hover_index == 0
    assert chart.model.flash_index is None


def add_bar(chart: PriceChart) -> None:
    candles = chart.model.candles
    price = float(candles.close[-1])
    chart.append_candle(int(candles.time[-1]) + FIVE_MINUTES, price, price, price, price, 1.0)


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


def painted_colors(chart: PriceChart, x0: float, x1: float) -> set[str]:
    image = chart.grab().toImage()
    ratio = image.devicePixelRatio()
    ys = range(60, int(image.height() - 30 * ratio))
    xs = range(int(x0 * ratio), int(x1 * ratio))
    return {QColor(image.pixel(x, y)).name().upper() for x in xs for y in ys}


def test_candles_are_painted_in_their_colours_and_dimmed_after_the_cursor(
    chart: PriceChart,
) -> None:
    chart.set_cursor(int(chart.model.candles.time[921]))
    edge = chart.pane.frame.x(920.5)
    assert {DARK.candle_up, DARK.candle_down} <= painted_colors(chart, 10, edge - 3)
    assert not {DARK.candle_up, DARK.candle_down} & painted_colors(
        chart, edge + 3, chart.pane.frame.width
    )


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_light_and_dark_are_one_call_apart(chart: PriceChart, tokens: Tokens) -> None:
    chart.set_colors(ChartColors.from_tokens(tokens))
    seen = painted_colors(chart, 10, 800)
    assert {tokens.chart, tokens.candle_up, tokens.candle_down} <= seen


def test_a_hidden_chart_does_not_repaint_and_runs_no_timer(chart: PriceChart, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not chart.repaints.active, timeout=1_000)
    chart.hide()
    painted = chart.view.frames_painted
    chart.center_on(int(chart.model.candles.time[500]))
    for _ in range(3):
        add_bar(chart)
    QApplication.processEvents()
    assert chart.view.frames_painted == painted
    assert not chart.repaints.active
    chart.show()
    qtbot.waitUntil(lambda: chart.view.frames_painted > painted, timeout=1_000)
    assert chart.model.flash_index is None


def test_a_burst_of_ticks_is_one_repaint_and_then_silence(chart: PriceChart, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not chart.repaints.active, timeout=1_000)
    painted = chart.view.frames_painted
    price = float(chart.model.candles.close[-1])
    for i in range(200):
        chart.replace_last(price, price + i, price, price, 1.0)
        chart.set_last_price(price + i, "00:10", stale=False)
        if i % 20 == 0:
            QApplication.processEvents()
    qtbot.waitUntil(lambda: not chart.repaints.active, timeout=1_000)
    assert 1 <= chart.view.frames_painted - painted <= 12
    assert chart.model.last_price is not None
    assert chart.model.last_price.price == price + 199


def test_it_paints_without_a_fault_whatever_it_is_given(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *fault: faults.append(fault))
    chart = PriceChart(ChartColors.from_tokens(LIGHT))
    qtbot.addWidget(chart)
    chart.resize(300, 160)
    chart.show()
    chart.grab()  # no candle at all
    for count in (0, 1, 2, 30):
        chart.set_candles(random_candles(count))
        chart.set_indicators({"none": (np.full(count, np.nan), 0, "price")})
        chart.set_trades(
            [TradeMark(1, "short", 0, 5.0), TradeMark(2, "long", 2**61, 5.0, 2**61, 6)]
        )
        chart.set_position(PositionMark("short", 2**61, 100.0, stop=1e12, target=-5.0))
        nowhere = LevelPath("up", np.array([0, 2**61]), np.array([np.nan, 3.0]))
        chart.set_level_paths([nowhere, LevelPath("warn", np.empty(0, np.int64), np.empty(0))])
        chart.set_last_price(float("nan"), "", stale=True)
        chart.set_cursor(5, "dimmed")
        chart.center_on(2**61)
        chart.grab()
        chart.set_cursor(None)
        chart.step_crosshair(-3)
        chart.grab()
    flat = np.full(5, 7.0)
    chart.set_candles(CandleColumns(np.arange(5) * FIVE_MINUTES, flat, flat, flat, flat, flat * 0))
    chart.resize(1, 1)
    chart.grab()
    assert faults == []


def test_an_own_scale_indicator_gets_its_own_plot(chart: PriceChart) -> None:
    before = chart.pane.frame.height
    fill(chart, rsi=True)
    assert chart.scene.own_pane.isVisible()
    assert chart.pane.frame.height < before
    chart.grab()
    assert chart.scene.own_pane.frame.left == chart.pane.frame.left
    assert "RSI 14" in chart.legend_text()
    assert prices(chart)[0] > 1_000  # RSI's 20..80 did not stretch the price scale
    chart.set_indicators({})
    assert not chart.scene.own_pane.isVisible()


def test_indicators_grow_with_the_candles(chart: PriceChart) -> None:
    chart.set_indicators({"EMA 9": (chart.model.candles.close.copy(), 0, "price")})
    add_bar(chart)
    chart.append_indicators({"EMA 9": 12_345.6})
    assert "EMA 9 12,345.6" in chart.legend_text()
    chart.replace_last_indicators({"EMA 9": 65_432.1})
    assert "EMA 9 65,432.1" in chart.legend_text()


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


def test_paths_of_closed_trades_are_drawn_and_end_where_the_trade_did(chart: PriceChart) -> None:
    time, close = chart.model.candles.time, chart.model.candles.close
    middle = float(close[900:920].mean())
    at = np.array([time[900], time[920]])
    room = 0.25 * (chart.pane.frame.high - chart.pane.frame.low)
    before = chart.grab().toImage()
    chart.set_level_paths([LevelPath("up", at, np.array([middle + room, np.nan]))])
    after = chart.grab().toImage()
    frame = chart.pane.frame
    row = int(frame.y(middle + room))
    changed = [
        x
        for x in range(int(frame.width))
        if any(before.pixel(x, y) != after.pixel(x, y) for y in (row - 1, row, row + 1))
    ]
    assert changed[0] == pytest.approx(frame.x(900), abs=2)
    assert changed[-1] == pytest.approx(frame.x(920), abs=2)
    with pytest.raises(ValueError, match="2 times and 1 levels"):
        LevelPath("up", at, np.array([1.0]))


def written(chart: PriceChart, monkeypatch: pytest.MonkeyPatch) -> dict[str, QRectF]:
    """Texts of the trade labels and the boxes they are written in."""
    boxes: dict[str, QRectF] = {}
    layer, frame = chart.scene.trades, chart.pane.frame
    pixels = QPixmap(chart.width(), chart.height())
    with QPainter(pixels) as painter:
        real = _free_place

        def noted(box: QRectF, taken: list[QRectF], outward: float) -> QRectF | None:
            free = real(box, taken, outward)
            boxes[str(len(boxes))] = QRectF() if free is None else QRectF(free)
            return free

        monkeypatch.setattr("trader_gui.charts.layers.trades._free_place", noted)
        layer.draw(painter, frame)
    return {name: box for name, box in boxes.items() if not box.isNull()}


def test_trade_labels_keep_clear_of_the_legend_the_levels_and_each_other(
    chart: PriceChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    candles = chart.model.candles
    frame = chart.pane.frame
    highest = 850 + int(candles.high[850:980].argmax())
    chart.camera.pan_time(highest - frame.left - 6)  # the peak goes under the legend
    chart.set_auto(False)
    chart.camera.zoom_price(0.0, 0.7)
    frame = chart.pane.frame
    entry = float(candles.close[990])
    chart.set_position(PositionMark("long", int(candles.time[990]), entry, entry_label="Entry"))
    time = candles.time
    chart.set_trades(
        [
            TradeMark(n, "long", int(time[n - 1]), 1.0, int(time[n]), 2.0, label=f"TP +{n} %")
            for n in (highest, highest + 1, highest + 2, 988)
        ]
    )
    boxes = list(written(chart, monkeypatch).values())
    assert len(boxes) >= 2
    kept = [*legend_boxes(chart.model, frame.width)]
    kept += [box for _, _, box in level_boxes(chart.model, frame)]
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in kept)
        assert not any(box.intersects(other) for other in boxes[:number])


def test_a_trade_that_began_out_of_view_is_not_labelled_at_the_edge(
    chart: PriceChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = chart.model.candles.time
    chart.set_trades([TradeMark(1, "long", int(time[820]), 1.0, entry_label="Buy")])
    assert chart.scene.trades._shown(chart.pane.frame) == [0]  # it reaches into view
    assert written(chart, monkeypatch) == {}
    chart.camera.pan_time(-60)
    assert len(written(chart, monkeypatch)) == 1


def test_what_happened_before_the_cursor_is_labelled_left_of_it(
    chart: PriceChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = chart.model.candles.time
    mark = TradeMark(1, "long", int(time[900]), 1.0, int(time[930]), 2.0, label="End +0.65 %")
    chart.set_trades([mark])
    chart.set_cursor(int(time[931]))
    (box,) = written(chart, monkeypatch).values()
    assert box.right() <= chart.pane.frame.x(930.5)


def test_dense_trades_are_thinned_out_but_never_the_selected_one(chart: PriceChart) -> None:
    time, close = chart.model.candles.time, chart.model.candles.close
    marks = [
        TradeMark(n, "long", int(time[n]), float(close[n]), int(time[n]), float(close[n]))
        for n in range(850, 1000)
    ]
    chart.set_trades(marks)

    def shown() -> set[int]:
        layer = chart.scene.trades
        return {chart.model.trades.mark(i).number for i in layer._shown(chart.pane.frame)}

    before = shown()
    assert 20 < len(before) < 80
    chart.select_trade(901)
    assert shown() == before | {901}
    chart.camera.pan_time(1)
    assert shown() - {901} <= before | {850}  # the same ones stay while the view moves


def test_a_broken_layer_is_reported_once_and_leaves_the_paint_alone(
    chart: PriceChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, fault, trace: faults.append(fault))

    def broken(*_: object) -> None:
        raise RuntimeError("this layer is broken")

    monkeypatch.setattr(chart.scene.trades, "draw", broken)
    for _ in range(3):
        seen = painted_colors(chart, 10, 800)
    assert [str(fault) for fault in faults] == ["this layer is broken"]
    assert DARK.candle_up in seen


def test_in_a_low_chart_the_candles_begin_below_the_legend(chart: PriceChart) -> None:
    highest = float(chart.model.candles.high[850:].max())
    for height in (600, 240):
        chart.resize(WIDTH, height)
        frame = chart.pane.frame
        legend = max(box.bottom() for box in legend_boxes(chart.model, frame.width))
        assert legend <= frame.y(highest) < 0.3 * frame.height
