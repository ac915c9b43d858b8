"""A backtest can be looked at while it is still being stored, and looks the same afterwards."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from engine.domain.candles import Candles
from engine.domain.strategy import Params, Signals, Strategy
from engine.errors import StoreUnavailable, StrategyFailed, UnknownName
from engine.messages.doubt import Doubt
from engine.messages.events import EMPTY_HASH, chain
from engine.messages.progress import Progress
from engine.messages.review import Review
from engine.runtime import commands
from engine.runtime.backtest.storing import Batch, store_batch
from engine.runtime.engine import Engine
from engine.runtime.sources import strategies
from engine.runtime.sources.candle_cache import read_candles
from engine.store.database import Store
from engine.strategies import STRATEGIES
from tests.runtime.support import StillClock, backtest_of, file_bot, write_candles


async def test_before_and_after_it_is_stored_it_is_the_same(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "candles.csv", 700)
    told: list[Progress] = []
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    early: list[asyncio.Task[Review]] = []

    def report(progress: Progress) -> None:
        told.append(progress)
        if progress.ready is not None:
            early.append(asyncio.get_running_loop().create_task(engine.review(progress.ready)))

    try:
        session_id = await engine.execute(backtest_of(file_bot(path)), report)
        seen = await early[0]
        records = await engine.sessions()
    finally:
        await engine.close()
    assert isinstance(session_id, int)
    assert [one.ready for one in told] == [None] * (len(told) - 1) + [session_id]
    again = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        stored = await again.review(session_id)
    finally:
        await again.close()
    assert seen.record == replace(stored.record, event_hash="", rows_hash="")
    assert stored.record.event_hash == chain(EMPTY_HASH, seen.log.table).hex()
    assert len(stored.record.rows_hash) == 64
    assert seen.record.result == records[0].result
    _same(seen, stored)


def _same(seen: Review, stored: Review) -> None:
    assert np.array_equal(seen.log.table, stored.log.table)
    count = len(seen.log)
    assert count > 40
    texts = [seen.log.note(index) for index in range(count)]
    assert texts == [stored.log.note(index) for index in range(count)]
    assert sum(map(bool, texts)) > 10
    assert np.array_equal(seen.equity.table, stored.equity.table)
    for name in ("price_at", "price"):
        assert np.array_equal(getattr(seen, name), getattr(stored, name))
    for name in ("first_bar", "off_price", "missing", "market"):
        assert getattr(seen, name) == getattr(stored, name)
    ours, theirs = (one.candles.candles(len(one.candles)) for one in (seen, stored))
    for field in fields(ours):
        assert np.array_equal(getattr(ours, field.name), getattr(theirs, field.name))
    lines = seen.candles.indicators(len(seen.candles))
    for name, values in stored.candles.indicators(len(stored.candles)).items():
        assert np.array_equal(values, lines[name], equal_nan=True)


async def test_its_questions_are_answered_before_it_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    go_on = asyncio.Event()

    async def slow(store: Store, batch: Batch) -> None:
        await go_on.wait()
        await store_batch(store, batch)

    def report(progress: Progress) -> None:
        if progress.ready is not None:
            ready.set_result(progress.ready)

    monkeypatch.setattr(commands, "store_batch", slow)
    path = write_candles(tmp_path / "candles.csv", 700)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        run = asyncio.create_task(engine.execute(backtest_of(file_bot(path)), report))
        session_id = await ready
        assert await engine.sessions() == ()
        asked = engine.doubt, engine.statistics, engine.price_blocked
        before = [await ask(session_id) for ask in asked]
        go_on.set()
        assert await run == session_id
    finally:
        await engine.close()
    again = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        after = [
            await ask(session_id) for ask in (again.doubt, again.statistics, again.price_blocked)
        ]
    finally:
        await again.close()
    assert isinstance(before[0], Doubt)
    assert isinstance(after[0], Doubt)
    assert np.array_equal(before[0].doubtful, after[0].doubtful)
    assert before[0].pnl_worst == after[0].pnl_worst
    assert before[1:] == after[1:]


async def test_what_could_not_be_stored_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(store: object, batch: object) -> None:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(commands, "store_batch", full)
    path = write_candles(tmp_path / "candles.csv", 200)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    told: list[Progress] = []
    try:
        with pytest.raises(StoreUnavailable):
            await engine.execute(backtest_of(file_bot(path)), told.append)
        assert told[-1].ready is not None
        with pytest.raises(UnknownName):
            await engine.review(told[-1].ready)
        assert await engine.sessions() == ()
    finally:
        await engine.close()


async def test_it_is_looked_at_from_memory_only_until_it_is_stored(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "candles.csv", 700)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    early: list[asyncio.Task[Review]] = []

    def report(progress: Progress) -> None:
        if progress.ready is not None:
            early.append(asyncio.get_running_loop().create_task(engine.review(progress.ready)))

    try:
        session_id = await engine.execute(backtest_of(file_bot(path)), report)
        assert isinstance(session_id, int)
        seen = weakref.ref((await early.pop()).log)
        gc.collect()
        assert seen() is None
        assert (await engine.review(session_id)).record.rows_hash
    finally:
        await engine.close()


async def test_a_run_that_fails_takes_no_other_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: asyncio.Queue[int] = asyncio.Queue()
    fails, go_on = asyncio.Event(), asyncio.Event()

    async def slow(store: Store, batch: Batch) -> None:
        if batch.record.id == first:
            await go_on.wait()
            await store_batch(store, batch)
        else:
            await fails.wait()
            raise StoreUnavailable("The disk is full.")

    def report(progress: Progress) -> None:
        if progress.ready is not None:
            shown.put_nowait(progress.ready)

    monkeypatch.setattr(commands, "store_batch", slow)
    path = write_candles(tmp_path / "candles.csv", 200)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        one = asyncio.create_task(engine.execute(backtest_of(file_bot(path)), report))
        first = await shown.get()
        other = asyncio.create_task(engine.execute(backtest_of(file_bot(path)), report))
        second = await shown.get()
        assert [(await engine.review(each)).record.id for each in (first, second)] == [
            first,
            second,
        ]
        fails.set()
        with pytest.raises(StoreUnavailable):
            await other
        with pytest.raises(UnknownName):
            await engine.review(second)
        assert (await engine.review(first)).record.id == first
        go_on.set()
        assert await one == first
    finally:
        await engine.close()


async def test_a_cancelled_run_leaves_nothing_to_look_at(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "candles.csv", 700)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    told: list[Progress] = []
    run: asyncio.Task[object]

    def report(progress: Progress) -> None:
        told.append(progress)
        if progress.ready is not None:
            run.cancel()

    try:
        run = asyncio.create_task(engine.execute(backtest_of(file_bot(path)), report))
        with pytest.raises(asyncio.CancelledError):
            await run
        assert told[-1].ready is not None
        with pytest.raises(UnknownName):
            await engine.review(told[-1].ready)
        assert await engine.sessions() == ()
    finally:
        await engine.close()


async def test_strategies_are_rehearsed_once_after_a_file_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def rehearse(candles: Candles) -> None:
        heard.append(len(candles))
        loop.call_soon_threadsafe(asked.set)

    monkeypatch.setattr(strategies, "rehearse", rehearse)
    path = write_candles(tmp_path / "candles.csv", 1_200)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        for _ in range(2):
            assert (await engine.read_candle_file(path)).rows == 1_200
        await asked.wait()
    finally:
        await engine.close()
    assert heard == [1_000]


def test_a_rehearsal_asks_every_strategy_and_fails_with_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fails(strategy: Strategy, candles: Candles, params: Params) -> Signals:
        asked.append(strategy.name)
        raise StrategyFailed("No.")

    monkeypatch.setattr(strategies, "ask", fails)
    strategies.rehearse(read_candles(write_candles(tmp_path / "candles.csv", 200), None).candles)
    assert asked == list(STRATEGIES)
