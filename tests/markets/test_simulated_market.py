"""The generated market: the same for the same seed however it is asked, and like a market."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candles import Candles
from engine.markets.simulated_market import SimulatedMarket
from engine.markets.symbols import PRESETS
from engine.markets.tick_candles import bars_from_ticks, candles_from_bars

START = 1_700_000_040_000 // 60_000 * 60_000
HOUR = 3_600_000


def market(symbol: str = "BTC/USDT", seed: int = 1) -> SimulatedMarket:
    return SimulatedMarket(PRESETS[symbol], seed, START, history_ms=2 * HOUR)


def same_candles(one: Candles, other: Candles) -> None:
    for column in ("open_at", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))


def test_ticks_come_about_once_a_second_in_order_and_never_on_a_whole_second() -> None:
    ticks = market().ticks(START, START + 6 * HOUR)
    assert 0.9 < len(ticks) / (6 * 3_600) < 1.1
    gaps = np.diff(ticks.at)
    assert gaps.min() > 0
    assert gaps.std() > 500
    assert (ticks.at % 1_000 != 0).all()
    assert ticks.at[0] > START
    assert ticks.at[-1] <= START + 6 * HOUR


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 40 * 60_000), max_size=12), seed=st.integers(0, 2**40))
def test_the_market_does_not_depend_on_how_it_is_asked(cuts: list[int], seed: int) -> None:
    end = START + 40 * 60_000
    whole = market(seed=seed).ticks(START, end)
    asked = market(seed=seed)
    edges = [START, *sorted(START + cut for cut in cuts), end]
    parts = [asked.ticks(a, b) for a, b in pairwise(edges)]
    for column in ("at", "price", "amount"):
        joined = np.concatenate([getattr(part, column) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, column))


def test_old_ticks_are_made_again_as_they_were() -> None:
    asked = market()
    first = asked.ticks(START, START + HOUR)
    asked.ticks(START + 20 * HOUR, START + 21 * HOUR)
    np.testing.assert_array_equal(asked.ticks(START, START + HOUR).price, first.price)


def test_seeds_and_symbols_are_different_markets() -> None:
    closes = [
        market(symbol, seed).candles(60_000, 60, START).close
        for symbol, seed in (("BTC/USDT", 1), ("BTC/USDT", 2), ("ETH/USDT", 1))
    ]
    moves = [np.diff(np.log(close)) for close in closes]
    assert abs(np.corrcoef(moves[0], moves[1])[0, 1]) < 0.6
    assert abs(np.corrcoef(moves[0], moves[2])[0, 1]) < 0.6


@pytest.mark.parametrize("timeframe_ms", [5_000, 60_000, 300_000, HOUR])
def test_candles_are_what_the_ticks_make(timeframe_ms: int) -> None:
    asked = market()
    end = (START + 3 * HOUR) // timeframe_ms * timeframe_ms
    candles = asked.candles(timeframe_ms, 10_000, end)
    begin = int(candles.open_at[0])
    ticks = asked.ticks(begin, end)
    same_candles(
        candles, candles_from_bars(bars_from_ticks(ticks, timeframe_ms), asked.market, timeframe_ms)
    )
    assert (candles.open_at % timeframe_ms == 0).all()
    assert candles.open_at[-1] + timeframe_ms <= end
    slow = asked.ticks(int(candles.open_at[3]), int(candles.open_at[3]) + timeframe_ms)
    step = float(asked.market.price_step)
    assert candles.high[3] == pytest.approx(slow.price.max() * step)
    assert candles.low[3] == pytest.approx(slow.price.min() * step)
    assert candles.open[3] == pytest.approx(slow.price[0] * step)
    assert candles.close[3] == pytest.approx(slow.price[-1] * step)


def test_prices_are_the_nearest_floats_of_their_decimals() -> None:
    candles = market().candles(60_000, 50, START)
    assert [float(f"{price:.2f}") for price in candles.close] == candles.close.tolist()


def test_there_is_history_before_the_start() -> None:
    asked = SimulatedMarket(PRESETS["SOL/USDT"], 3, START)
    candles = asked.candles(60_000, 500, START)
    assert len(candles) == 500
    assert candles.open_at[-1] <= START - 60_000
    assert len(asked.candles(60_000, 0, START)) == 0
    assert len(asked.candles(60_000, 5, asked.begins_at)) == 0


@pytest.mark.parametrize("hours", [0, 1, 7])
def test_a_restart_goes_on_as_if_nothing_had_happened(hours: int) -> None:
    ran_on = market("XRP/USDT")
    now = START + hours * HOUR + 123_456
    ran_on.ticks(START, now)
    again = SimulatedMarket.from_state(json.loads(json.dumps(ran_on.state(now))))
    one, other = ran_on.ticks(now, now + 2 * HOUR), again.ticks(now, now + 2 * HOUR)
    np.testing.assert_array_equal(one.at, other.at)
    np.testing.assert_array_equal(one.price, other.price)
    np.testing.assert_array_equal(one.amount, other.amount)
    same_candles(ran_on.candles(60_000, 90, now), again.candles(60_000, 90, now))
    assert again.state(now + HOUR) == ran_on.state(now + HOUR)


@pytest.mark.parametrize("symbol", list(PRESETS))
def test_it_moves_like_a_market(symbol: str) -> None:
    asked = SimulatedMarket(PRESETS[symbol], 11, START)
    days = 8 if symbol == "BTC/USDT" else 4
    candles = asked.candles(60_000, days * 1_440, START + days * 24 * HOUR)
    moves = np.diff(np.log(candles.close))
    sizes = np.abs(moves)
    assert 3e-4 < moves.std() < 2.5e-3
    assert np.mean((moves - moves.mean()) ** 4) / moves.var() ** 2 > 4, "tails are fat"
    for lag in (1, 10, 30):
        assert np.corrcoef(sizes[:-lag], sizes[lag:])[0, 1] > 0.05, "volatility clusters"
    assert abs(np.corrcoef(moves[:-1], moves[1:])[0, 1]) < 0.15, "no easy money from bar to bar"
    daily = np.diff(np.log(candles.close[::1_440]))
    assert 0.005 < daily.std() < 0.12
    assert asked.ticks(START, START + HOUR).price.min() > 1_000
    missing = np.diff(candles.open_at) // 60_000 - 1
    assert 2 <= (missing > 0).sum() <= 60, "now and then nothing trades"
    assert (candles.volume > 0).all()
    ticks = asked.ticks(START, START + 6 * HOUR)
    bounce = np.diff(np.log(ticks.price))
    assert np.corrcoef(bounce[:-1], bounce[1:])[0, 1] < 0, "prices bounce between bid and ask"


def test_a_price_never_reaches_zero() -> None:
    """Even a coin of a few steps only."""
    preset = replace(PRESETS["XRP/USDT"], price=Decimal("0.0002"), volatility=0.02)
    ticks = SimulatedMarket(preset, 5, START, HOUR).ticks(START, START + 10 * HOUR)
    assert ticks.price.min() == 1
    assert ticks.amount.min() >= 1
