"""Clocks, candles and waiting for the runtime's tests: nothing here sleeps."""

from __future__ import annotations

import asyncio
import heapq
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.messages.commands import RunBacktest
from engine.messages.snapshot import AppSnapshot
from engine.runtime.engine import Engine
from tests.runtime import thread_work

MINUTE = 60_000
BEGINS_AT = 1_700_000_040_000
_LOOK_S, _PATIENCE = 0.0005, 40
"""A thread is given 20 ms: some wait for what the clock brings."""
REAL_FILE = "btc-perp-20211231-20220201_1m.csv"


class StillClock:
    """Time stands; whoever sleeps, sleeps on."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now_ms(self) -> int:
        return 1_800_000_000_000 + int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.get_running_loop().create_future()


class QuickClock(StillClock):
    """Time jumps to the next moment somebody waits for, as soon as the loop has come round and
    threads have answered, or have not for a while."""

    def __init__(self) -> None:
        super().__init__()
        thread_work.watch()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0
        self._planned = False

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._sleepers, (self.seconds + seconds, self._order, woken))
        self._plan()
        await woken

    def _plan(self) -> None:
        if not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._look, _PATIENCE)

    def _look(self, patience: int) -> None:
        if patience and thread_work.goes_on():
            asyncio.get_running_loop().call_later(_LOOK_S, self._look, patience - 1)
        else:
            self._planned = False
            self._wake_next()

    def _wake_next(self) -> None:
        while self._sleepers:
            due, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self.seconds = max(self.seconds, due)
                woken.set_result(None)
                break
        if self._sleepers:
            self._plan()


def write_candles(path: Path, count: int = 600, seed: int = 5, *, step: str = "0.5") -> Path:
    """A CSV of minute candles from a random walk on a price step, with one gap."""
    rng = np.random.default_rng(seed)
    size = float(step)
    price, lines = round(40_000 / size), ["timestamp,open,high,low,close,volume"]
    for index in range(count):
        at = BEGINS_AT + (index + (3 if index > count // 2 else 0)) * MINUTE
        close = price + int(rng.normal(0, 60))
        high = max(price, close) + int(rng.integers(0, 50))
        low = min(price, close) - int(rng.integers(0, 50))
        texts = [f"{Decimal(count_) * Decimal(step):f}" for count_ in (price, high, low, close)]
        lines.append(",".join([str(at), *texts, str(round(float(rng.random()) * 9, 3))]))
        price = close + int(rng.integers(-4, 5))
    path.write_text("\n".join(lines) + "\n")
    return path


def real_file() -> Path | None:
    """The month of real candles, where this machine has it."""
    folder = os.environ.get("TRADER_TEST_DATA")
    path = Path(folder) / REAL_FILE if folder else None
    return path if path is not None and path.exists() else None


BUSY = TradeSettings(
    cash=Decimal(10_000),
    slippage_pct=Decimal("0.02"),
    stop_loss_pct=Decimal("0.4"),
    take_profit_pct=Decimal("0.6"),
    trailing_pct=Decimal("0.3"),
    trailing_activate_pct=Decimal("0.1"),
    cooldown_min=5,
    max_trades_per_day=40,
)
"""Settings under which every exit and several rules come up."""


def file_bot(
    path: Path,
    name: str = "file-bot",
    *,
    strategy: str = "ema_cross",
    params: dict[str, ParamValue] | None = None,
    trade: TradeSettings = BUSY,
    speed: float = 0.0,
    signals_path: str = "",
) -> BotSettings:
    return BotSettings(
        name=name,
        symbol="BTC/USDT",
        timeframe_ms=MINUTE,
        strategy=strategy,
        params=params or {},
        feed=FeedChoice(FeedKind.FILE, str(path), speed=speed),
        trade=trade,
        signals_path=signals_path,
    )


def backtest_of(settings: BotSettings) -> RunBacktest:
    """The backtest that sees what this bot sees of its file."""
    return RunBacktest(
        feed=FeedChoice(FeedKind.FILE, settings.feed.path),
        symbol=settings.symbol,
        timeframe_ms=settings.timeframe_ms,
        strategy=settings.strategy,
        params=dict(settings.params),
        trade=settings.trade,
        signals_path=settings.signals_path,
    )


async def until(engine: Engine, true_of: Callable[[AppSnapshot], bool]) -> AppSnapshot:
    """The first snapshot of which it is true; woken by the engine's own news."""
    found: asyncio.Future[AppSnapshot] = asyncio.get_running_loop().create_future()

    def look() -> None:
        now = engine.snapshot()
        if not found.done() and true_of(now):
            found.set_result(now)

    unsubscribe = engine.subscribe(look)
    look()
    try:
        return await found
    finally:
        unsubscribe()
