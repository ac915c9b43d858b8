"""The review of a long stored session in the window: opened, jumped about, stepped, scrubbed.

    python -m bench.review [--bars 1000000] [--frames 400]

A backtest of that many minutes is stored and read back. Opening is measured from the wish to the
painted panels. A frame is a move of the cursor until chart, curve and key figures are painted at
it; "all panels" is the same until those that follow a moment later are, too (trades, state, log,
last events, funnel), each in the turn of the loop in which it comes. Offscreen unless there is a
display.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from array import array
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.backtest import write_year
from bench.click import Took, painted_s
from bench.window import line, memory_mb, window_runner
from engine.domain.bots import FeedChoice, FeedKind
from engine.messages.commands import RunBacktest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from engine.messages.review import Review
    from trader_gui.pages.review.page import ReviewPage

JUMP_MS, STEP_MS, SCRUB_MS = 50.0, 8.0, 1000 / 60
OPEN_MS = 150.0


Frame = tuple[float, float]
"""Milliseconds until the frame is painted, and until all panels are."""


def frame_ms(page: ReviewPage, at: int) -> Frame:
    """Of a move of the cursor to a moment."""
    assert page.body is not None
    start = perf_counter()
    page.go(at)
    page.show_frame()
    paint(page)
    first = 1000 * (perf_counter() - start)
    page.body.follow_now()
    settle()
    return first, 1000 * (perf_counter() - start)


def paint(page: ReviewPage) -> None:
    """What waits to be laid out and painted, as Qt does it."""
    from PySide6.QtCore import QCoreApplication, QEvent

    for kind in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateLater):
        QCoreApplication.sendPostedEvents(None, kind.value)
    QCoreApplication.sendPostedEvents(page.window(), QEvent.Type.UpdateRequest.value)


def settle() -> None:
    """Turns of the loop until nothing waits: a table lays its rows out one turn after it is told
    of them, and paints them in the next."""
    from PySide6.QtCore import QCoreApplication

    for _ in range(3):
        QCoreApplication.processEvents()


def fold_ms(review: Review, at: int) -> float:
    """Milliseconds until it is known what was known at a moment."""
    start = perf_counter()
    review.at(at)
    return 1000 * (perf_counter() - start)


def told(name: str, spent: Iterable[float], target: float | None) -> None:
    line(name, array("f", spent), target, "ms")


def told_frames(name: str, page: ReviewPage, moments: Iterable[int], target: float) -> None:
    first, whole = zip(*[frame_ms(page, at) for at in moments], strict=True)
    told(name, first, target)
    told("  all panels", whole, None)


async def opened_ms(page: ReviewPage, session_id: int) -> float:
    """Milliseconds from the wish until chart, curve, trades and figures are painted."""

    def parts() -> list[QWidget]:
        body, review = page.body, page.review
        if body is None or review is None or review.record.id != session_id:
            return []
        views = (body.chart.chart.view, body.curve.view, body.trades.table)
        return [page.kpis, *(view.viewport() for view in views)]

    page.let_go()
    page.prepare()  # as the program does while nobody waits
    await asyncio.sleep(2.5)  # what was asked behind the last one is answered
    return 1000 * await painted_s(Took(), parts, lambda: page.open(session_id))


async def run(path: Path, folder: Path, frames: int) -> None:
    from engine.runtime.engine import Engine
    from trader_gui.door.bridge import Bridge
    from trader_gui.event_loop.tasks import Tasks
    from trader_gui.pages.review.page import ReviewPage
    from trader_gui.theme.theme import theme

    engine = await Engine.open(folder)
    feed = FeedChoice(FeedKind.FILE, str(path))
    wish = RunBacktest(feed, "BTC/USDT", None, "ema_cross", {"fast": 22, "slow": 113})
    session_id: Any = await engine.execute(wish)
    await engine.close()
    engine = await Engine.open(folder)  # nothing of the run is at hand any more
    theme().apply("dark")  # a style sheet is much of what a window paints
    broken: list[BaseException] = []
    bridge = Bridge(engine, Tasks(lambda _, error: broken.append(error)), print)
    page = ReviewPage(bridge)
    page.resize(1536, 926)
    page.prepare()
    page.show()
    await asyncio.sleep(0.3)
    first = await opened_ms(page, session_id)
    again = [await opened_ms(page, session_id) for _ in range(5)]
    review = page.review
    assert review is not None
    print(
        f"{len(review.candles):,} candles, {len(review.log):,} events, "
        f"{len(review.end().session.trades):,} trades"
    )
    told("opened and painted", again, OPEN_MS)
    print(f"  (the first time {first:.0f} ms)")
    await asyncio.sleep(1)
    measure(page, frames)
    print(f"memory {memory_mb():.0f} MB")
    bridge.close()
    page.hide()
    page.deleteLater()
    await engine.close()
    assert not broken, broken


def measure(page: ReviewPage, frames: int) -> None:
    """All that moves the cursor."""
    from engine.messages import events as ev

    review = page.review
    assert review is not None
    random = np.random.default_rng(5)
    first, last = review.from_at, review.to_at
    anywhere = random.integers(first, last, frames).tolist()
    told("fold anywhere", [fold_ms(review, at) for at in anywhere], STEP_MS)
    anywhere = random.integers(first, last, frames).tolist()
    told_frames("jump anywhere", page, anywhere, JUMP_MS)
    moments = np.unique(review.log.table[:, ev.AT])
    closes = review.candles.candles(len(review.candles)).open_at + review.candles.timeframe_ms
    for name, column in (("step by candle", closes), ("step by event", moments)):
        start = int(random.integers(0, len(column) - frames))
        on = column[start : start + frames].tolist()
        frame_ms(page, on[0])
        told_frames(f"{name}, on", page, on, STEP_MS)
        told_frames(f"{name}, back", page, on[::-1], STEP_MS)
    drag = np.linspace(first, last, frames).astype(np.int64).tolist()
    told_frames("scrubbed on", page, drag, SCRUB_MS)
    told_frames("scrubbed back", page, drag[::-1], SCRUB_MS)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.review", description=__doc__)
    parser.add_argument("--bars", type=int, default=1_000_000)
    parser.add_argument("--frames", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, window_runner() as runner:
        path = Path(folder) / "btc-usdt.csv"
        write_year(path, options.bars)
        runner.run(run(path, Path(folder) / "data", options.frames))


if __name__ == "__main__":
    main()
