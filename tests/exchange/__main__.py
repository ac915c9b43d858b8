"""``python -m tests.exchange``: a loopback exchange to play with, or for a bench.

The first line it prints is its port. For each line it reads it cuts all sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import threading
from collections.abc import Callable

from tests.exchange.accounts import KEY, SECRET
from tests.exchange.pair import USUAL, many_pairs
from tests.exchange.server import LoopbackExchange, Plan


async def run(plan: Plan, port: int) -> None:
    exchange = LoopbackExchange(plan)
    await exchange.start(port)
    try:
        print(exchange.port, flush=True)
        print(f"Binance and Kraken spot at {exchange.url}, key {KEY}, secret {SECRET}", flush=True)
        reading = asyncio.get_running_loop(), exchange.cut_sockets
        threading.Thread(target=_read_lines, args=reading, daemon=True).start()
        await asyncio.Event().wait()
    finally:
        await exchange.stop()


def _read_lines(loop: asyncio.AbstractEventLoop, each: Callable[[], None]) -> None:
    # Not through sys.stdin: a thread that waits there holds its lock when the program ends.
    while os.read(0, 1 << 10):
        loop.call_soon_threadsafe(each)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.exchange", description=__doc__)
    parser.add_argument("--symbols", type=int, help="that many made-up markets, not the usual ones")
    parser.add_argument("--rate", type=float, default=5, help="trades a second in all markets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="0: the system chooses")
    chosen = parser.parse_args()
    pairs = USUAL if chosen.symbols is None else many_pairs(chosen.symbols)
    plan = Plan(
        pairs=pairs,
        seed=chosen.seed,
        per_second=chosen.rate / len(pairs),
        at=None,
        every_ms=1_000,
        kept_trades=5_000,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(plan, chosen.port))


if __name__ == "__main__":
    main()
