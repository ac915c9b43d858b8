"""From the click on Run to the painted result of a backtest, and to its review, in the window.

    python -m bench.click [--bars 525600] [--runs 7]

The backtest of bench.backtest. Its file is read already and stands in the form, as when a person
presses Run (offscreen unless there is a display). Measured until the result with its equity curve
is painted; then from the click on "Open review" until that is painted. Every other time the review
is opened at once, while the session is still to be stored: together that is the way from the click
to the drawn review. The first run of each kind is printed by itself: memory is touched for the
first time in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bench.backtest import write_year

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from trader_gui.frame.main_window import MainWindow
    from trader_gui.pages.backtest.page import BacktestPage
    from trader_gui.pages.sessions.page import SessionsPage

RESULT_S, REVIEW_S, WAY_S = 0.2, 0.15, 0.3
_QUIET_S = 1.0
"""Until what follows a run (storing, the doubt) is over."""


@dataclass(slots=True)
class Took:
    """Seconds of each run, and for how long at most the window answered nothing meanwhile."""

    results: list[float] = field(default_factory=list)
    reviews: list[float] = field(default_factory=list)
    ways: list[float] = field(default_factory=list)
    held: float = 0.0


async def painted_s(
    took: Took, parts: Callable[[], list[QWidget]], begin: Callable[[], object]
) -> float:
    """Seconds from `begin()` until all of `parts()`, asked again and again, have been painted:
    until the window answers again after that."""
    from PySide6.QtCore import QEvent, QObject

    painted: set[QObject] = set()

    class Eye(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.add(watched)
            return False

    eye, watched = Eye(), set[QObject]()
    began = last = perf_counter()
    begin()
    while not watched or watched - painted:
        for part in parts():
            if part not in watched:
                watched.add(part)
                part.installEventFilter(eye)
                part.update()
        await asyncio.sleep(0.001)
        now = perf_counter()
        took.held, last = max(took.held, now - last), now
    for seen in watched:
        seen.removeEventFilter(eye)
    return last - began


async def so(there: Callable[[], bool]) -> None:
    """Wait until it is so."""
    while not there():  # noqa: ASYNC110 (what is waited for tells nobody)
        await asyncio.sleep(0.01)


async def filled(window: MainWindow, path: Path) -> BacktestPage:
    """The page with everything in its form."""
    from engine.domain.settings import Direction
    from trader_gui.forms.number_field import NumberField
    from trader_gui.pages.backtest.page import BacktestPage

    page = window.page("backtest")
    assert isinstance(page, BacktestPage)
    page.open_file(path)
    await so(lambda: page.charts.candles.currentWidget() is page.charts.candles.chart)
    page.form.strategy.set_strategy("ema_cross", {"fast": 10, "slow": 50}, Direction.LONG)
    for name, value in (("take_profit_pct", "2"), ("stop_loss_pct", "1")):
        number = page.form.trade.fields()[name]
        assert isinstance(number, NumberField)
        editor = number.editor
        editor.setText(value)
        editor.textEdited.emit(value)
    assert not page.form.problems(), page.form.problems()
    return page


async def ran(page: BacktestPage, took: Took) -> float:
    """The click on Run until the result is painted."""
    before = page._result

    def result() -> list[QWidget]:
        if page._result is before:
            return []
        return [page.result.about, page.charts.equity.view.viewport()]

    return await painted_s(took, result, page.form.run.click)


async def reviewed(page: BacktestPage, sessions: SessionsPage, took: Took) -> float:
    """The click on Open review until that is painted."""

    def review() -> list[QWidget]:
        shown, body = sessions.review.review, sessions.review.body
        if shown is None or body is None or shown.record.id != page.shown_id:
            return []
        drawn = body.chart.chart.view, body.curve.view, body.trades.table
        return [sessions.review.kpis, *(view.viewport() for view in drawn)]

    return await painted_s(took, review, page.result.open_review.click)


async def measure(window: MainWindow, path: Path, runs: int) -> Took:
    """Runs whose review is opened later, and as many whose review is opened at once."""
    from trader_gui.pages.sessions.page import SessionsPage

    page, took = await filled(window, path), Took()
    await asyncio.sleep(_QUIET_S)
    sessions = window.page("sessions")
    assert isinstance(sessions, SessionsPage)
    for turn in range(2 * runs):
        at_once = turn % 2 == 1
        way = await ran(page, took)
        if not at_once:
            took.results.append(way)
            await so(lambda: not page._run)
            await asyncio.sleep(_QUIET_S)
        review = await reviewed(page, sessions, took)
        (took.ways if at_once else took.reviews).append(review + way * at_once)
        window.show_page("backtest")
        await so(lambda: not page._run)
        await asyncio.sleep(_QUIET_S)
    return took


async def opened(path: Path, folder: Path, runs: int) -> Took:
    from trader_gui.__main__ import build
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.options import Options
    from trader_gui.theme.theme import theme

    theme().apply("dark")
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    program = await build(window, Options(folder))
    assert program is not None
    window.show_page("backtest")
    try:
        return await measure(window, path, runs)
    finally:
        window.hide()
        await program.close()


def print_times(name: str, times: list[float], target_s: float) -> None:
    """The median of all but the first, and what it should be."""
    median = statistics.median(times[1:])
    verdict = "reached" if median <= target_s else "MISSED"
    print(
        f"{name:34} {median:6.2f} s (best {min(times[1:]):.2f}, worst {max(times[1:]):.2f}, the "
        f"first {times[0]:.2f}), target {target_s} s: {verdict}"
    )


def print_clicks(path: Path, runs: int) -> None:
    """Measure in a window of its own, and print."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from trader_gui.event_loop.loop import WindowLoop

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner,
    ):
        took = runner.run(opened(path, Path(folder), runs + 1))
    print_times("click on Run to painted result", took.results, RESULT_S)
    print_times("click on Open review to painted", took.reviews, REVIEW_S)
    print_times("Run to painted review, at once", took.ways, WAY_S)
    print(f"longest time without an answer     {1000 * took.held:6.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=525_600)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "btc-usdt.csv"
        write_year(path, chosen.bars)
        print_clicks(path, chosen.runs)


if __name__ == "__main__":
    main()
