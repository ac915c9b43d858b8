"""Days of many bots to which nothing happens but trading, and what each of them leaves in memory.

    python -m tests.simulation.week [--bots 50] [--days 7]

Nine in ten bots trade on files of 15-minute candles, the others on the program's own simulated
market, all at one speed. At the end of each day it prints the memory of the process, the objects
that the collector knows, the arrays, which it does not know, and the kinds of objects of which
there are many more than the day before.

Twenty bots over seven days: 315, 312, 318, 322, 332, 339 and 340 MB; from 221,850 to 239,665
objects, of which 1,440 a day are the simulated market's blocks and as many their beginnings, kept a
month. Six on files alone over four days: 149, 108 and -6 objects more from evening to evening. Four
on files alone have 177 arrays each evening, of 0.79, 0.90 and 1.18 MB: columns that double as they
grow.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS
from engine.domain.settings import TradeSettings
from engine.messages import commands as cm
from engine.runtime.engine import Engine
from tests.simulation import disk, opinions, prices
from tests.simulation.clock import SimulatedClock
from tests.simulation.loop import SimulatedLoop

BEGINS_AT: Final = 1_700_092_800_000
SPEED: Final = 600.0
DAY_S: Final = 86_400 / SPEED
"""Loop time."""
_TIMEFRAME_MS: Final = 15 * MINUTE_MS
_FILES: Final = 4
_SETTLES_S: Final = 1.0
_MORE: Final = 200


@dataclass(frozen=True, slots=True)
class Evening:
    """What there is at the end of a day."""

    rss_mb: float
    kinds: Counter[str]
    arrays: int
    array_bytes: int
    """The collector knows no arrays: they are no objects of `kinds`."""
    trades: int

    @property
    def objects(self) -> int:
        return self.kinds.total()


def evenings(bots: int, days: int, first: int = 1) -> list[Evening]:
    """Play so many days with so many bots; evenings before the `first` are not looked at."""
    loop = SimulatedLoop(Random(1))
    with (
        tempfile.TemporaryDirectory(prefix="week-") as folder,
        opinions.known(),
        disk.Disk().at_work(),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(_days(Path(folder), loop, bots, range(first, days + 1)))


async def _days(folder: Path, loop: SimulatedLoop, bots: int, days: range) -> list[Evening]:
    clock = SimulatedClock(loop, BEGINS_AT)
    engine = await Engine.open(folder / "data", clock=clock)
    seen = []
    try:
        await engine.execute(cm.ResetAccount(Decimal(1_000 * bots)))
        await engine.execute(cm.SetSpeed(SPEED))
        for settings in _settings(folder, bots, days[-1]):
            await engine.execute(cm.CreateBot(settings, start=True))
        for day in days:
            await asyncio.sleep(day * DAY_S - loop.time())
            seen.append(await _evening(engine))
    finally:
        await engine.close()
    return seen


def _settings(folder: Path, bots: int, days: int) -> Iterator[BotSettings]:
    candles = (days + 1) * 86_400_000 // _TIMEFRAME_MS
    files = [
        str(prices.write_candles(folder / f"{n}.csv", n, BEGINS_AT, candles, _TIMEFRAME_MS))
        for n in range(_FILES)
    ]
    for number in range(bots):
        generated = number % 10 == 9
        feed = (
            FeedChoice(FeedKind.SIMULATED, seed=7)
            if generated
            else FeedChoice(FeedKind.FILE, files[number % _FILES], speed=SPEED)
        )
        yield BotSettings(
            name=f"bot-{number}",
            symbol="BTC/USDT",
            timeframe_ms=MINUTE_MS if generated else _TIMEFRAME_MS,
            strategy="busy",
            params={},
            feed=feed,
            trade=TradeSettings(cash=Decimal(1_000)),
        )


async def _evening(engine: Engine) -> Evening:
    await asyncio.sleep(_SETTLES_S)
    gc.collect()
    kinds = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    trades = sum(len(bot.session.trades) for bot in engine.snapshot().bots)
    sizes = list(_sizes_of_arrays())
    return Evening(_rss_mb(), kinds, len(sizes), sum(sizes), trades)


def _sizes_of_arrays() -> Iterator[int]:
    """Bytes of each, found by what the collector knows; a view leads to what it is a view of."""
    layer = gc.get_objects()
    seen: set[int] = set()
    while layer:
        seen.update(map(id, layer))
        # By the type itself: a proxy of what is gone cannot be asked what it is.
        arrays = [one for one in layer if issubclass(type(one), np.ndarray)]
        yield from map(sys.getsizeof, arrays)
        beyond = [*gc.get_referents(*layer), *(one.base for one in arrays)]
        found = dict(zip(map(id, beyond), beyond, strict=True))
        for known in found.keys() & seen:
            del found[known]
        layer = list(found.values())


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def _quietly() -> Iterator[None]:
    nowhere = logging.NullHandler()
    logging.getLogger().addHandler(nowhere)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(nowhere)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.week")
    parser.add_argument("--bots", type=int, default=50)
    parser.add_argument("--days", type=int, default=7)
    asked = parser.parse_args()
    with _quietly():
        seen = evenings(asked.bots, asked.days)
    before: Counter[str] = Counter()
    for day, now in enumerate(seen, 1):
        print(f"day {day}  {now.rss_mb:.1f} MB  {now.objects:,} objects", end="  ")
        print(f"{now.arrays:,} arrays of {now.array_bytes:,} bytes  {now.trades:,} trades")
        grown = {kind: count - before[kind] for kind, count in now.kinds.items()} if before else {}
        for kind, more in sorted(grown.items(), key=lambda item: -item[1]):
            if more >= _MORE:
                print(f"    {more:+,} {kind}")
        before = now.kinds


if __name__ == "__main__":
    main()
