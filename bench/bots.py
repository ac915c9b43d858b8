"""Many bots on simulated markets with the window open, and their restart.

    python -m bench.bots [--bots 500] [--seconds 60] [--speed 1]

Each bot has a market's prices at about one a second at `--speed` 1. Counted once all bots run:

* frame: how late the window begins to redraw, measured from the moment its bridge wants to.
* key: how late a timer of 16 ms rings beside all that is drawn.
* lag: how late the engine's loop wakes a sleeper, asked every 10 ms, and the most that the
  heartbeat saw in each second.
* processor: the share of one core that the whole process takes.
* memory: at the beginning and at the end. A week at `--speed` 600 takes 17 minutes.
* restart: from opening the folder to the last bot running again, without the window.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from array import array
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from bench.window import LATE_MS, FrameTimes, line, memory_mb, timed_frames, window_runner

if TYPE_CHECKING:
    from engine.runtime.engine import Engine

MINUTE = 60_000
LAG_MS, SHARE_PCT, RESTART_S = 8.0, 50.0, 2.0
_LOOK_S = 0.02
_SLEEP_S = 0.01
_PATIENCE_S = 300.0


async def create(engine: Engine, bots: int) -> None:
    """So many bots, spread over the simulated markets, all with a price."""
    from engine.domain.bots import BotSettings, FeedChoice, FeedKind
    from engine.domain.settings import TradeSettings
    from engine.messages.commands import CreateBot

    symbols = engine.simulated_symbols
    await engine.execute(reset(Decimal(100 * bots)))
    for number in range(bots):
        symbol = symbols[number % len(symbols)]
        settings = BotSettings(
            name=f"{symbol} {number}",
            symbol=symbol,
            timeframe_ms=MINUTE,
            strategy="ema_cross",
            params={"fast": 5 + number % 10, "slow": 20 + number % 30},
            feed=FeedChoice(FeedKind.SIMULATED, seed=7),
            trade=replace(TradeSettings(), cash=Decimal(100)),
        )
        await engine.execute(CreateBot(settings, start=True))
    await all_run(engine)


def reset(balance: Decimal) -> object:
    from engine.messages.commands import ResetAccount

    return ResetAccount(balance)


async def all_run(engine: Engine) -> None:
    from engine.domain.bots import BotState

    until = perf_counter() + _PATIENCE_S
    while any(bot.state is not BotState.RUNNING for bot in engine.snapshot().bots):
        if perf_counter() > until:
            raise TimeoutError
        await asyncio.sleep(_LOOK_S)


async def felt(lags: array[float]) -> None:
    """How late the loop wakes who sleeps, ms, until it is cancelled."""
    while True:
        due = perf_counter() + _SLEEP_S
        await asyncio.sleep(_SLEEP_S)
        lags.append(1000 * max(0.0, perf_counter() - due))


async def watched(folder: Path, chosen: argparse.Namespace) -> None:
    from engine.runtime.kernel_cache import prepare_kernel_cache
    from engine.runtime.kernel_warmth import load_kernel

    prepare_kernel_cache()
    load_kernel()
    from engine.messages.commands import SetSpeed
    from trader_gui.app import build
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.options import Options

    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    program = await build(window, Options(folder, offline=True))
    try:
        engine: Engine = program.engine  # type: ignore[assignment]
        began = perf_counter()
        await create(engine, chosen.bots)
        print(f"made and started       {perf_counter() - began:.1f} s")
        await engine.execute(SetSpeed(chosen.speed))
        window.show_page("monitor")
        await asyncio.sleep(5.0)
        frames, lags, worst = FrameTimes(), array("f"), array("f")
        feeling = asyncio.ensure_future(felt(lags))
        with timed_frames(program.bridge, frames):
            began, used, first_mb = perf_counter(), process_time(), memory_mb()
            while perf_counter() - began < chosen.seconds:
                await asyncio.sleep(1.0)
                worst.append(program.bridge.snapshot.status.loop_lag_ms)
            feeling.cancel()
            share = 100 * (process_time() - used) / (perf_counter() - began)
        line("frame late", frames.late, LATE_MS, "ms")
        line("key late", frames.keys, None, "ms")
        line("lag of the loop", lags, LAG_MS, "ms")
        line("most in a second", worst, None, "ms")
        verdict = "reached" if share <= SHARE_PCT else "MISSED"
        print(f"processor              {share:.0f} % of a core; target {SHARE_PCT:g}: {verdict}")
        print(f"memory                 {first_mb:.0f} MB to {memory_mb():.0f} MB")
    finally:
        window.hide()
        await program.close()


async def restarted(folder: Path) -> None:
    from engine.messages.commands import ResumeBots
    from engine.runtime.engine import Engine

    began = perf_counter()
    engine = await Engine.open(folder)
    opened = perf_counter() - began
    try:
        await engine.execute(ResumeBots(tuple(bot.bot_id for bot in engine.snapshot().bots)))
        await all_run(engine)
        took = perf_counter() - began
    finally:
        await engine.close()
    verdict = "reached" if took <= RESTART_S else "MISSED"
    print(
        f"restart                {took:.2f} s, of which opening {opened:.2f} s; "
        f"target {RESTART_S:g}: {verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bots", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--speed", type=float, default=1)
    chosen = parser.parse_args()
    print(f"{chosen.bots} bots at {chosen.speed:g}x, {chosen.seconds:g} s")
    with (
        tempfile.TemporaryDirectory() as folder,
        window_runner() as runner,
    ):
        runner.run(watched(Path(folder), chosen))
        runner.run(restarted(Path(folder)))


if __name__ == "__main__":
    main()
