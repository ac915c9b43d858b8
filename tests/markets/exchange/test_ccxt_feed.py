"""A real market as a feed: when a candle closes, whose prices it has, what an outage does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from engine.domain.listings import FeedCondition, Way
from engine.domain.public_trades import PublicTrades
from engine.domain.reasons import Input
from engine.domain.rows import Rows
from engine.errors import ExchangeRefused, ExchangeUnavailable
from engine.markets.exchange.ccxt_feed import GRACE_MS, STALE_MS, Wanted
from engine.markets.exchange.hearing import Heard, State
from engine.markets.exchange.reading import Quote
from engine.ports import FeedNews
from tests.markets.exchange.told import BEGIN, MINUTE, Told, settled, told_rows, told_words


@pytest_asyncio.fixture
async def told(_no_tasks_left: None) -> AsyncIterator[Told]:
    made = Told()
    await made.begun()
    yield made
    await made.end()


def tick(at: int, price: int) -> tuple[str, int, tuple[int, ...]]:
    return ("PRICE", at, (price,) * 4)


async def second_minute(told: Told) -> None:
    """The first candle was joined in its middle and fetched; the second one is heard whole."""
    told.exchange.has(0, 1.0)
    told.traded(30_000, 1.0)
    told.traded(MINUTE + 10, 2.0)
    await told.all_now()


async def test_ticks_are_rows_at_once_and_the_past_is_there(told: Told) -> None:
    told.exchange.has(-3, 0.7)
    told.exchange.has(-2, 0.8)
    told.exchange.has(-1, 0.9)
    told.traded(30_000, 1.0, 1.01)
    assert await told.rows_now() == [tick(30_000, 100), tick(30_001, 101)]
    assert told.feed.history(10).close.tolist() == [0.8, 0.9]
    assert told.feed.history(1).close.tolist() == [0.9]


async def test_a_candle_heard_whole_closes_with_what_was_heard(told: Told) -> None:
    await second_minute(told)
    asked = len(told.exchange.asked)
    told.traded(MINUTE + 20_000, 3.0, 1.5)
    told.traded(2 * MINUTE + 5, 1.6)
    assert await told.rows_now() == [
        tick(MINUTE + 20_000, 300),
        tick(MINUTE + 20_001, 150),
        ("CLOSED", 2 * MINUTE, (200, 300, 150, 150)),
        tick(2 * MINUTE + 5, 160),
    ]
    assert len(told.exchange.asked) == asked


async def test_without_a_next_trade_it_closes_after_a_moment_of_grace(told: Told) -> None:
    await second_minute(told)
    told.quiet(2 * MINUTE + GRACE_MS - 1)
    assert await told.rows_now() == []
    told.time.go(2 * MINUTE + GRACE_MS)
    assert await told.rows_now() == [("CLOSED", 2 * MINUTE, (200, 200, 200, 200))]


async def test_a_late_trade_within_the_grace_belongs_to_its_candle(told: Told) -> None:
    await second_minute(told)
    told.time.go(2 * MINUTE + GRACE_MS // 2)
    told.source.say(Heard(told.time.at, trades=_trade(2 * MINUTE - 1, 4.0)))
    told.time.go(2 * MINUTE + GRACE_MS)
    assert (await told.rows_now())[-1] == ("CLOSED", 2 * MINUTE, (200, 400, 200, 400))


async def test_the_exchanges_clock_counts_not_ours(told: Told) -> None:
    await second_minute(told)
    told.exchange.skew_ms = -5_000
    told.quiet(2 * MINUTE + GRACE_MS)
    assert await told.rows_now() == []
    told.time.go(2 * MINUTE + GRACE_MS + 5_000)
    assert [row[0] for row in await told.rows_now()] == ["CLOSED"]


async def test_the_candle_in_which_it_began_is_fetched_before_it_closes(told: Told) -> None:
    told.traded(30_000, 1.0)
    await told.all_now()
    told.exchange.has(0, 0.5, 1.5, 0.4, 1.0, volume=7.0)
    told.traded(MINUTE, 1.1)
    found = await told.all_now()
    assert told_rows(found) == [("CLOSED", MINUTE, (50, 150, 40, 100)), tick(MINUTE, 110)]
    assert isinstance(found[0], Rows)
    assert found[0].volume.tolist() == [7.0]


async def test_after_an_outage_missed_candles_come_before_the_next_decision(told: Told) -> None:
    await second_minute(told)
    told.broke()
    for minute, price in ((1, 2.5), (2, 3.5), (3, 4.5)):
        told.exchange.has(minute, price)
    told.time.go(4 * MINUTE + 1_000)
    told.open()
    told.traded(4 * MINUTE + 2_000, 5.0)
    assert await told.rows_now() == [
        ("HISTORY", MINUTE, (250,) * 4),
        ("HISTORY", 2 * MINUTE, (350,) * 4),
        ("CLOSED", 4 * MINUTE, (450,) * 4),
        tick(4 * MINUTE + 2_000, 500),
    ]


async def test_a_break_inside_a_candle_makes_it_be_fetched(told: Told) -> None:
    await second_minute(told)
    told.broke()
    told.open()
    told.traded(MINUTE + 30_000, 2.2)
    told.exchange.has(1, 2.0, 9.0, 1.0, 2.2)
    told.traded(2 * MINUTE, 2.3)
    assert ("CLOSED", 2 * MINUTE, (200, 900, 100, 220)) in await told.rows_now()


async def test_exits_do_not_wait_for_a_candle_that_cannot_be_fetched(told: Told) -> None:
    await second_minute(told)
    told.broke()
    told.open()
    told.exchange.fails.append(ExchangeUnavailable("It is away."))
    told.traded(2 * MINUTE, 2.3)
    found = await told.all_now()
    assert told_rows(found) == [tick(2 * MINUTE, 230)]
    assert any("could not be fetched" in words for words in told_words(found))
    # It is fetched with the next one, and then only seen.
    told.exchange.has(1, 2.0)
    told.exchange.has(2, 2.3)
    told.traded(3 * MINUTE, 2.4)
    assert await told.rows_now() == [
        ("HISTORY", MINUTE, (200,) * 4),
        ("CLOSED", 3 * MINUTE, (230,) * 4),
        tick(3 * MINUTE, 240),
    ]


async def test_a_candle_fetched_too_late_is_not_decided_at(told: Told) -> None:
    await second_minute(told)
    told.broke()
    told.exchange.has(1, 2.5)
    told.time.go(3 * MINUTE + 1_000)
    told.open()
    told.source.say(Heard(told.time.at, trades=_trade(2 * MINUTE + 59_000, 5.0)))
    found = await told.rows_now()
    assert found[:2] == [("HISTORY", MINUTE, (250,) * 4), tick(2 * MINUTE + 59_000, 500)]


async def test_silence_refuses_entries_until_prices_come_again(told: Told) -> None:
    await second_minute(told)
    told.time.go(MINUTE + 11 + STALE_MS)
    found = await told.all_now()
    assert told_rows(found) == [("INPUT", MINUTE + 10, (Input.FEED_STALE, STALE_MS + 1, 0, 0))]
    assert any("Feed stalled: nothing from told for 30 s" in words for words in told_words(found))
    assert told.feed.status.condition is FeedCondition.STALE
    told.time.go(MINUTE + 12 + STALE_MS)
    assert await told.all_now() == []
    told.traded(MINUTE + 50_000, 2.1)
    assert await told.rows_now() == [
        ("INPUT", MINUTE + 10, (Input.FEED_FRESH, 0, 0, 0)),
        tick(MINUTE + 50_000, 210),
    ]
    assert told.feed.status.condition is FeedCondition.FRESH


async def test_a_quiet_market_that_was_asked_is_not_stale(told: Told) -> None:
    await second_minute(told)
    told.time.go(MINUTE + 25_000)
    told.source.say(Heard(told.time.at, alive=True))
    told.time.go(MINUTE + 45_000)
    assert await told.all_now() == []


async def test_a_candle_without_trades_is_asked_for_and_may_not_exist(told: Told) -> None:
    await second_minute(told)
    told.quiet(2 * MINUTE + GRACE_MS)
    await told.all_now()
    told.quiet(3 * MINUTE + GRACE_MS)
    assert await told.rows_now() == []
    assert told.exchange.asked[-1] == (2 * MINUTE, 2)


async def test_an_interrupted_session_is_told_what_it_missed() -> None:
    told = Told(Wanted(MINUTE, 2, after_at=BEGIN - 3 * MINUTE + 5_000))
    await told.begun()
    for minute in range(-6, 0):
        told.exchange.has(minute, 1.0 + minute / 100)
    told.traded(10_000, 1.0)
    assert await told.rows_now() == [
        ("HISTORY", -3 * MINUTE, (97,) * 4),
        ("HISTORY", -2 * MINUTE, (98,) * 4),
        ("HISTORY", -MINUTE, (99,) * 4),
        tick(10_000, 100),
    ]
    await told.end()


async def test_an_interrupted_session_is_told_the_candle_it_could_not_fetch() -> None:
    """Its last row lies in a later candle than the last one it knows for sure."""
    told = Told(Wanted(MINUTE, 0, BEGIN - MINUTE + 5_000, known_until=BEGIN - 3 * MINUTE))
    await told.begun()
    for minute in range(-6, 0):
        told.exchange.has(minute, 1.0 + minute / 100)
    told.traded(10_000, 1.0)
    assert [row[:2] for row in await told.rows_now()] == [
        ("HISTORY", -3 * MINUTE),
        ("HISTORY", -2 * MINUTE),
        ("HISTORY", -MINUTE),
        ("PRICE", 10_000),
    ]
    await told.end()


async def test_what_the_exchange_has_not_yet_after_an_interruption_is_asked_for_again() -> None:
    told = Told(Wanted(MINUTE, 0, BEGIN - MINUTE + 5_000, known_until=BEGIN - MINUTE))
    await told.begun()
    told.traded(100, 1.0)
    assert [row[0] for row in await told.rows_now()] == ["PRICE"]
    for minute in (-1, 0):
        told.exchange.has(minute, 0.9)
    told.traded(MINUTE, 1.1)
    assert [row[:2] for row in await told.rows_now()] == [
        ("HISTORY", -MINUTE),
        ("CLOSED", MINUTE),
        ("PRICE", MINUTE),
    ]
    await told.end()


async def test_a_quiet_market_is_connected_and_says_what_it_waits_for() -> None:
    told = Told()
    told.coming = asyncio.ensure_future(told.feed.next())
    await settled()
    assert told.feed.status.words == "Connecting to told"
    quiet = Heard(told.time.at, state=State.QUIET, words="Waiting for a trade", way=Way.TRADES)
    told.source.say(quiet)
    assert await told.all_now() == []
    status = told.feed.status
    assert (status.condition, status.way) == (FeedCondition.FRESH, Way.TRADES)
    assert status.words == "Waiting for a trade"
    told.broke()
    told.source.say(quiet)
    await told.all_now()
    assert told.feed.status.condition is FeedCondition.FRESH
    await told.end()


async def test_rows_never_go_back_in_time(told: Told) -> None:
    await second_minute(told)
    told.traded(MINUTE + 20_000, 3.0)
    told.source.say(Heard(told.time.at, trades=_trade(MINUTE + 19_000, 2.9)))
    assert await told.rows_now() == [
        tick(MINUTE + 20_000, 300),
        tick(MINUTE + 20_000, 290),
    ]


async def test_what_only_a_person_can_mend_ends_the_feed(told: Told) -> None:
    await second_minute(told)
    fault = ExchangeRefused("Not in this country.")
    told.source.say(Heard(told.time.at, state=State.OVER, words=fault.words, fault=fault))
    await settled()
    with pytest.raises(ExchangeRefused):
        told.coming.result()


async def test_a_candle_heard_otherwise_than_the_exchange_has_it_is_told(told: Told) -> None:
    await second_minute(told)
    told.traded(2 * MINUTE, 2.5)
    await told.all_now()
    told.exchange.has(1, 2.0, 2.7, 2.0, 2.0)
    told.time.go(2 * MINUTE + 6_000)
    words = told_words(await told.all_now())
    assert len(words) == 1
    assert "high 2.00 (the exchange has 2.70)" in words[0]


async def test_spreads_are_told_when_they_move_and_only_if_a_rule_asks() -> None:
    told = Told(Wanted(MINUTE, 0, spreads=True))
    await told.begun()
    assert told.source.quotes
    told.traded(1_000, 1.0)
    await told.all_now()
    for at, ask in ((2_000, 1.02), (2_100, 1.5), (3_500, 1.0201), (5_000, 1.04)):
        told.time.go(at)
        told.source.say(Heard(told.time.at, quote=Quote(told.time.at, 1.0, ask)))
    spreads = [row[2][1] for row in await told.rows_now()]
    assert spreads == [19_802, 39_216]
    await told.end()


async def test_closing_wakes_who_waits(told: Told) -> None:
    await told.all_now()
    await told.feed.close()
    await settled()
    assert told.coming.done()
    assert told.coming.result() is None
    assert told.source.takers == []


async def test_news_tell_of_breaks_and_a_planned_one_is_no_trouble(told: Told) -> None:
    await second_minute(told)
    told.broke("The line broke. Attempt 2 in 1 s.")
    told.source.say(
        Heard(told.time.at, state=State.BROKEN, words="The daily reconnect.", planned=True)
    )
    news = [one for one in await told.all_now() if isinstance(one, FeedNews)]
    assert [(one.words, one.trouble) for one in news] == [
        ("The line broke. Attempt 2 in 1 s.", True),
        ("The daily reconnect.", False),
    ]
    assert told.feed.status.reconnects == 2
    assert told.feed.status.condition is FeedCondition.CONNECTING


def _trade(at: int, price: float) -> PublicTrades:
    return PublicTrades(np.array([BEGIN + at]), np.array([price]), np.ones(1))


async def test_it_waits_while_the_past_cannot_be_had(told: Told) -> None:
    told.exchange.fails.append(ExchangeUnavailable("The exchange is away."))
    told.exchange.has(-1, 0.9)
    told.traded(30_000, 1.0)
    await asyncio.sleep(0)
    assert await told.all_now() == [FeedNews("Connected: trades by websocket", trouble=False)]
    assert told.feed.status.condition is FeedCondition.WAITING
    assert told.feed.status.words == "The exchange is away."
    told.time.go(32_000)
    assert await told.rows_now() == [tick(30_000, 100)]
    assert told.feed.status.condition is FeedCondition.FRESH
