"""From the click on Run to the painted result of a backtest, in the window itself.

    python -m bench.click [--bars 525600] [--runs 7]

The backtest of bench.backtest. Its file is read already and stands in the form, as when a person
presses Run (offscreen unless there is a display). Measured until both the result's name and its
equity curve have been painted, then the click on "Open review" until that is painted. The first
run is printed by itself: memory is touched for the first time in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bench.backtest import write_year

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from trader_gui.main_window import MainWindow

TARGET_S = 0.3
_QUIET_S = 1.0
"""Until what follows a run (storing, the doubt) is over."""


async def painted_s(parts: Callable[[], list[QWidget]], begin: Callable[[], object]) -> float:
    """Seconds from `begin()` until all of `parts()`, asked again and again, have painted."""
    from PySide6.QtCore import QEvent, QObject

    painted: dict[QObject, float] = {}

    class Eye(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.setdefault(watched, perf_counter())
            return False

    eye, watched = Eye(), set[QObject]()
    began = perf_counter()
    begin()
    while not watched or any(part not in painted for part in watched):
        await asyncio.sleep(0.001)
        for part in parts():
            if part not in watched:
                watched.add(part)
                part.installEventFilter(eye)
                part.update()
    for part in watched:
        part.removeEventFilter(eye)
    return max(painted[part] for part in watched) - began


async def so(there: Callable[[], bool]) -> None:
    """Wait until it is so."""
    while not there():  # noqa: ASYNC110 (what is waited for tells nobody)
        await asyncio.sleep(0.01)


async def measure(window: MainWindow, path: Path, runs: int) -> tuple[list[float], list[float]]:
    """(seconds to the result, seconds from it to the review) of each run."""
    from engine.domain.settings import Direction
    from trader_gui.pages.backtest.page import BacktestPage
    from trader_gui.pages.sessions.page import SessionsPage

    page, sessions = window.page("backtest"), window.page("sessions")
    assert isinstance(page, BacktestPage)
    assert isinstance(sessions, SessionsPage)
    page.open_file(path)
    await so(lambda: page.candles.currentWidget() is page.candles.chart)
    page.form.strategy.set_strategy("ema_cross", {"fast": 10, "slow": 50}, Direction.LONG)
    for name, value in (("take_profit_pct", "2"), ("stop_loss_pct", "1")):
        editor = page.form.trade.fields()[name].editor
        editor.setText(value)
        editor.textEdited.emit(value)
    assert not page.form.problems(), page.form.problems()
    results, reviews = [], []
    for _ in range(runs):
        await asyncio.sleep(_QUIET_S)
        before = page._result

        def result(before: object = before) -> list[QWidget]:
            if page._result is before:
                return []
            return [page.result.about, page.chart.view.viewport()]

        def review() -> list[QWidget]:
            shown = sessions.review
            there = shown.review is not None and shown.review.record.id == page.shown_id
            return [shown.body, shown.kpis] if there and shown.body is not None else []

        results.append(await painted_s(result, page.form.run.click))
        await so(lambda: not page._run)
        await asyncio.sleep(_QUIET_S)
        reviews.append(await painted_s(review, page.result.open_review.click))
        window.show_page("backtest")
    return results, reviews


async def opened(path: Path, folder: Path, runs: int) -> tuple[list[float], list[float]]:
    from trader_gui.__main__ import build
    from trader_gui.main_window import MainWindow
    from trader_gui.theme.theme import theme

    theme().apply("dark")
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    program = await build(window, folder)
    assert program is not None
    window.show_page("backtest")
    try:
        return await measure(window, path, runs)
    finally:
        window.hide()
        await program.close()


def click_s(path: Path, runs: int) -> float:
    """The median of all but the first run, printed."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from trader_gui.loop import WindowLoop

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner,
    ):
        results, reviews = runner.run(opened(path, Path(folder), runs + 1))
    median = statistics.median(results[1:])
    verdict = "reached" if median <= TARGET_S else "MISSED"
    print(
        f"click to painted result            {median:6.2f} s (best {min(results[1:]):.2f}, worst "
        f"{max(results[1:]):.2f}, the first {results[0]:.2f}), target {TARGET_S} s: {verdict}"
    )
    print(f"from there to the painted review   {statistics.median(reviews):6.2f} s")
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=525_600)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "btc-usdt.csv"
        write_year(path, chosen.bars)
        click_s(path, chosen.runs)


if __name__ == "__main__":
    main()
