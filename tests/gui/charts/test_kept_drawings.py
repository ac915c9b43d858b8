"""What a chart keeps under a review's cursor looks like what is drawn for the first time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.gui.charts.demonstration import START_AT, colors_of, curves, fill
from tests.gui.charts.shown import HEIGHT, WIDTH
from trader_gui.charts.curve_chart import CurveChart
from trader_gui.charts.layers.curves import CurveLayer
from trader_gui.charts.marks import Future, LevelPath, TradeMark
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.tokens import DARK, LIGHT, Tokens

BARS = 170
FUTURES: tuple[Future, ...] = ("dimmed", "hidden", "shown")


@dataclass(frozen=True)
class Sight:
    """What is set of a chart in a review."""

    cursor: int
    future: Future
    middle: int
    trades: int
    selected: int
    tokens: Tokens


def sights(count: int, seed: int) -> list[Sight]:
    """A walk in which most steps change the cursor alone."""
    random, walk = Random(seed), list[Sight]()
    now = Sight(100, "dimmed", 90, 3, -1, DARK)
    for _ in range(count):
        changes: dict[str, object] = {
            "future": random.choice(FUTURES),
            "middle": random.randint(60, 110),
            "trades": random.randint(1, 6),
            "selected": random.randint(-1, 5),
            "tokens": random.choice((DARK, LIGHT)),
        }
        changed = {name: value for name, value in changes.items() if random.random() < 0.2}
        cursor = min(max(now.cursor + random.randint(-3, 3), 20), BARS - 1)
        now = replace(now, cursor=cursor, **changed)
        walk.append(now)
    return walk


def made(qtbot: QtBot) -> PriceChart:
    chart = PriceChart(colors_of(DARK))
    qtbot.addWidget(chart)
    chart.resize(WIDTH, HEIGHT)
    chart.show()
    qtbot.waitExposed(chart)
    fill(chart, BARS)
    return chart


def show(chart: PriceChart, sight: Sight, before: Sight | None) -> None:
    """As a review does: what is the same is not set again."""
    time, close = chart.model.candles.time, chart.model.candles.close
    if before is None or before.trades != sight.trades:
        marks = [
            TradeMark(no, "long" if no % 2 else "short", int(time[at]), float(close[at]))
            if no == 5
            else TradeMark(
                *(no, "long" if no % 2 else "short", int(time[at]), float(close[at])),
                *(int(time[at + 9]), float(close[at + 9]), f"TP {no}"),
            )
            for no, at in enumerate(range(30, 30 + 15 * sight.trades, 15))
        ]
        chart.set_trades(marks)
        levels = close[: 20 * sight.trades] * 0.99
        chart.set_level_paths([LevelPath("warn", time[: len(levels)], levels)])
    if before is None or before.tokens is not sight.tokens:
        chart.set_colors(colors_of(sight.tokens))
    chart.select_trade(sight.selected)
    chart.set_cursor(int(time[sight.cursor]) + chart.model.timeframe_ms, sight.future)
    chart.camera.center(sight.middle)


def image(chart: PriceChart | CurveChart) -> QImage:
    return chart.grab().toImage()


@pytest.mark.parametrize("seed", range(3))
def test_after_any_steps_a_chart_looks_like_one_that_took_none(qtbot: QtBot, seed: int) -> None:
    walked, before = made(qtbot), None
    for step, sight in enumerate(sights(24, seed)):
        show(walked, sight, before)
        seen, before = image(walked), sight
        if step % 4 == 3:
            fresh = made(qtbot)
            show(fresh, sight, None)
            assert seen == image(fresh), sight


def test_the_cursor_passes_over_a_curve_that_is_drawn_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list[CurveLayer]()
    original = CurveLayer.draw
    monkeypatch.setattr(CurveLayer, "draw", lambda *of: (drawn.append(of[0]), original(*of)))
    chart = CurveChart(colors_of(DARK))
    qtbot.addWidget(chart)
    chart.resize(800, 220)
    curves(chart)
    chart.show()
    qtbot.waitExposed(chart)
    image(chart)
    drawn.clear()
    chart.set_cursor(START_AT + 3_600_000)
    moved = image(chart)
    assert not drawn
    chart.set_colors(colors_of(LIGHT))
    assert image(chart) != moved
    assert len(drawn) == 2  # equity, drawdown
    drawn.clear()
    chart.resize(700, 200)
    image(chart)
    assert drawn
