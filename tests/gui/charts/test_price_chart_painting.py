"""What the price chart paints, and that it paints once per frame or not at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.charts.demonstration import FIVE_MINUTES, fill, random_candles
from tests.gui.charts.shown import WIDTH, add_bar, prices
from tests.gui.waiting import comes_true
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.layers.legend import legend_boxes
from trader_gui.charts.layers.levels import level_boxes
from trader_gui.charts.layers.trades import _free_place
from trader_gui.charts.marks import LevelPath, PositionMark, TradeMark
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.tokens import DARK, LIGHT, Tokens


def painted_colors(chart: PriceChart, x0: float, x1: float) -> set[str]:
    image = chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = image.devicePixelRatio()
    pixels = np.frombuffer(image.constBits(), "<u4").reshape(image.height(), -1)
    seen = pixels[60 : int(image.height() - 30 * ratio), int(x0 * ratio) : int(x1 * ratio)]
    return {f"#{color & 0xFFFFFF:06X}" for color in np.unique(seen).tolist()}


def test_candles_are_painted_in_their_colours_and_dimmed_after_the_cursor(
    chart: PriceChart,
) -> None:
    chart.set_cursor(int(chart.model.candles.time[921]))
    edge = chart.pane.frame.x(920.5)
    assert {DARK.candle_up, DARK.candle_down} <= painted_colors(chart, 10, edge - 3)
    assert not {DARK.candle_up, DARK.candle_down} & painted_colors(
        chart, edge + 3, chart.pane.frame.width
    )


def test_a_cursor_that_moves_draws_no_candle_again(
    chart: PriceChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list[int]()
    layer, original = chart.scene.candles, chart.scene.candles.draw
    monkeypatch.setattr(layer, "draw", lambda *of: (drawn.append(1), original(*of)))
    times = chart.model.candles.time

    def draws(change: Callable[[], object]) -> int:
        drawn.clear()
        change()
        chart.grab()
        return len(drawn)

    assert draws(lambda: chart.set_cursor(int(times[921]))) == 1
    assert draws(lambda: chart.set_cursor(int(times[930]))) == 0
    assert draws(lambda: chart.set_cursor(int(times[930]), "hidden")) == 1  # other bars are seen
    assert draws(lambda: chart.set_cursor(int(times[930]), "shown")) == 1
    assert draws(lambda: chart.camera.pan_time(3.0)) == 1
    assert draws(lambda: chart.set_colors(ChartColors.from_tokens(LIGHT))) == 1
    line = np.array(chart.model.candles.close)
    assert draws(lambda: chart.set_indicators({"EMA": (line, 0, "price")})) == 1
    assert draws(lambda: chart.set_cursor(None)) == 1
    assert draws(lambda: add_bar(chart)) == 1  # a market that moves is drawn each time
    assert draws(lambda: chart.replace_last(*[float(chart.model.candles.close[-1]) + 1] * 5)) == 1


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_light_and_dark_are_one_call_apart(chart: PriceChart, tokens: Tokens) -> None:
    chart.set_colors(ChartColors.from_tokens(tokens))
    seen = painted_colors(chart, 10, 800)
    assert {tokens.chart, tokens.candle_up, tokens.candle_down} <= seen


def test_a_hidden_chart_does_not_repaint_and_runs_no_timer(chart: PriceChart, qtbot: QtBot) -> None:
    comes_true(qtbot, lambda: not chart.repaints.active)
    chart.hide()
    painted = chart.view.frames_painted
    chart.center_on(int(chart.model.candles.time[500]))
    for _ in range(3):
        add_bar(chart)
    QApplication.processEvents()
    assert chart.view.frames_painted == painted
    assert not chart.repaints.active
    chart.show()
    comes_true(qtbot, lambda: chart.view.frames_painted > painted)
    assert chart.model.flash_index is None


def test_a_burst_of_ticks_is_one_repaint_and_then_silence(chart: PriceChart, qtbot: QtBot) -> None:
    comes_true(qtbot, lambda: not chart.repaints.active)
    painted = chart.view.frames_painted
    price = float(chart.model.candles.close[-1])
    for i in range(200):
        chart.replace_last(price, price + i, price, price, 1.0)
        chart.set_last_price(price + i, "00:10", stale=False)
        if i % 20 == 0:
            QApplication.processEvents()
    comes_true(qtbot, lambda: not chart.repaints.active)
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


def test_the_grid_lies_under_the_position_and_the_selected_trade(chart: PriceChart) -> None:
    chart.set_auto(False)
    times, (low, high) = chart.model.candles.time, prices(chart)
    middle, tall, frame = (low + high) / 2, high - low, chart.pane.frame
    chart.set_trades([TradeMark(1, "long", int(times[860]), middle, int(times[930]), middle)])

    def grid_seen(bar: int) -> bool:
        return DARK.grid.upper() in painted_colors(chart, frame.x(bar), frame.x(bar + 3))

    for cursor in (None, int(times[985])):
        chart.set_cursor(cursor)
        chart.set_position(None)
        chart.select_trade(None)
        assert grid_seen(900)
        chart.select_trade(1)
        assert not grid_seen(900)
        assert grid_seen(960)
        target, stop = middle + tall, middle - tall
        chart.set_position(PositionMark("long", int(times[935]), middle, stop=stop, target=target))
        assert not grid_seen(960)


def test_in_a_low_chart_the_candles_begin_below_the_legend(chart: PriceChart) -> None:
    highest = float(chart.model.candles.high[850:].max())
    for height in (600, 240):
        chart.resize(WIDTH, height)
        frame = chart.pane.frame
        legend = max(box.bottom() for box in legend_boxes(chart.model, frame.width))
        assert legend <= frame.y(highest) < 0.3 * frame.height


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


def test_texts_that_would_touch_at_their_sides_are_set_apart() -> None:
    """Two that touch would read as one."""
    first, beside = QRectF(0, 20, 50, 12), QRectF(52, 20, 50, 12)
    assert _free_place(beside.translated(10, 0), [first], 12) == beside.translated(10, 0)
    moved = _free_place(beside, [first], 12)
    assert moved is not None
    assert moved.top() > first.bottom() - 1


def test_levels_are_not_named_over_the_legend(chart: PriceChart) -> None:
    candles = chart.model.candles
    high = 2 * float(candles.high[850:].max())  # out of view: its label stands at the top
    time, entry = int(candles.time[990]), float(candles.close[990])
    labels = {"entry_label": "Entry", "target_label": "TP +2.00 % +48.10 USDT"}
    chart.set_position(PositionMark("long", time, entry, target=high, **labels))
    chart.resize(420, 240)
    frame = chart.pane.frame
    legend = legend_boxes(chart.model, frame.width)
    boxes = [box for _, _, box in level_boxes(chart.model, frame)]
    assert len(boxes) == 2
    assert any(row.right() > boxes[-1].left() for row in legend)
    assert not any(box.intersects(row) for box in boxes for row in legend)


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
