"""The store under load, beside an AsyncSession per action over aiosqlite, in one run.

    python -m bench.store [--tasks 50] [--actions 200] [--events 100000] [--folder DIR]

An action inserts a trade-like row and updates the bot's state, durable (WAL, synchronous=FULL)
before it is answered. The peer does the same the documented way: its own AsyncSession and COMMIT
for each action, one writer at a time. The file system of --folder decides what an fsync costs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sqlalchemy import event, insert, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from engine.domain.bots import BotSettings, FeedChoice, FeedKind, Mode
from engine.domain.columns import IntMatrix
from engine.domain.money import Scale
from engine.domain.reasons import Action, ExitReason, Refusal, Side
from engine.domain.rows import Rows
from engine.domain.sessions import SessionRecord, SessionResult, SessionSettings, SessionStatus
from engine.domain.settings import TradeSettings
from engine.messages import events as column
from engine.messages.events import EventKind
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.records import BotRecord
from engine.store.repositories import bots, events, projections, recordings, sessions
from engine.store.tables import BOT_STATES, TRADES

TARGET_PER_SECOND = 3_000
TARGET_P99_MS = 20.0
TARGET_BATCH_S = 1.0
YEAR_ROWS = 525_600

Act = Callable[[int, int], Awaitable[None]]


def trade(task: int, no: int) -> dict[str, Any]:
    return {
        "session_id": task + 1,
        "no": no,
        "side": 1,
        "amount": 12_345_678,
        "opened_at": 1_700_000_000_000 + no,
        "entry_price": 4_200_000,
        "stop": 4_100_000,
        "target": 4_300_000,
        "status": "open",
        "exited": 0,
    }


def bot_state(no: int) -> dict[str, Any]:
    return {"kernel_state": bytes(992), "event_count": no, "updated_at": no}


async def load(tasks: int, actions: int, act: Act) -> tuple[float, float, float]:
    """(actions per second, p50 ms, p99 ms) of `tasks` tasks doing `actions` each."""
    waits: list[float] = []
    for number in range(tasks):  # so that no statement is compiled while the clock runs
        await act(number, 0)

    async def task(number: int) -> None:
        for no in range(1, actions + 1):
            start = perf_counter()
            await act(number, no)
            waits.append(perf_counter() - start)

    start = perf_counter()
    await asyncio.gather(*(task(number) for number in range(tasks)))
    elapsed = perf_counter() - start
    p50, p99 = np.percentile(np.array(waits) * 1_000, [50, 99])
    return tasks * actions / elapsed, float(p50), float(p99)


async def ours(store: Store, tasks: int, actions: int) -> tuple[float, float, float]:
    async def act(number: int, no: int) -> None:
        async with store.action("open_trade") as db:
            db.run(insert(TRADES), trade(number, no))
            db.run(update(BOT_STATES).where(BOT_STATES.c.bot_id == number + 1), bot_state(no))

    return await load(tasks, actions, act)


async def peer(folder: Path, tasks: int, actions: int) -> tuple[float, float, float]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / FILE_NAME}", pool_size=tasks)

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=1")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    one_at_a_time = asyncio.Lock()

    async def act(number: int, no: int) -> None:
        async with one_at_a_time, AsyncSession(engine) as session, session.begin():
            await session.execute(insert(TRADES), trade(number, no))
            await session.execute(
                update(BOT_STATES).where(BOT_STATES.c.bot_id == number + 1).values(bot_state(no))
            )

    figures = await load(tasks, actions, act)
    await engine.dispose()
    return figures


def session_record(session_id: int) -> SessionRecord:
    scale = Scale(*map(_step, (2, 8)))
    settings = SessionSettings(
        "BTC/USDT",
        60_000,
        "grid",
        {},
        TradeSettings(),
        scale,
        _step(5),
        _step(5),
        _step(0),
        "bench",
    )
    return SessionRecord(
        id=session_id,
        bot_id=session_id,
        bot_name="bench",
        mode=Mode.PAPER,
        settings=settings,
        status=SessionStatus.RUNNING,
        started_at=0,
        ended_at=None,
        created_at=0,
        end_reason=None,
        event_hash="",
        result=SessionResult(),
        program_version="bench",
    )


def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


async def fill(store: Store, tasks: int) -> None:
    feed = FeedChoice(FeedKind.SIMULATED)
    settings = BotSettings("bench", "BTC/USDT", 60_000, "grid", {}, feed, TradeSettings())
    async with store.action("fill") as db:
        for number in range(1, tasks + 2):
            sessions.add(db, session_record(number))
            bots.add(db, BotRecord(number, settings, 0))


def one_round() -> list[dict[str, int]]:
    """Ten events: a signal, its trade from open to close, and refusals between."""
    buy = {"action": Action.BUY, "side": Side.LONG}
    sell = {"action": Action.SELL, "side": Side.LONG}
    return [
        {"kind": EventKind.SIGNAL, **buy},
        {"kind": EventKind.INTENT, **buy},
        {"kind": EventKind.FILL, **buy, "trade": 4},
        {"kind": EventKind.TRADE_OPENED, **buy, "trade": 4},
        {"kind": EventKind.REFUSAL, **buy, "code": Refusal.POSITION_ALREADY_OPEN},
        {"kind": EventKind.REFUSALS_COUNTED, **buy, "code": Refusal.POSITION_ALREADY_OPEN},
        {"kind": EventKind.LEVEL_MOVED, "trade": 4},
        {"kind": EventKind.INTENT, **sell, "trade": 4},
        {"kind": EventKind.FILL, **sell, "trade": 4},
        {"kind": EventKind.TRADE_CLOSED, **sell, "code": ExitReason.SIGNAL, "trade": 4},
    ]


def many_events(count: int) -> IntMatrix:
    rows = np.random.default_rng(1).integers(0, 1 << 40, (count, column.EVENT_WIDTH))
    pattern = np.zeros((10, column.EVENT_WIDTH), np.int64)
    for place, columns in enumerate(one_round()):
        for name, value in columns.items():
            pattern[place, getattr(column, name.upper())] = int(value)
    for name in ("KIND", "ACTION", "SIDE", "CODE", "TRADE"):
        place = getattr(column, name)
        rows[:, place] = np.resize(pattern[:, place], count)
    rows[:, column.NO] = np.arange(1, count + 1)
    return rows


async def batches(store: Store, count: int, tasks: int) -> dict[str, float]:
    rows = many_events(count)
    took = {}
    start = perf_counter()
    async with store.action("events") as db:
        events.append(db, tasks, 0, rows)
    took["events alone"] = perf_counter() - start
    start = perf_counter()
    projection = await asyncio.to_thread(projections.fold, tasks + 1, rows)
    async with store.action("events and tables") as db:
        events.append(db, tasks + 1, 0, rows)
        projections.write(db, projection)
    took["events with signals, orders, fills, trades"] = perf_counter() - start
    start = perf_counter()
    assert len(await events.load(store, tasks)) == count
    took["events read back"] = perf_counter() - start
    return took


async def recording(store: Store, session_id: int) -> tuple[float, float]:
    random = np.random.default_rng(1)
    table = np.full((YEAR_ROWS, 6), 2, np.int64)
    table[:, 1] = 60_000 * np.arange(YEAR_ROWS)
    walk = 4_000_000 + np.cumsum(random.integers(-500, 501, YEAR_ROWS))
    table[:, 2:] = walk[:, None] + random.integers(-200, 201, (YEAR_ROWS, 4))
    rows = Rows(table, random.lognormal(size=YEAR_ROWS))
    start = perf_counter()
    packed = await asyncio.to_thread(recordings.pack, rows)
    async with store.action("recording") as db:
        recordings.append(db, session_id, 0, packed)
    written = perf_counter() - start
    start = perf_counter()
    assert len(await recordings.load(store, session_id)) == YEAR_ROWS
    return written, perf_counter() - start


async def measure(folder: Path, tasks: int, actions: int, count: int) -> None:
    # One full collection over all imported modules takes 40 ms and would be the whole p99.
    gc.collect()
    gc.freeze()
    store = await Store.open(folder / "ours")
    await fill(store, tasks)
    rate, p50, p99 = await ours(store, tasks, actions)
    took = await batches(store, count, tasks)
    written, read = await recording(store, tasks)
    await store.close()

    store = await Store.open(folder / "peer")
    await fill(store, tasks)
    await store.close()
    peer_rate, peer_p50, peer_p99 = await peer(folder / "peer", tasks, max(1, actions // 10))

    print(f"store.action, {tasks} tasks, FULL (target {TARGET_PER_SECOND}/s, {TARGET_P99_MS} ms)")
    print(f"  ours  {rate:8,.0f}/s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")
    print(f"  peer  {peer_rate:8,.0f}/s   p50 {peer_p50:6.1f} ms   p99 {peer_p99:6.1f} ms")
    print(f"  ratio {rate / peer_rate:8.1f} times as many, p99 {peer_p99 / p99:.1f} times as short")
    print(f"{count:,} rows in one action (target {TARGET_BATCH_S} s)")
    for what, seconds in took.items():
        print(f"  {seconds:6.2f} s  {what}")
    print(f"a year of minutes ({YEAR_ROWS:,} rows)")
    print(f"  {written:6.2f} s  packed and stored\n  {read:6.2f} s  read back")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--actions", type=int, default=200, help="of each task")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where to put the files (default: temporary)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        asyncio.run(measure(Path(folder), chosen.tasks, chosen.actions, chosen.events))


if __name__ == "__main__":
    main()
