"""Recorded candles as a feed: every bar once, in order, in its time."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import numpy as np

from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.domain.rows import AT, CLOSE, KIND, RowKind
from engine.markets.candle_feed import CandleFeed

MARKET = Market("BTC/USDT", Decimal("0.25"), Decimal("0.001"), Decimal("0.00000001"))
OPENS = 60_000 * np.array([0, 1, 2, 5, 6], np.int64)


def feed(pretend: Any, speed: float = 0.0, start: int = 0) -> CandleFeed:
    close = np.array([100.25, 100.5, 101.0, 99.75, 100.0])
    candles = Candles(OPENS, close, close + 1, close - 1, close, close / 10, 60_000)
    return CandleFeed(
        candles, MARKET, monotonic=pretend.monotonic, sleep=pretend.sleep, speed=speed, start=start
    )


async def test_without_pace_every_bar_comes_at_once_in_order(pretend: Any) -> None:
    source = feed(pretend)
    rows = [await source.next() for _ in range(5)]
    assert await source.next() is None
    tables = np.concatenate([row.table for row in rows if row])
    assert [len(row) for row in rows if row] == [1] * 5
    assert tables[:, AT].tolist() == OPENS.tolist()
    assert (tables[:, KIND] == RowKind.BAR).all()
    assert tables[:, CLOSE].tolist() == [401, 402, 404, 399, 400]
    assert rows[2] is not None
    assert rows[2].volume.tolist() == [10.1]
    assert pretend.naps == 0


async def test_at_a_pace_each_bar_comes_when_its_candle_closes_gaps_included(pretend: Any) -> None:
    source = feed(pretend, speed=60.0)
    began, came = pretend.now, []
    while await source.next() is not None:
        came.append(round(pretend.now - began, 3))
    assert came == [1, 2, 3, 6, 7]


async def test_time_the_consumer_took_is_not_made_up_for_by_a_burst(pretend: Any) -> None:
    source = feed(pretend, speed=60.0)
    await source.next()
    pretend.now += 0.6
    await source.next()
    assert round(pretend.now, 3) == 1_002
    pretend.now += 500
    await source.next()
    late = pretend.now
    await source.next()
    assert round(pretend.now - late, 3) == 3


async def test_speed_may_change_while_it_waits(pretend: Any) -> None:
    source = feed(pretend, speed=1.0)
    task = asyncio.create_task(source.next())
    for _ in range(6):
        await asyncio.sleep(0)
    source.speed = 600.0
    assert await asyncio.wait_for(task, 1) is not None
    assert pretend.now < 1_002


async def test_history_is_what_lies_before_the_start(pretend: Any) -> None:
    source = feed(pretend, start=3)
    assert source.history(2).open_at.tolist() == OPENS[1:3].tolist()
    assert source.history(10).open_at.tolist() == OPENS[:3].tolist()
    assert len(feed(pretend).history(10)) == 0
    first = await source.next()
    assert first is not None
    assert first.table[0, AT] == OPENS[3]


async def test_a_closed_feed_ends_even_while_it_waits(pretend: Any) -> None:
    source = feed(pretend, speed=0.001)
    task = asyncio.create_task(source.next())
    await asyncio.sleep(0)
    await source.close()
    assert await asyncio.wait_for(task, 1) is None
    assert await source.next() is None
