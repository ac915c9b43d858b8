"""Traps that only an exact order of news shows: a feed that a test tells everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest_asyncio

from engine.domain.public_trades import PublicTrades
from engine.errors import ExchangeUnavailable
from engine.markets.exchange.hearing import Heard
from tests.markets.exchange.told import BEGIN, MINUTE, Told


def trades(*moments: tuple[int, float]) -> PublicTrades:
    at, prices = zip(*moments, strict=True)
    return PublicTrades(BEGIN + np.array(at), np.array(prices), np.ones(len(at)))


@pytest_asyncio.fixture
async def told(_no_tasks_left: None) -> AsyncIterator[Told]:
    """The candle of its second minute forms, and is heard whole so far."""
    made = Told()
    await made.begun()
    for minute in (-2, -1, 0):
        made.exchange.has(minute, 1.0)
    made.traded(30_000, 1.0)
    made.traded(MINUTE + 10, 2.0)
    await made.all_now()
    yield made
    await made.end()


async def test_what_waited_for_a_candle_comes_before_what_was_heard_later(told: Told) -> None:
    told.time.go(2 * MINUTE + 20)
    for moments in (((MINUTE + 500, 2.1), (2 * MINUTE, 2.2)), ((2 * MINUTE + 10, 2.3),)):
        told.source.say(Heard(told.time.at, trades=trades(*moments)))
    rows = await told.rows_now()
    assert [row[2][3] for row in rows] == [210, 210, 220, 230]
    assert [row[0] for row in rows] == ["PRICE", "CLOSED", "PRICE", "PRICE"]


async def test_a_line_opened_anew_without_a_break_has_missed_something(told: Told) -> None:
    """Another bot wanted quotes too, and all were connected again for it."""
    told.open()
    told.exchange.has(1, 2.0, 5.0, 1.5, 2.4)
    told.traded(MINUTE + 40_000, 2.4)
    told.traded(2 * MINUTE, 2.5)
    assert ("CLOSED", 2 * MINUTE, (200, 500, 150, 240)) in await told.rows_now()


async def test_a_candle_the_exchange_had_not_yet_is_told_with_the_next(told: Told) -> None:
    told.broke()
    told.open()
    told.traded(2 * MINUTE, 2.5)
    told.exchange.fails.append(ExchangeUnavailable("Away."))
    assert [row[0] for row in await told.rows_now()] == ["PRICE"]
    told.exchange.has(1, 2.0)
    told.exchange.has(2, 2.5)
    told.traded(3 * MINUTE, 2.6)
    assert [row[:2] for row in await told.rows_now()] == [
        ("HISTORY", MINUTE),
        ("CLOSED", 3 * MINUTE),
        ("PRICE", 3 * MINUTE),
    ]


async def test_a_last_candle_that_the_past_lacks_is_asked_for_again() -> None:
    told = Told()
    await told.begun()
    told.exchange.has(-2, 0.8)
    told.traded(100, 1.0)
    await told.all_now()
    assert told.feed.history(9).close.tolist() == [0.8]
    told.exchange.has(-1, 0.9)
    told.exchange.has(0, 1.0)
    told.traded(MINUTE, 1.1)
    assert [row[:2] for row in await told.rows_now()] == [
        ("HISTORY", -MINUTE),
        ("CLOSED", MINUTE),
        ("PRICE", MINUTE),
    ]
    await told.end()


async def test_what_waited_too_long_is_as_good_as_never_heard(told: Told) -> None:
    """The bot could not take prices for minutes: the strategy sees them, nothing is decided."""
    for minute in range(1, 6):
        told.exchange.has(minute, 3.0)
    for at in range(MINUTE + 10_000, 6 * MINUTE + 30_000, 10_000):
        told.time.go(at)
        told.source.say(Heard(told.time.at, trades=trades((at, 3.0))))
    rows = await told.rows_now()
    late_at = told.time.at - BEGIN - MINUTE
    assert [row[1] for row in rows if row[0] == "HISTORY"] == [
        MINUTE,
        2 * MINUTE,
        3 * MINUTE,
        4 * MINUTE,
    ]
    assert [row[1] for row in rows if row[0] == "CLOSED"] == [6 * MINUTE]
    assert all(row[1] >= late_at for row in rows if row[0] == "PRICE")
