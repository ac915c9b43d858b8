"""Live prices of many symbols into candles, bots and the window, through the real client.

    python -m bench.ticks [--symbols 50] [--rate 5000] [--seconds 120] [--cuts 5]

An exchange in a process of its own on this machine (tests/exchange) trades `rate` times a second
over all symbols; a paper bot for each of them follows it in the window (offscreen unless there is
a display). Counted from when all bots have their first price:

* dropped: each bot's whole candles are held against the exchange's own, prices and volume. A trade
  that got lost on the way shows in the volume.
* frame: how late the window begins to redraw, measured from the moment its bridge wants to.
* key: how late a timer of 16 ms rings, as a key press would wait, behind frames and paint, too.
* slice: how long one piece of the engine's work holds the loop.
* reconnect: all sockets are cut `cuts` times; until every bot has a new price.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.window import LATE_MS, FrameTimes, line, memory_mb, timed_frames, window_runner

if TYPE_CHECKING:
    from engine.runtime.engine import Engine
    from trader_gui.door.bridge import Bridge

MINUTE = 60_000
SLICE_MS, RECONNECT_S = 4.0, 2.0
_MEMORY_EVERY_S = 10.0
_LOOK_S = 0.01
_PATIENCE_S = 120.0


@dataclass(slots=True)
class Took:
    """Milliseconds, and what else was counted; four bytes each, as memory is measured, too."""

    frames: FrameTimes = field(default_factory=FrameTimes)
    slices: array[float] = field(default_factory=lambda: array("f"))
    reconnects: array[float] = field(default_factory=lambda: array("f"))
    memory: array[float] = field(default_factory=lambda: array("f"))
    candles: int = 0
    different: int = 0
    rows: int = 0


@contextmanager
def exchange(symbols: int, rate: float) -> Any:
    """An exchange in a process of its own: its address, and what cuts its sockets."""
    command = [sys.executable, "-m", "tests.exchange", "--symbols", str(symbols)]
    if sys.platform == "linux":  # it stands for other computers: it takes no turn of the window's
        command = ["nice", "-n", "10", *command]
    process = subprocess.Popen(
        [*command, "--rate", str(rate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = process.stdin

    def cut() -> None:
        told.write("\n")
        told.flush()

    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}", cut
    finally:
        process.terminate()
        process.wait()


async def follow(
    url: str, cut: Callable[[], None], folder: Path, chosen: argparse.Namespace
) -> Took:
    """Bots on all symbols, in a window, for so long; then the sockets are cut."""
    from engine.runtime.clock import WallClock
    from engine.runtime.kernel_cache import prepare_kernel_cache
    from engine.runtime.kernel_warmth import load_kernel

    prepare_kernel_cache()
    load_kernel()
    from engine.runtime.sources.exchanges import Exchanges, far_lines
    from tests.exchange.client import point_at_here
    from trader_gui.app import build
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.options import Options

    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    redirect = partial(point_at_here, url=url)
    exchanges = Exchanges(WallClock(), lines=far_lines, redirect=redirect)
    program = await build(window, Options(folder), exchanges)
    try:
        engine: Engine = program.engine  # type: ignore[assignment]
        await begin(engine, chosen.symbols)
        window.show_page("monitor")
        took = await watched(engine, program.bridge, exchanges, chosen.seconds)
        for _ in range(chosen.cuts):
            took.reconnects.append(await reconnected(engine, cut))
        return took
    finally:
        window.hide()
        await program.close()


async def begin(engine: Engine, symbols: int) -> None:
    """A bot on each symbol, all with a price."""
    from engine.domain.bots import BotSettings, FeedChoice, FeedKind
    from engine.domain.settings import TradeSettings
    from engine.messages.commands import CreateBot

    for symbol in list(await engine.listings("binance"))[:symbols]:
        settings = BotSettings(
            name=symbol,
            symbol=symbol,
            timeframe_ms=MINUTE,
            strategy="ema_cross",
            params={"fast": 5, "slow": 20},
            feed=FeedChoice(FeedKind.EXCHANGE, exchange="binance"),
            trade=TradeSettings(cash=Decimal(200)),
        )
        await engine.execute(CreateBot(settings, start=True))
    await so(lambda: all(bot.price is not None for bot in engine.snapshot().bots))


async def watched(engine: Engine, bridge: Bridge, exchanges: Any, seconds: float) -> Took:
    """Count while it runs."""
    took, began_at = Took(), max(bot.price.at for bot in engine.snapshot().bots if bot.price)
    with timed_slices(took.slices), timed_frames(bridge, took.frames):
        for _ in range(max(1, round(seconds / _MEMORY_EVERY_S))):
            took.memory.append(memory_mb())
            await asyncio.sleep(min(seconds, _MEMORY_EVERY_S))
    took.rows = sum(
        bot.live.recorder.standing.row_count for bot in engine._bots.all() if bot.live is not None
    )
    await compared(engine, exchanges, began_at, took)
    return took


async def compared(engine: Engine, exchanges: Any, began_at: int, took: Took) -> None:
    """Hold each candle that was heard from its first moment on against the exchange's own; those
    before came from the exchange itself and would prove nothing."""
    for bot in engine.snapshot().bots:
        mine = bot.chart.candles
        heard = mine.open_at > began_at
        if not heard.any():
            continue
        own = await exchanges.exchange("binance").candles(
            bot.settings.symbol, MINUTE, int(mine.open_at[heard][0]), 100
        )
        _, at, place = np.intersect1d(mine.open_at[heard], own.open_at, return_indices=True)
        same = np.isclose(mine.volume[heard][at], own.volume[place], rtol=1e-9)
        for name in ("open", "high", "low", "close"):
            same &= getattr(mine, name)[heard][at] == getattr(own, name)[place]
        took.candles += int(heard.sum())
        took.different += int(heard.sum()) - int(same.sum())


async def reconnected(engine: Engine, cut: Callable[[], None]) -> float:
    """Seconds from a cut of all sockets to a new price of every bot."""
    before = {bot.bot_id: bot.feed.reconnects for bot in engine.snapshot().bots if bot.feed}
    began = perf_counter()
    cut()

    def back() -> bool:
        live = [bot.live for bot in engine._bots.all() if bot.live is not None]
        feeds = [one.prepared.feed.status for one in live]
        return all(
            status is not None
            and status.reconnects > before[one.bot.id]
            and status.words.endswith("websocket")
            for one, status in zip(live, feeds, strict=True)
        )

    await so(back)
    return perf_counter() - began


async def so(wanted: Callable[[], bool]) -> None:
    """Wait for it, looking often."""
    until = perf_counter() + _PATIENCE_S
    for _ in iter(wanted, True):
        if perf_counter() > until:
            raise TimeoutError
        await asyncio.sleep(_LOOK_S)


@contextmanager
def timed_slices(slices: array[float]) -> Any:
    """How long each callback of the loop takes, ms."""
    run: Callable[[asyncio.Handle], None] = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = perf_counter()
        run(handle)
        slices.append(1000 * (perf_counter() - began))

    asyncio.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--rate", type=float, default=5_000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--cuts", type=int, default=5)
    chosen = parser.parse_args()
    with (
        exchange(chosen.symbols, chosen.rate) as (url, cut),
        tempfile.TemporaryDirectory() as folder,
        window_runner() as runner,
    ):
        took = runner.run(follow(url, cut, Path(folder), chosen))
    print(f"{chosen.symbols} symbols, {chosen.rate:,.0f} trades/s asked for, {chosen.seconds:g} s")
    print(f"rows taken             {took.rows:,}")
    print(
        f"candles heard          {took.candles:,}, {took.different:,} other than the exchange's own"
    )
    line("frame late", took.frames.late, LATE_MS, "ms")
    line("key late", took.frames.keys, None, "ms")
    line("slice of the loop", took.slices, SLICE_MS, "ms")
    line("reconnect", took.reconnects, RECONNECT_S, "s")
    if len(took.memory) > 1:
        print(f"memory                 {took.memory[0]:.0f} MB to {took.memory[-1]:.0f} MB")


if __name__ == "__main__":
    main()
