"""Traps of the price side, through the real client: each test fails without its countermeasure.

`TRAPS.md` beside this file says which trap has which countermeasure and which test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from engine.domain.listings import FeedCondition, Way
from engine.domain.reasons import Input
from engine.domain.rows import AT, KIND, OPEN, RowKind
from engine.errors import ExchangeRefused
from engine.markets.exchange import ccxt_client
from tests.exchange.faults import Altered, Drop, Status, forbidden_country, maintenance
from tests.exchange.following import MINUTE, SYMBOL, Following
from tests.exchange.server import LoopbackExchange, Plan
from tests.exchange.socket_faults import Change, Repeat, Silent

KLINES = "GET /api/v3/klines"
TRADES = "GET /api/v3/aggTrades"
TRADE_STREAM = "btcusdt@trade"
ONLY_CANDLES = {"watchTrades": False, "watchTicker": False}
ONLY_QUOTES = {"watchTrades": False}


@pytest_asyncio.fixture
async def loopback(_no_tasks_left: None) -> AsyncIterator[LoopbackExchange]:
    async with LoopbackExchange(Plan(seed=7, per_second=0.5)) as exchange:
        yield exchange


@asynccontextmanager
async def follows(loopback: LoopbackExchange, **how: Any) -> AsyncIterator[Following]:
    """A feed that has joined the market in the middle of a minute and told one candle."""
    stream = how.pop("stream", TRADE_STREAM)
    following = Following(loopback, **how)
    await following.begin()
    try:
        await loopback.until_listens(stream)
        await following.passes(20_000)
        await following.closes()
        yield following
    finally:
        await following.end()


def all_own(following: Following) -> bool:
    """Every candle that was told is the exchange's own."""
    told = [(at - MINUTE, *prices) for at, *prices in following.of(RowKind.CLOSED)]
    told += following.of(RowKind.HISTORY)
    return all(tuple(prices) == following.own(at) for at, *prices in told)


# ---------------------------------------------------------------- sockets


@pytest.mark.parametrize(
    "text", ['{"e":"trade",', "[]", '[{"e":"trade"}]', "no json at all", "null", "7"]
)
async def test_a_message_that_cannot_be_read_costs_a_new_line_at_most(
    loopback: LoopbackExchange, text: str
) -> None:
    async with follows(loopback) as following:
        loopback.say(text)
        await following.catches_up()
        await following.closes(2)
        assert all_own(following)
        assert len(following.of(RowKind.CLOSED)) == 3


async def test_an_open_socket_that_says_nothing_is_found_out(loopback: LoopbackExchange) -> None:
    async with follows(loopback, silence_s=0.1) as following:
        loopback.faults.socket(Silent())
        await following.catches_up()
        assert "silent" in following.words
        await following.closes(2)
        assert all_own(following)


async def test_a_subscription_that_never_delivers_is_found_out(loopback: LoopbackExchange) -> None:
    loopback.faults.coming.append(Silent(stream="trade"))
    following = Following(loopback, silence_s=0.1)
    await following.begin()
    await loopback.until_listens(TRADE_STREAM)
    await following.catches_up()
    await following.end()


async def test_trades_out_of_turn_are_no_prices_and_their_candle_is_fetched(
    loopback: LoopbackExchange,
) -> None:
    async with follows(loopback) as following:
        market = loopback.markets[SYMBOL]
        await following.closes()
        asked = len(loopback.requests_of(KLINES))
        price = market.last // 100
        loopback.trade(SYMBOL, price, after_ms=2_000)
        await following.until(following.heard_all)
        late_at = loopback.clock.true_ms - 1_000  # the candle's high comes too late
        market.trade(price + 500, at=late_at)
        for more, after_ms in ((1, 37_500), (2, 1_000)):  # still heard at the candle's end
            loopback.trade(SYMBOL, price + more, after_ms=after_ms)
            await following.until(following.heard_all)
        assert following.closed_at == loopback.clock.true_ms // MINUTE * MINUTE
        assert (price + 500) * 100 not in following.prices
        assert all_own(following)
        assert len(loopback.requests_of(KLINES)) > asked
        times = [row[0] for row in following.of(RowKind.PRICE)]
        assert times == sorted(times)


async def test_a_trade_that_comes_twice_counts_once(loopback: LoopbackExchange) -> None:
    async with follows(loopback) as following:
        loopback.faults.socket(Repeat(count=1_000, stream="trade"))
        before = len(following.prices)
        traded = len(loopback.markets[SYMBOL].trades)
        await following.closes(2)
        assert len(following.prices) - before == len(loopback.markets[SYMBOL].trades) - traded
        assert all_own(following)


@pytest.mark.parametrize("price", ["0", "-1.5", "NaN", None, "Infinity"])
async def test_a_price_that_is_none_never_comes_out(
    loopback: LoopbackExchange, price: str | None
) -> None:
    def worthless(event: Any) -> None:
        event["p"] = price

    async with follows(loopback) as following:
        loopback.faults.socket(Change(worthless, count=5, stream="trade"))
        loopback.advance(10_000)
        await following.catches_up()
        await following.closes(2)
        assert min(following.prices) > 0
        assert (following.table[:, OPEN][following.table[:, KIND] != RowKind.INPUT] > 0).all()


# ---------------------------------------------------------------- ways


async def test_candles_that_are_nan_none_or_old_are_not_taken(loopback: LoopbackExchange) -> None:
    stream = "btcusdt@kline_1m"

    def wrong(values: dict[str, Any]) -> Any:
        def change(event: Any) -> None:
            event["k"].update(values)

        return change

    async with follows(loopback, stream=stream, has=ONLY_CANDLES) as following:
        assert following.feed.status.way is Way.CANDLES
        old = loopback.clock.true_ms - 30 * MINUTE
        for values in ({"c": "NaN"}, {"c": None}, {"l": "0"}, {"t": old}):
            loopback.faults.socket(Change(wrong(values), stream="kline"))
            loopback.advance(10_000)
            await following.catches_up()
            await following.closes()
        assert min(following.prices) > 0
        assert all_own(following)


@pytest.mark.parametrize(
    ("has", "stream", "way"),
    [
        (ONLY_QUOTES, "btcusdt@miniTicker", Way.QUOTES),
        (ONLY_CANDLES, "btcusdt@kline_1m", Way.CANDLES),
    ],
)
async def test_a_candle_is_not_made_of_what_does_not_tell_every_trade(
    loopback: LoopbackExchange, has: dict[str, bool], stream: str, way: Way
) -> None:
    following = Following(loopback, has=has)
    await following.begin()
    await loopback.until_listens(stream)
    price = loopback.markets[SYMBOL].last // 100

    async def traded(more: int, after_ms: int) -> None:
        loopback.trade(SYMBOL, price + more, after_ms=after_ms)
        await following.until(following.heard_all)

    await traded(1, 20_000)
    await traded(2, MINUTE)
    assert following.feed.status.way is way
    # Of several trades in a moment these streams may tell the last one only.
    loopback.faults.socket(Silent(stream=stream.partition("@")[2]))
    loopback.trade(SYMBOL, price + 900, after_ms=1_000)
    loopback.faults.cease()
    await traded(3, 1)
    await traded(4, 38_500)  # still heard at the candle's end
    await traded(5, 1_000)
    assert len(following.of(RowKind.CLOSED)) == 2
    assert all_own(following)
    await following.end()


async def test_where_there_is_no_socket_prices_are_asked_for(loopback: LoopbackExchange) -> None:
    following = Following(
        loopback, has={"watchTrades": False, "watchTicker": False, "watchOHLCV": False}
    )
    await following.begin()
    await loopback.until(lambda: len(loopback.requests_of(TRADES)) > 1)
    await following.passes(20_000)
    await following.closes(3)
    assert following.feed.status.way is Way.POLLED_TRADES
    assert all_own(following)
    assert not loopback.connections
    await following.end()


async def test_where_no_websocket_gets_through_prices_are_asked_for_until_one_does(
    loopback: LoopbackExchange,
) -> None:
    """As behind a proxy: the exchange answers all the while."""
    loopback.faults.always("WS /*", Status(403, "No websockets here."))
    following = Following(loopback, steady_s=10.0, again_s=0.5)
    await following.begin()
    await following.until(lambda: following.feed.status.way is Way.POLLED_TRADES)
    await following.catches_up()
    assert "Trades by websocket: no prices came in 3 attempts" in following.words
    assert following.feed.status.words == "Trades, asked for (trades by websocket gave nothing)"
    await following.until(lambda: "still no prices" in following.words)
    loopback.faults.cease()
    await loopback.until_listens(TRADE_STREAM)
    await following.catches_up()
    assert following.feed.status.way is Way.TRADES
    await following.closes(2)
    assert all_own(following)
    assert following.fault is None
    await following.end()


async def test_an_exchange_without_any_prices_is_refused(loopback: LoopbackExchange) -> None:
    methods = ("watchTrades", "watchTicker", "watchOHLCV", "fetchTrades", "fetchOHLCV")
    following = Following(loopback, has=dict.fromkeys(methods, False))
    await following.begin()
    await following.until(lambda: following.fault is not None)
    assert isinstance(following.fault, ExchangeRefused)
    assert "no way to follow" in following.fault.words
    await following.end()


# ---------------------------------------------------------------- candles


async def test_a_candle_that_the_exchange_has_not_yet_is_asked_for_again(
    loopback: LoopbackExchange,
) -> None:
    def without_last(lines: Any) -> Any:
        return lines[:-2]

    async with follows(loopback) as following:
        loopback.close_sockets()
        await following.anew(10_000)
        loopback.faults.next(KLINES, Altered(without_last), Altered(without_last))
        await following.closes(2)
        assert len(following.of(RowKind.CLOSED)) == 3
        assert all_own(following)


async def test_an_outage_longer_than_one_answer_is_caught_up_whole(
    loopback: LoopbackExchange,
) -> None:
    async with follows(loopback) as following:
        missing_from = following.closed_at
        loopback.close_sockets()
        await following.anew(1_500 * MINUTE)
        await following.passes(10_000)
        await following.closes()
        told = [row[0] for row in following.of(RowKind.HISTORY)]
        told += [row[0] - MINUTE for row in following.of(RowKind.CLOSED)]
        wanted = range(missing_from, following.closed_at, MINUTE)
        assert set(wanted) <= set(told)


# ---------------------------------------------------------------- clocks


@pytest.mark.parametrize("wrong_ms", [3_600_000, -3_600_000])
async def test_a_computer_whose_clock_is_wrong_sees_the_same_candles(
    loopback: LoopbackExchange, wrong_ms: int
) -> None:
    following = Following(loopback)
    following.computer.wrong_ms = wrong_ms
    await following.begin()
    await loopback.until_listens(TRADE_STREAM)
    await following.passes(20_000)
    await following.closes(3)
    assert following.feed.status.skew_ms == -wrong_ms
    assert all_own(following)
    await following.end()


@pytest.mark.parametrize("set_ms", [3_600_000, -3_600_000])
async def test_a_clock_that_is_set_while_it_runs_closes_no_candle(
    loopback: LoopbackExchange, set_ms: int
) -> None:
    async with follows(loopback, slept_s=5.0) as following:
        await following.closes()
        following.computer.wrong_ms = set_ms
        await following.anew()
        await following.catches_up()
        assert "clock was set" in following.words
        await following.closes(3)
        assert all_own(following)
        assert len(following.of(RowKind.CLOSED)) == 5
        assert following.feed.status.skew_ms == -set_ms


# ---------------------------------------------------------------- errors


async def test_a_forbidden_country_ends_it_and_is_not_asked_again(
    loopback: LoopbackExchange,
) -> None:
    async with follows(loopback) as following:
        loopback.faults.always("GET /api/*", forbidden_country())
        loopback.close_sockets()
        await following.until(lambda: following.fault is not None)
        assert isinstance(following.fault, ExchangeRefused)
        assert "country" in following.fault.words
        asked = len(loopback.requests)
        loopback.advance(5 * MINUTE)
        assert len(loopback.requests) == asked


async def test_numbers_of_what_was_asked_are_no_codes(loopback: LoopbackExchange) -> None:
    """450 minutes were missed: the request's ``limit=451`` is no forbidden country."""
    async with follows(loopback) as following:
        from_at = loopback.clock.true_ms - 451 * MINUTE
        loopback.faults.always(KLINES, Drop(accepted=False))
        with pytest.raises(Exception, match="could not be reached"):
            await following.exchange.candles(SYMBOL, MINUTE, from_at, 451)
        loopback.faults.cease()


async def test_maintenance_is_waited_for(loopback: LoopbackExchange) -> None:
    async with follows(loopback) as following:
        for route in ("GET /api/*", "WS /*"):
            loopback.faults.always(route, maintenance())
        loopback.close_sockets()
        loopback.advance(3 * MINUTE)
        await following.until(
            lambda: (
                following.feed.status.condition is FeedCondition.STALE
                or following.feed.status.reconnects > 3
            )
        )
        loopback.faults.cease()
        await loopback.until_listens(TRADE_STREAM)
        await following.passes(5_000)
        await following.closes(2)
        assert following.fault is None
        assert all_own(following)


async def test_a_market_that_is_delisted_becomes_stale_and_says_why(
    loopback: LoopbackExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ccxt_client, "_LIST_KEPT_S", 0.0)
    async with follows(loopback, silence_s=0.05, doubt_s=0.1) as following:
        loopback.markets[SYMBOL].delist()
        await following.until(lambda: "halted or delisted" in following.words)
        loopback.advance(31_000)
        await following.until(
            lambda: (
                following.table[-1, KIND] == RowKind.INPUT
                and following.table[-1, OPEN] == Input.FEED_STALE
            )
        )
        loopback.advance(5 * MINUTE)
        assert min(following.prices) > 0
        assert (following.table[:, AT] > 0).all()


async def test_a_ban_does_not_cost_a_line_that_is_only_quiet(loopback: LoopbackExchange) -> None:
    async with follows(loopback, silence_s=0.05) as following:
        loopback.faults.always(
            "GET /api/*", Status(418, {"code": -1003, "msg": "Way"}, {"Retry-After": "7200"})
        )
        asked = len(loopback.requests)
        await loopback.until(lambda: len(loopback.requests) > asked)
        loopback.faults.cease()
        line = list(loopback.connections)
        price = loopback.markets[SYMBOL].last // 100 + 7
        loopback.trade(SYMBOL, price, after_ms=100)
        await following.until(following.heard_all)
        assert list(loopback.connections) == line
