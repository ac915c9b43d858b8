"""A long history in the window: read, shown, sorted, searched, scrolled; six sessions compared.

    python -m bench.sessions [--sessions 100000] [--bars 20000] [--folder DIR]

The generated sessions have settings and a strategy's source as real ones do (no events). Opening
is counted from the answer of the query to the first paint of the page.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.window import line, window_runner
from engine.domain.bots import FeedChoice, FeedKind, Mode
from engine.domain.money import Scale
from engine.domain.sessions import SessionSettings, SessionStatus
from engine.domain.settings import TradeSettings
from engine.messages.commands import RunBacktest, TagSessions
from engine.store.database import Store
from engine.store.exact_json import to_text
from engine.store.tables import SESSIONS

FIRST_PAINT_MS, SORT_MS, FRAME_MS, COMPARE_MS = 150.0, 100.0, 8.0, 200.0
STRATEGIES = ("ema_cross", "rsi_reversion", "supertrend", "macd", "donchian")
SYMBOLS = tuple(f"{coin}/USDT" for coin in "BTC ETH SOL BNB XRP DOGE LINK UNI ADA DOT".split())
MODES = (Mode.BACKTEST, Mode.PAPER, Mode.BACKTEST, Mode.BACKTEST)
BEGAN = 1_700_000_000_000
MINUTE = 60_000
SOURCE = "# a strategy's source\n" * 150
STEPS = 30
_QUIET_S = 1.0
"""Until the list has taken in the sessions that were just stored: nobody compares them before."""
Values = tuple[Any, ...]


def written(count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """The columns of that many sessions that have ended, the oldest first."""
    random = np.random.default_rng(seed)
    scale = Scale(Decimal("0.01"), Decimal("1e-8"))
    for number in range(1, count + 1):
        strategy = STRATEGIES[int(random.integers(len(STRATEGIES)))]
        symbol = SYMBOLS[int(random.integers(len(SYMBOLS)))]
        fast, slow = int(random.integers(5, 30)), int(random.integers(30, 90))
        settings = SessionSettings(
            symbol,
            MINUTE * int(random.choice((1, 5, 15, 60))),
            strategy,
            {"fast": fast, "slow": slow},
            TradeSettings(),
            scale,
            Decimal("0.00001"),
            Decimal(0),
            Decimal(0),
            "binance" if number % 3 else f"candles-{number % 50}.csv",
        )
        trades = int(random.integers(0, 400))
        pnl = int(random.normal(0, 5e11))
        yield {
            "id": number,
            "bot_id": None,
            "bot_name": f"bot-{number % 40}",
            "mode": MODES[number % len(MODES)].value,
            "symbol": symbol,
            "strategy": strategy,
            "settings": to_text(settings),
            "status": SessionStatus.FINISHED.value,
            "started_at": BEGAN - 90 * 86_400_000 + number * MINUTE,
            "ended_at": BEGAN + number * MINUTE,
            "created_at": BEGAN + number * MINUTE,
            "finished_at": BEGAN + number * MINUTE + 40_000,
            "checked_at": BEGAN,
            "end_reason": 1,
            "event_hash": "ab" * 32,
            "bars": 10_000,
            "trades": trades,
            "wins": trades // 2,
            "net_pnl": pnl,
            "fees": abs(pnl) // 9,
            "equity_first": 10**13,
            "equity_last": 10**13 + pnl,
            "max_drawdown": abs(pnl) // 2,
            "max_drawdown_pct": abs(pnl) / 2e11,
            "sharpe": pnl / 3e11,
            "program_version": "0.1.0",
            "strategy_hash": "cd" * 32,
            "strategy_source": SOURCE,
            "rows_hash": "ef" * 32,
            "seed": None,
            "error": "",
            "title": "",
            "note": f"look at this one {number}" if number % 50 == 0 else "",
            "tags": "weekend" if number % 20 == 0 else "",
            "source": settings.source,
            "params": f"{fast}/{slow}",
            "money_unit": "0.0000000001",
            "timeframe_ms": settings.timeframe_ms,
        }


async def fill(folder: Path, count: int) -> None:
    """A data folder with that many sessions."""
    store = await Store.open(folder, now_ms=1)
    every = written(count)
    first = next(every)
    names = tuple(first)
    rows = [tuple(first.values()), *(tuple(one.values()) for one in every)]
    async with store.action("generate") as db:
        db.insert_many(SESSIONS, names, lambda: rows)
    await store.close()


async def run(folder: Path, count: int, bars: int) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    from engine.runtime.engine import Engine
    from trader_gui.door.bridge import Bridge
    from trader_gui.event_loop.tasks import Tasks
    from trader_gui.pages.sessions.page import SessionsPage

    start = perf_counter()
    engine = await Engine.open(folder)
    print(f"open the folder        {1000 * (perf_counter() - start):8.1f} ms")
    start = perf_counter()
    history = await engine.history()
    print(f"query of {len(history):,} {1000 * (perf_counter() - start):14.1f} ms (a worker's)")
    start = perf_counter()
    await engine.execute(TagSessions((5, 6), ("seen",)))
    await engine.history()
    print(f"after a change         {1000 * (perf_counter() - start):8.1f} ms")
    broken: list[BaseException] = []
    bridge = Bridge(engine, Tasks(lambda _, error: broken.append(error)), print)
    page = SessionsPage(bridge)
    page.resize(1536, 926)
    view = page.sessions
    start = perf_counter()
    view._take(await engine.history(), bridge.snapshot.sessions_version)
    page.show()
    image = QImage(page.size(), QImage.Format.Format_RGB32)
    page.render(image)
    told("first paint", [1000 * (perf_counter() - start)], FIRST_PAINT_MS)
    await asyncio.sleep(0.3)
    header = view.table.horizontalHeader()
    spent = []
    for section, column in enumerate(view.model.columns):
        if column.carries:
            for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
                start = perf_counter()
                header.setSortIndicator(section, order)
                spent.append(1000 * (perf_counter() - start))
    told("sort", spent, SORT_MS)
    spent = []
    for text in ("b", "bt", "btc", "btc ema", "weekend", "look at 5", "s-0042", "no such", ""):
        start = perf_counter()
        view.bar.search.setText(text)
        spent.append(1000 * (perf_counter() - start))
    for key in ("paper", ""):
        start = perf_counter()
        view.bar.modes.set_value(key)
        view.bar.changed.emit()
        spent.append(1000 * (perf_counter() - start))
    told("search and filter", spent, SORT_MS)
    for name, rows, target in (
        ("frame while scrolling", 3, FRAME_MS),
        ("a page further", 14, None),
    ):
        spent = [scrolled(view, rows) for _ in range(200)]
        told(name, spent, target)
    spent = []
    for _ in range(STEPS):
        start = perf_counter()
        view._show(view.model.rows)
        spent.append(1000 * (perf_counter() - start))
    told("update in place", spent, None)
    await compare(engine, folder, bars)
    bridge.close()
    page.hide()
    page.deleteLater()
    await engine.close()
    assert not broken, broken


def scrolled(view: Any, rows: int) -> float:
    """Milliseconds of a frame in which the table goes on by that many rows: what came into view
    is painted, as Qt does it."""
    from PySide6.QtCore import QCoreApplication, QEvent

    bar, window = view.table.verticalScrollBar(), view.window()
    start = perf_counter()
    bar.setValue(bar.value() + rows)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateLater.value)
    QCoreApplication.sendPostedEvents(window, QEvent.Type.UpdateRequest.value)
    return 1000 * (perf_counter() - start)


async def compare(engine: Any, folder: Path, bars: int) -> None:
    from trader_gui.pictures.sample_candles import write_candles

    path = folder / "candles.csv"
    write_candles(path, bars)
    wish = RunBacktest(FeedChoice(FeedKind.FILE, str(path)), "BTC/USDT", None, "ema_cross")
    ids = []
    for stop in range(6):
        trade = replace(TradeSettings(), stop_loss_pct=Decimal("0.4") + Decimal(stop) / 5)
        ids.append(await engine.execute(replace(wish, trade=trade)))
    await engine.compare(tuple(ids[:2]))  # what is loaded with the first question
    engine._beside._comparing._kept.clear()
    await asyncio.sleep(_QUIET_S)
    start = perf_counter()
    found = await engine.compare(tuple(ids))
    cold = 1000 * (perf_counter() - start)
    events = sum(len(one.trades.pnl) for one in found)
    told(f"six of {bars:,} candles, {events:,} trades", [cold], COMPARE_MS)
    start = perf_counter()
    await engine.compare(tuple(ids))
    told("the same again", [1000 * (perf_counter() - start)], COMPARE_MS)


def told(name: str, spent: list[float], target: float | None) -> None:
    line(name, array("f", spent), target, "ms")


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.sessions", description=__doc__)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--bars", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, window_runner() as runner:
        runner.run(fill(Path(folder), options.sessions))
        runner.run(run(Path(folder), options.sessions, options.bars))


if __name__ == "__main__":
    main()
