"""Feeds of the simulated market: one clock, a place of their own, decisions at the close."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind, Rows
from engine.errors import InvalidSetting, UnknownName
from engine.markets.simulated import SimulatedVenue
from engine.markets.simulated_feed import SimulatedFeed
from engine.runtime.bots.desk import PATIENCE_S

START = 1_700_000_040_000 // 60_000 * 60_000
MINUTE = 60_000


def venue(pretend: Any, speed: float = 60.0, start: int = START) -> SimulatedVenue:
    return SimulatedVenue(7, start, monotonic=pretend.monotonic, sleep=pretend.sleep, speed=speed)


async def take(feed: SimulatedFeed, until_at: int) -> list[Rows]:
    """Batches until the market has reached that time."""
    batches = []
    while feed.reached_at < until_at:
        rows = await feed.next()
        assert rows is not None
        batches.append(rows)
    return batches


def table(batches: list[Rows]) -> np.ndarray:
    return np.concatenate([batch.table for batch in batches])


async def test_a_batch_ends_right_after_the_row_that_closes_a_candle(pretend: Any) -> None:
    for speed in (1.0, 60.0, 600.0):
        feed = venue(pretend, speed).feed("BTC/USDT", MINUTE)
        batches = await take(feed, START + 5 * MINUTE)
        kinds = [batch.table[:, KIND] for batch in batches]
        assert all((kind[:-1] == RowKind.PRICE).all() for kind in kinds)
        rows = table(batches)
        closes = rows[rows[:, KIND] == RowKind.CLOSED]
        assert closes[:, AT].tolist()[:5] == [START + n * MINUTE for n in range(1, 6)]
        assert (np.diff(rows[:, AT]) > 0).all()


async def test_rows_do_not_depend_on_speed(pretend: Any) -> None:
    tables = []
    for speed in (1.0, 37.0, 600.0):
        batches = await take(venue(pretend, speed).feed("ETH/USDT", MINUTE), START + 10 * MINUTE)
        rows = table(batches)
        tables.append(rows[rows[:, AT] <= START + 10 * MINUTE])
    np.testing.assert_array_equal(tables[0], tables[1])
    np.testing.assert_array_equal(tables[0], tables[2])


async def test_closing_rows_are_the_candles_of_the_ticks_before_them(pretend: Any) -> None:
    market = venue(pretend, 600.0)
    feed = market.feed("SOL/USDT", 5 * MINUTE)
    batches = await take(feed, START + 40 * MINUTE)
    rows, volume = table(batches), np.concatenate([batch.volume for batch in batches])
    ends = np.flatnonzero(rows[:, KIND] == RowKind.CLOSED)
    first = 0
    for end in ends:
        ticks = rows[first:end]
        closed = rows[end]
        assert closed[OPEN] == ticks[0, OPEN]
        assert closed[HIGH] == ticks[:, HIGH].max()
        assert closed[LOW] == ticks[:, LOW].min()
        assert closed[CLOSE] == ticks[-1, CLOSE]
        assert volume[end] == 0
        first = end + 1
    assert len(ends) >= 6


async def test_a_candle_without_ticks_has_no_closing_row(pretend: Any) -> None:
    """Every CLOSED row has a candle of the market and the other way round, silences included."""
    market = venue(pretend, 600.0)
    source = market.market("BTC/USDT")
    found = source.candles(MINUTE, 100_000, START + 72 * 60 * MINUTE)
    holes = np.flatnonzero(np.diff(found.open_at) > MINUTE)
    silent_from = int(found.open_at[holes[found.open_at[holes] >= START][0]])
    silent_to = int(found.open_at[np.searchsorted(found.open_at, silent_from) + 1])
    there = venue(pretend, 600.0, START)
    there.clock.advance_to(silent_from)
    feed = there.feed("BTC/USDT", MINUTE)
    rows = table(await take(feed, silent_to + MINUTE))
    closes = rows[rows[:, KIND] == RowKind.CLOSED, AT]
    assert closes.tolist()[:2] == [silent_from + MINUTE, silent_to + MINUTE]
    assert silent_to - silent_from > MINUTE


async def test_it_begins_with_the_whole_candle_that_is_forming(pretend: Any) -> None:
    market = venue(pretend, 60.0, START + 37_500)
    feed = market.feed("BTC/USDT", MINUTE)
    first = await feed.next()
    assert first is not None
    assert START < first.table[0, AT] < START + 10_000
    assert first.table[-1, AT] <= market.clock.now_at()
    history = feed.history(200)
    assert len(history) == 200
    assert history.open_at[-1] == START - MINUTE


async def test_it_goes_on_right_after_the_last_recorded_row(pretend: Any) -> None:
    whole = table(await take(venue(pretend).feed("BTC/USDT", MINUTE), START + 6 * MINUTE))
    for place in (10, 100, int(np.flatnonzero(whole[:, KIND] == RowKind.CLOSED)[1])):
        again = venue(pretend)  # its stored time is older than the recording
        feed = again.feed("BTC/USDT", MINUTE, after_at=int(whole[place, AT]))
        rows = table(await take(feed, START + 6 * MINUTE))
        expected = whole[place + 1 :]
        np.testing.assert_array_equal(rows[: len(expected)], expected)
        assert feed.history(1).open_at[0] + MINUTE <= whole[place, AT]


async def test_a_restart_goes_on_with_the_same_market(pretend: Any) -> None:
    first = venue(pretend)
    feed = first.feed("BTC/USDT", MINUTE)
    rows = table(await take(feed, START + 3 * MINUTE))
    stored = json.loads(json.dumps(first.state()))
    expected = table(await take(feed, START + 20 * MINUTE))
    await feed.close()
    again = SimulatedVenue.from_state(stored, monotonic=pretend.monotonic, sleep=pretend.sleep)
    assert again.clock.now_at() == stored["at"]
    assert again.clock.speed == 60.0
    follow = again.feed("BTC/USDT", MINUTE, after_at=int(rows[-1, AT]))
    got = table(await take(follow, START + 20 * MINUTE))
    shared = min(len(got), len(expected))
    assert shared > 900
    np.testing.assert_array_equal(got[:shared], expected[:shared])


async def test_the_market_waits_for_a_slow_consumer(pretend: Any) -> None:
    market = venue(pretend, 600.0)
    fast, slow = market.feed("BTC/USDT", MINUTE), market.feed("BTC/USDT", MINUTE)
    await fast.next()
    await slow.next()
    pretend.now += 3_600  # both stay away for an hour: 25 days of market time
    held_at = market.clock.now_at()
    assert held_at <= slow.reached_at + MINUTE
    await take(fast, held_at)
    pretend.now += 3_600
    assert market.clock.now_at() <= slow.reached_at + MINUTE
    await slow.close()
    before = fast.reached_at
    await fast.next()
    assert fast.reached_at > before


async def test_time_stands_still_while_nobody_follows_and_never_goes_back(pretend: Any) -> None:
    market = venue(pretend, 600.0)
    pretend.now += 1_000
    assert market.clock.now_at() == START
    feed = market.feed("BTC/USDT", MINUTE)
    await take(feed, START + 3 * MINUTE)
    at = market.clock.now_at()
    late = market.feed("ETH/USDT", MINUTE, after_at=START)
    await late.next()
    assert market.clock.now_at() >= at


async def test_speed_is_market_time_per_second_and_may_change_on_the_way(pretend: Any) -> None:
    market = venue(pretend, 1.0)
    feed = market.feed("BTC/USDT", MINUTE)
    began = pretend.now
    await take(feed, START + 30_000)
    assert 29 < pretend.now - began < 33
    market.clock.speed = 600.0
    began = pretend.now
    await take(feed, START + 10 * MINUTE)
    assert 0.9 < pretend.now - began < 1.2


async def test_many_feeds_of_one_market_do_not_all_hear_a_tick_at_once(pretend: Any) -> None:
    heard = []
    for place in range(7, 60, 8):
        market = venue(pretend, 1.0)
        feed = [market.feed("BTC/USDT", MINUTE) for _ in range(place + 1)][-1]
        late_ms = []
        while feed.reached_at < START + 30_000:
            rows = await feed.next()
            assert rows is not None
            late_ms.append(market.clock.now_at() - int(rows.table[-1, AT]))
        heard.append(float(np.median(late_ms)))
    assert heard[0] < 40
    assert max(heard) < 1000 * PATIENCE_S
    assert np.diff(sorted(heard)).min() > 20


@pytest.mark.parametrize("speed", [0.0, 0.5, 601.0, float("nan"), float("inf")])
def test_speeds_out_of_range_are_refused_with_words(pretend: Any, speed: float) -> None:
    with pytest.raises(InvalidSetting, match="1x to 600x") as refused:
        venue(pretend, speed)
    assert refused.value.field == "speed"


async def test_a_closed_feed_ends_even_while_it_waits(pretend: Any) -> None:
    market = venue(pretend, 1.0)
    feed = market.feed("BTC/USDT", MINUTE)
    task = asyncio.create_task(_drain(feed))
    for _ in range(20):
        await asyncio.sleep(0)
    await feed.close()
    await asyncio.wait_for(task, 1)
    assert await feed.next() is None
    at = market.clock.now_at()
    pretend.now += 100
    assert market.clock.now_at() == at


async def _drain(feed: SimulatedFeed) -> None:
    while await feed.next() is not None:
        pass


def test_unknown_symbols_and_odd_timeframes_are_refused_with_words(pretend: Any) -> None:
    market = venue(pretend)
    with pytest.raises(UnknownName, match=r"does not trade DOGE/USDT\. It has: BTC/USDT"):
        market.feed("DOGE/USDT", MINUTE)
    with pytest.raises(InvalidSetting, match="whole seconds"):
        market.feed("BTC/USDT", 1_500)
    assert [each.source for each in market.markets] == ["SIMULATED"] * 5


async def test_many_ticks_come_in_one_batch_and_naps_are_few(pretend: Any) -> None:
    feed = venue(pretend, 600.0).feed("BTC/USDT", MINUTE)
    batches = await take(feed, START + 60 * MINUTE)
    rows = table(batches)
    assert len(rows) / len(batches) > 8
    assert pretend.naps <= 60 / 10 / 0.03 * 1.3
