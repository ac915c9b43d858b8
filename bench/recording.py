"""Bytes a tick that a recording takes on disk, and how fast it is packed and read.

    python -m bench.recording [--ticks 50000] [--flush 10] [--folder DIR]

A bot's session is stored as the recorder does it, `--flush` ticks an action, and put together every
300 actions as the program does it every ten minutes. What it takes are the pages of the database in
use afterwards, SQLite's own part included; the file also holds free ones, which are used again. The
peers are the 56 bytes of a row as they are in memory
(six int64 and a float64), without any database, and the gzipped CSV that a person would keep
(time, price, amount). Real trades are those of TRADER_TEST_DATA, where it is set.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np

from bench.store import session_record
from engine.domain.rows import AT, CLOSE, OPEN, ROW_WIDTH, Rows
from engine.domain.sessions import SessionStatus
from engine.runtime.history.tidying import put_together
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.repositories import recordings, sessions
from engine.store.row_codec import decode, encode

TARGET_BYTES = 8.0
MERGE_EVERY = 300
RAW_BYTES = 56
REAL_TRADES = "freqtrade/XRP_ETH-trades.feather"


def generated(count: int) -> Rows:
    """Five ticks a second at random moments, the price a walk, amounts of five decimals."""
    random = np.random.default_rng(1)
    table = np.zeros((count, ROW_WIDTH), np.int64)
    table[:, AT] = 1_700_000_000_000 + np.cumsum(random.exponential(200, count)).astype(np.int64)
    steps = random.choice([0, 0, 0, -1, 1, -7, 7], count)
    table[:, OPEN : CLOSE + 1] = (4_000_000 + np.cumsum(steps))[:, None]
    return Rows(table, np.round(random.lognormal(-3, 1.5, count), 5))


def real(folder: Path) -> Rows:
    """Trades of an exchange, prices in steps of 1e-8."""
    from pyarrow import feather

    trades = feather.read_table(folder / REAL_TRADES)
    price = trades["price"].to_numpy()
    table = np.zeros((len(price), ROW_WIDTH), np.int64)
    table[:, AT] = trades["timestamp"].to_numpy()
    table[:, OPEN : CLOSE + 1] = np.rint(price * 1e8).astype(np.int64)[:, None]
    return Rows(table, trades["amount"].to_numpy().copy())


def gzipped_csv(rows: Rows, step: Decimal) -> int:
    lines = [
        f"{at},{count * step:f},{volume:.12g}"
        for at, count, volume in zip(
            rows.table[:, AT].tolist(), rows.table[:, CLOSE].tolist(), rows.volume, strict=True
        )
    ]
    return len(gzip.compress("\n".join(lines).encode()))


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes of the database file."""

    used: int
    free: int


def taken(folder: Path) -> Taken:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return Taken((pages - free) * size, free * size)


async def stored(folder: Path, rows: Rows, flush: int, merge_every: int) -> tuple[Taken, int]:
    """(what the database grew by, chunks) after the session was recorded and closed."""
    store = await Store.open(folder)
    async with store.action("begin") as db:
        sessions.add(db, session_record(1))
    await store.close()
    empty = taken(folder)
    store = await Store.open(folder)
    for number, start in enumerate(range(0, len(rows), flush), 1):
        async with store.action("bot_step") as db:
            recordings.append(db, 1, start, rows.part(start, start + flush))
        if merge_every and not number % merge_every:
            await put_together(store)
    if merge_every:
        async with store.action("end") as db:
            sessions.set_status(db, 1, SessionStatus.INTERRUPTED)
        await put_together(store)
    back = await recordings.load(store, 1)
    assert back.table.tobytes() == rows.table.tobytes()
    assert back.volume.tobytes() == rows.volume.tobytes()
    await store.close()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        (chunks,) = connection.execute("SELECT count(*) FROM recordings").fetchone()
    now = taken(folder)
    return Taken(now.used - empty.used, now.free), chunks


def speeds(rows: Rows) -> tuple[float, float]:
    """Million rows a second of processor time: packed, read."""
    part = rows.part(0, recordings.CHUNK_ROWS)
    start, times = thread_time(), 5
    for _ in range(times):
        content = encode(part)
    packed = thread_time()
    for _ in range(times):
        decode(content)
    million = times * len(part) / 1e6
    return million / (packed - start), million / (thread_time() - packed)


async def measure(folder: Path, name: str, rows: Rows, flush: int, step: Decimal) -> None:
    count = len(rows)
    started = perf_counter()
    grown, chunks = await stored(folder / f"{name}-merged", rows, flush, MERGE_EVERY)
    took = perf_counter() - started
    scattered, small = await stored(folder / f"{name}-scattered", rows, flush, 0)
    csv = gzipped_csv(rows, step)
    packed, read = speeds(rows)
    each = grown.used / count
    verdict = "yes" if each <= TARGET_BYTES else "NO"
    print(f"{name}: {count:,} ticks, {flush} an action, {took:.1f} s")
    print(f"  {each:6.2f} bytes a tick ({chunks:,} chunks; {grown.free / count:.2f} more are free)")
    print(f"  {scattered.used / count:6.2f} bytes a tick, never put together ({small:,} chunks)")
    print(f"  {RAW_BYTES:6.2f} raw rows, {RAW_BYTES / each:.1f} times as much")
    print(f"  {csv / count:6.2f} gzipped CSV, {csv / grown.used:.2f} times as much")
    print(f"  {packed:6.2f} million rows a second packed, {read:.2f} read")
    print(f"  at most {TARGET_BYTES:g} bytes a tick: {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ticks", type=int, default=50_000)
    parser.add_argument("--flush", type=int, default=10, help="ticks of one action")
    parser.add_argument("--folder", type=Path, help="where to put the files (default: temporary)")
    chosen = parser.parse_args()
    data = os.environ.get("TRADER_TEST_DATA")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        for path in ("generated", "real"):
            for kind in ("merged", "scattered"):
                (folder / f"{path}-{kind}").mkdir()
        rows = generated(chosen.ticks)
        asyncio.run(measure(folder, "generated", rows, chosen.flush, Decimal("0.01")))
        if data is None or not (Path(data) / REAL_TRADES).exists():
            print("real trades: skipped, TRADER_TEST_DATA does not have them")
            return
        asyncio.run(measure(folder, "real", real(Path(data)), chosen.flush, Decimal("1e-8")))


if __name__ == "__main__":
    main()
