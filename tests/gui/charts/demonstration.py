"""A chart with everything on it, for tests and to look at.

`python -m tests.gui.charts.demonstration OUT` writes PNGs of it, dark and light.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.curve_chart import Curve, CurveChart
from trader_gui.charts.marks import LevelPath, PositionMark, TradeMark
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.tokens import DARK, LIGHT, Tokens

FIVE_MINUTES = 300_000
START_AT = 1_773_273_600_000  # 2026-03-12 00:00 UTC


def colors_of(tokens: Tokens) -> ChartColors:
    return ChartColors.from_tokens(tokens)


def random_candles(count: int, timeframe_ms: int = FIVE_MINUTES, seed: int = 4) -> CandleColumns:
    """A seeded random walk with volume that rises with the range."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.00012, 0.0016, count) + 0.0012 * np.sin(np.arange(count) / 17)
    close = 95_700 * np.exp(np.cumsum(steps))
    opened = np.concatenate([[95_700.0], close[:-1]])[:count]
    room = np.abs(rng.normal(0, 0.0009, (2, count))) * close
    high, low = np.maximum(opened, close) + room[0], np.minimum(opened, close) - room[1]
    volume = rng.gamma(2.0, 60, count) * (1 + 400 * (high - low) / close)
    time = START_AT + np.arange(count, dtype=np.int64) * timeframe_ms
    return CandleColumns(time, opened, high, low, close, volume)


def mean(values: np.ndarray, bars: int) -> np.ndarray:
    """A running mean, NaN until it is warm."""
    warm = np.convolve(values, np.ones(bars) / bars, mode="valid")
    return np.concatenate([np.full(min(len(values), bars - 1), np.nan), warm])[: len(values)]


def fill(chart: PriceChart, count: int = 170, rsi: bool = False) -> CandleColumns:
    """Candles, indicators, trades, an open position with a trailing stop, and a last price."""
    candles = random_candles(count)
    chart.set_market("BTC/USDT", FIVE_MINUTES, 1, "Simulated")
    chart.set_candles(candles)
    close, time = candles.close, candles.time
    lines = {"EMA 9": (mean(close, 9), 0, "price"), "EMA 21": (mean(close, 21), 1, "price")}
    if rsi:
        lines["RSI 14"] = (50 + 30 * np.sin(np.arange(count) / 9), 2, "own")
    chart.set_indicators(lines)
    chart.set_trades(
        [
            _trade(candles, 1, "long", 40, 66, "TP +2.15 %", "cyan"),
            _trade(candles, 2, "short", 80, 92, "SL −0.55 %", "down"),
            TradeMark(3, "long", int(time[count - 48]), float(close[count - 48]),
                      entry_label="Buy", hint="0.0420 at 97,180.4\nfee 3.98"),
        ]
    )  # fmt: skip
    entry = float(close[count - 48])
    chart.set_position(
        PositionMark(
            "long", int(time[count - 48]), entry, stop=entry * 1.004, target=entry * 1.058,
            trailing=True, first_stop=entry * 0.9874, entry_label="Entry LONG 0.0420",
            stop_label="SL −1.26 % −51.26", target_label="TP +2.80 % +114.22",
        )
    )  # fmt: skip
    at = time[[count - 48, count - 44, count - 26, count - 20, count - 12]]
    path = entry * np.array([0.9874, 0.996, 0.999, 1.002, 1.004])
    chart.set_level_paths([LevelPath("warn", at, path)])
    chart.set_last_price(float(close[-1]), "02:52", stale=False)
    return candles


def _trade(
    candles: CandleColumns, number: int, side: str, first: int, last: int, label: str, tone: str
) -> TradeMark:
    time, close = candles.time, candles.close
    return TradeMark(
        number, side, int(time[first]), float(close[first]), int(time[last]), float(close[last]),
        label=label, tone=tone,
    )  # type: ignore[arg-type]  # fmt: skip


def curves(chart: CurveChart, count: int = 400) -> None:
    """An equity curve with its drawdown and the box of the chart above."""
    rng = np.random.default_rng(8)
    times = START_AT + np.arange(count, dtype=np.int64) * 6 * 3_600_000
    equity = np.cumsum(rng.normal(0.03, 0.35, count))
    drawdown = equity - np.maximum.accumulate(equity)
    chart.set_series([Curve("Equity", times, equity, drawdown)])
    chart.set_range_box(int(times[230]), int(times[260]))
    chart.set_cursor(int(times[255]))


def main(out: Path) -> None:
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    out.mkdir(parents=True, exist_ok=True)
    for tokens in (DARK, LIGHT):
        for name in ("live", "review", "rsi"):
            chart = PriceChart(colors_of(tokens))
            chart.resize(900, 552)
            candles = fill(chart, rsi=name == "rsi")
            chart.show()
            if name == "review":
                chart.set_cursor(int(candles.time[141]))
            chart.hover(110, float(candles.close[110]) * 1.01)
            app.processEvents()
            chart.grab().save(str(out / f"{name}-{tokens.name}.png"))
            chart.close()
        curve = CurveChart(colors_of(tokens), "Equity, whole session (box = range of the chart)")
        curve.resize(900, 210)
        curves(curve)
        curve.show()
        app.processEvents()
        curve.grab().save(str(out / f"curve-{tokens.name}.png"))
        curve.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
