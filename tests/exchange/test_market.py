"""Markets: candles are the trades, generated ones are the same every time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.exchange.clock import MINUTE_MS, NOON, ExchangeClock
from tests.exchange.market import Candle, Market
from tests.exchange.pair import BTC_USDT, e8_text
from tests.exchange.prices import Trade, walks

HOUR_MS = 60 * MINUTE_MS


def generated(per_second: float = 0.5) -> Market:
    clock = ExchangeClock(NOON)
    past, live = walks(11, 6_000_000, per_second)
    return Market(BTC_USDT, clock, past, live)


def go_on(market: Market, ms: int) -> None:
    market.clock.set(market.clock.true_ms + ms)
    market.run_to(market.clock.true_ms)


def assert_made_of(candle: Candle, trades: list[Trade]) -> None:
    prices = [trade.price for trade in trades]
    bought = [trade for trade in trades if not trade.buyer_maker]
    assert (candle.open, candle.close) == (prices[0], prices[-1])
    assert (candle.high, candle.low) == (max(prices), min(prices))
    assert candle.amount == sum(trade.amount for trade in trades)
    assert candle.cost == sum(trade.price * trade.amount for trade in trades)
    assert candle.trades == len(trades)
    assert candle.first_id == trades[0].id
    assert candle.bought_amount == sum(trade.amount for trade in bought)


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_candles_are_what_the_trades_make_across_the_opening(minutes: int) -> None:
    market, interval_ms = generated(), minutes * MINUTE_MS
    go_on(market, 3 * HOUR_MS)
    trades = market.trades_from(NOON - 2 * HOUR_MS, 100_000)
    candles = market.candles(interval_ms, NOON - 2 * HOUR_MS, None, 1_000)
    assert [trade.id for trade in trades] == list(range(trades[0].id, trades[-1].id + 1))
    assert [trade.at for trade in trades] == sorted(trade.at for trade in trades)
    for candle in candles[:-1]:
        inside = [t for t in trades if 0 <= t.at - candle.open_at < interval_ms]
        assert_made_of(candle, inside)


def test_the_same_seed_makes_the_same_market_however_its_clock_goes_on() -> None:
    one, other = generated(), generated()
    go_on(one, 90_000)
    for _ in range(90):
        go_on(other, 1_000)
    assert list(one.trades) == list(other.trades)
    assert one.candles(MINUTE_MS, None, None, 500) == other.candles(MINUTE_MS, None, None, 500)


def test_a_fast_market_trades_as_often_as_was_asked_for() -> None:
    market = generated(per_second=100)
    go_on(market, 10_000)
    assert len(market.trades) == 1_000


def test_a_minute_without_a_trade_has_a_candle_at_the_last_price() -> None:
    market = Market(BTC_USDT, ExchangeClock(NOON))
    market.trade(60_100)
    market.clock.set(NOON + 3 * MINUTE_MS)
    empty = market.candles(MINUTE_MS, None, None, 2)[0]
    assert (empty.open, empty.close, empty.trades) == (6_010_000, 6_010_000, 0)


def test_a_scripted_trade_ends_the_generated_ones() -> None:
    market = generated()
    go_on(market, 60_000)
    before = len(market.trades)
    market.trade("59999.99", "0.5")
    go_on(market, HOUR_MS)
    assert len(market.trades) == before + 1
    assert market.candles(MINUTE_MS, None, None, 1)[0].close == 5_999_999


def test_the_day_counts_every_trade_since_the_opening_once() -> None:
    market = Market(BTC_USDT, ExchangeClock(NOON))
    for minute in range(5):
        market.clock.set(NOON + minute * MINUTE_MS)
        market.trade(60_000 + minute, "0.1")
        assert market.day().trades == minute + 1
    assert market.day().high == 6_000_400


def test_trades_ask_only_for_whole_steps() -> None:
    market = Market(BTC_USDT, ExchangeClock(NOON))
    with pytest.raises(ValueError, match="whole number of steps"):
        market.trade("60000.001")


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (123_456_789, 8, "1.23456789"),
        (123_456_789, 1, "1.2"),
        (-5, 8, "-0.00000005"),
        (6_000_000_000_000, 2, "60000.00"),
    ],
)
def test_numbers_are_written_with_the_decimals_of_the_exchange(
    units: int, decimals: int, text: str
) -> None:
    assert e8_text(units, decimals) == text
    assert Decimal(text) == (Decimal(units) / 10**8).quantize(
        Decimal(10) ** -decimals, "ROUND_DOWN"
    )
