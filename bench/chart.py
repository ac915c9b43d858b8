"""Frame times of the price chart beside pyqtgraph's usual QPicture candles, in one run.

    QT_QPA_PLATFORM=offscreen python -m bench.chart [--candles 1000000] [--zoom-candles 10000000]

A frame is a change of the view and the whole repaint of a 1200x700 chart into its window's
buffer. The peer is the candle item every pyqtgraph tutorial shows: all bars recorded once into
a QPicture, replayed on each paint, re-recorded on a tick. It gets fewer bars, because at a
million it needs seconds a frame; its line says how many.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from time import perf_counter, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QApplication, QWidget

from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.tokens import DARK

WIDTH, HEIGHT = 1200, 700
MINUTE_MS = 60_000
TARGET_PAN_P99_MS = 8.0


class PictureCandles(pg.GraphicsObject):
    """The peer: every candle drawn into one QPicture."""

    def __init__(self, candles: CandleColumns) -> None:
        super().__init__()
        self.candles = candles
        self.record()

    def record(self) -> None:
        self.picture = QPicture()
        painter = QPainter(self.picture)
        painter.setPen(pg.mkPen("w"))
        candles = self.candles
        columns = (candles.open, candles.high, candles.low, candles.close)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for i, (opened, high, low, close) in enumerate(rows):
            painter.drawLine(QPointF(i, low), QPointF(i, high))
            painter.setBrush(pg.mkBrush("g" if close >= opened else "r"))
            painter.drawRect(QRectF(i - 0.3, opened, 0.6, close - opened))
        painter.end()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.drawPicture(0, 0, self.picture)

    def boundingRect(self) -> QRectF:
        return QRectF(self.picture.boundingRect())


def walk(count: int) -> CandleColumns:
    """A seeded random walk of `count` one-minute candles."""
    rng = np.random.default_rng(1)
    close = 50_000 * np.exp(np.cumsum(rng.normal(0, 0.0005, count)))
    opened = np.concatenate([[50_000.0], close[:-1]])
    high, low = np.maximum(opened, close) * 1.0004, np.minimum(opened, close) * 0.9996
    time = 1_600_000_000_000 + np.arange(count, dtype=np.int64) * MINUTE_MS
    return CandleColumns(time, opened, high, low, close, rng.gamma(2.0, 50, count))


def measure(frames: int, widget: QWidget, change: Callable[[int], None]) -> np.ndarray:
    """Milliseconds of each frame (the change and the repaint it causes): (frames, 2).

    Column 0 is the clock on the wall, column 1 the thread's own CPU time, which does not count
    what other programs of a busy machine took meanwhile.
    """
    times = np.empty((frames, 2))
    for i in range(frames):
        begin, used = perf_counter(), thread_time()
        change(i)
        widget.repaint()
        times[i] = 1000 * (perf_counter() - begin), 1000 * (thread_time() - used)
        QApplication.processEvents()
    return times


def report(name: str, times: np.ndarray, peer: np.ndarray | None = None, note: str = "") -> None:
    p50, p99 = np.percentile(times[:, 0], (50, 99))
    cpu = np.percentile(times[:, 1], 99)
    line = f"{name:<34} p50 {p50:7.2f}  p99 {p99:7.2f} ms (CPU p99 {cpu:7.2f})"
    if peer is not None:
        q50, q99 = np.percentile(peer[:, 0], (50, 99))
        line += f" | QPicture {q50:9.1f} / {q99:9.1f} ms {note}, ratio {q50 / p50:6.0f}"
    print(line, flush=True)


def chart_of(candles: CandleColumns) -> tuple[PriceChart, np.ndarray]:
    """A shown chart and the milliseconds from columns to first paint, (1, 2)."""
    chart = PriceChart(ChartColors.from_tokens(DARK))
    chart.resize(WIDTH, HEIGHT)
    chart.show()
    QApplication.processEvents()
    slow = np.convolve(candles.close, np.ones(9) / 9, mode="same")
    begin, used = perf_counter(), thread_time()
    copy = CandleColumns(
        candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume
    )
    chart.set_market("BTC/USDT", MINUTE_MS, 1, "bench")
    chart.set_candles(copy)
    chart.set_indicators({"SMA 9": (slow, 0, "price")})
    chart.set_last_price(float(candles.close[-1]), "00:30", stale=False)
    chart.view.viewport().repaint()
    spent = [[1000 * (perf_counter() - begin), 1000 * (thread_time() - used)]]
    return chart, np.array(spent)


def pan(chart: PriceChart) -> np.ndarray:
    chart.reset_view()
    middle = len(chart.model.candles) // 2
    chart.pane.show_range(middle, middle + 500, 0, 1)
    chart.camera.refit()
    return measure(300, chart.view.viewport(), lambda i: chart.camera.pan_time(-7 if i % 2 else 9))


def zoom(chart: PriceChart) -> np.ndarray:
    chart.reset_view()
    steps = int(np.log(len(chart.model.candles) / 150) / np.log(1.15)) + 2

    def turn(i: int) -> None:
        out = (i // steps) % 2 == 0
        chart.camera.zoom_time(600.0, 1.15 if out else 1 / 1.15)

    return measure(4 * steps, chart.view.viewport(), turn)


def tick(chart: PriceChart) -> np.ndarray:
    chart.reset_view()
    rng = np.random.default_rng(2)
    price = float(chart.model.candles.close[-1])

    def change(_: int) -> None:
        close = price * (1 + rng.normal(0, 0.0003))
        chart.replace_last(price, max(price, close), min(price, close), close, 12.0)
        chart.set_last_price(close, "00:29", stale=False)

    return measure(300, chart.view.viewport(), change)


def peer_times(candles: CandleColumns) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The peer's pan, zoom, tick and first paint."""
    begin, used = perf_counter(), thread_time()
    plot = pg.PlotWidget()
    plot.resize(WIDTH, HEIGHT)
    plot.show()
    item = PictureCandles(candles)
    plot.addItem(item)
    plot.viewport().repaint()
    first = np.array([[1000 * (perf_counter() - begin), 1000 * (thread_time() - used)]])
    half = len(candles) // 2
    plot.setXRange(half, half + 500, padding=0)
    QApplication.processEvents()
    panned = measure(
        12, plot.viewport(), lambda i: plot.setXRange(half + i, half + 500 + i, padding=0)
    )
    zoomed = measure(
        12, plot.viewport(), lambda i: plot.setXRange(half - 300 * 2**i, half + 300 * 2**i)
    )

    def change(_: int) -> None:
        candles.replace_last(*(float(candles.close[-1]) for _ in range(4)), 1.0)
        item.record()
        item.update()

    ticked = measure(3, plot.viewport(), change)
    plot.close()
    return panned, zoomed, ticked, first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candles", type=int, default=1_000_000)
    parser.add_argument("--zoom-candles", type=int, default=10_000_000)
    parser.add_argument("--peer-candles", type=int, default=100_000)
    options = parser.parse_args()
    app = QApplication.instance() or QApplication([])
    peer = peer_times(walk(options.peer_candles))
    note = f"({options.peer_candles:,} bars)"
    chart, first = chart_of(walk(options.candles))
    panned = pan(chart)
    size = f"{options.candles:,}"
    report(f"pan 500 bars of {size}", panned, peer[0], note)
    report(f"live tick with {size} loaded", tick(chart), peer[2], note)
    report(f"first paint of {size}", first, peer[3], note)
    chart.close()
    del chart
    app.processEvents()
    large, _ = chart_of(walk(options.zoom_candles))
    report(f"zoom over {options.zoom_candles:,}", zoom(large), peer[1], note)
    large.close()
    for column, clock in enumerate(("wall", "CPU")):
        reached = np.percentile(panned[:, column], 99) < TARGET_PAN_P99_MS
        print(f"pan p99 under {TARGET_PAN_P99_MS:.0f} ms ({clock}): {'yes' if reached else 'NO'}")


if __name__ == "__main__":
    main()
