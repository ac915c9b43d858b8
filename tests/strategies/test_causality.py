"""Every strategy: what it says about a bar must not change when later bars arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.extra_feeds import Extra, ExtraCandles, Followed, extras_of, followed_in_time
from engine.domain.longer_candles import bars_of
from engine.domain.strategy import Params, Signals, Strategy, read_params
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from engine.strategies.ema_cross_trend import EmaCrossTrend
from engine.strategies.guard import ask

BUILT_IN = ("grid", "ema_cross", "ema_cross_trend", "rsi_reversion")
ALONE = ("grid", "ema_cross", "rsi_reversion")
"""Those that follow nothing but their own candles, so that their own warm-up is all there is."""
PARAMS: Mapping[str, list[dict[str, object]]] = {
    "grid": [{}, {"period": 5, "deviations": "0.8"}],
    "ema_cross": [{}, {"fast": 2, "slow": 5}],
    "ema_cross_trend": [
        {"trend_minutes": 3, "trend": 2},
        {"fast": 2, "slow": 5, "trend_minutes": 5, "trend": 3},
    ],
    "rsi_reversion": [{}, {"period": 3, "oversold": 40, "overbought": 60}],
}


def candles_of(closes: np.ndarray) -> Candles:
    count = len(closes)
    at = 1_700_000_000_000 // 60_000 * 60_000 + 60_000 * np.arange(count, dtype=np.int64)
    return Candles(
        at, closes.copy(), closes * 1.001, closes * 0.999, closes, np.ones(count), 60_000
    )


@st.composite
def closes(draw: st.DrawFn) -> np.ndarray:
    """Walks at many price scales, with flat stretches and jumps."""
    count = draw(st.integers(1, 160))
    steps = draw(
        st.lists(st.sampled_from([0, 0, 1, -1, 3, -3, 40, -40]), min_size=count, max_size=count)
    )
    scale = draw(st.sampled_from([1e-7, 1e-3, 0.1, 1.0, 0.01]))
    return np.maximum(2_000 + np.cumsum(np.array(steps)), 1) * scale


def same(signals: Signals, prefix: Signals, count: int) -> None:
    for name in ("buy", "sell", "short", "cover"):
        np.testing.assert_array_equal(getattr(signals, name)[:count], getattr(prefix, name))
    np.testing.assert_array_equal(signals.packed()[:count], prefix.packed())
    assert signals.reasons == prefix.reasons
    assert list(signals.indicators) == list(prefix.indicators)
    for title, column in signals.indicators.items():
        np.testing.assert_array_equal(column[:count], prefix.indicators[title])


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_signals_on_a_prefix_are_the_prefix_of_signals(name: str, data: st.DataObject) -> None:
    candles = candles_of(data.draw(closes()))
    params = read_params(STRATEGIES[name], data.draw(st.sampled_from(PARAMS[name])))
    whole = ask(STRATEGIES[name], candles, params)
    count = data.draw(st.integers(0, len(candles)))
    same(whole, ask(STRATEGIES[name], candles.part(0, count), params), count)


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_signal_before_the_warm_up_and_never_twice_in_a_row(
    name: str, data: st.DataObject
) -> None:
    candles = candles_of(data.draw(closes()))
    params = read_params(STRATEGIES[name], data.draw(st.sampled_from(PARAMS[name])))
    signals = ask(STRATEGIES[name], candles, params)
    warmup = STRATEGIES[name].warmup(params)
    for action in ("buy", "sell", "short", "cover"):
        column = getattr(signals, action)
        assert not column[:warmup].any()
        if name != "rsi_reversion":  # its exits have two levels, crossed on two bars perhaps
            assert not (column[1:] & column[:-1]).any()


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("given_params", [0, 1])
def test_the_first_signal_can_come_right_after_the_warm_up(name: str, given_params: int) -> None:
    params: Params = read_params(STRATEGIES[name], PARAMS[name][given_params])
    warmup = STRATEGIES[name].warmup(params)
    first = []
    for direction in (1, -1):
        walk = 1_000.0 - direction * np.arange(warmup + 1) * 0.5
        walk[-1] += direction * 300
        signals = ask(STRATEGIES[name], candles_of(walk), params)
        first.extend(np.flatnonzero(signals.packed()).tolist())
    assert first
    assert set(first) == {warmup}


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("price", [0.1, 1e-8, 64_000.01])
def test_a_market_that_does_not_move_gives_no_signal(name: str, price: float) -> None:
    """Rounding of running averages must not look like a crossing."""
    params = read_params(STRATEGIES[name], {})
    walk = np.concatenate([price * (1 + 0.01 * np.sin(np.arange(80))), np.full(3_000, price)])
    signals = ask(STRATEGIES[name], candles_of(walk), params)
    assert not signals.packed()[200:].any()


def same_on_every_prefix(
    strategy: Strategy, candles: Candles, params: Params, followed: tuple[Followed, ...] = ()
) -> None:
    whole = ask(strategy, candles, params, followed)
    for count in range(len(candles)):
        same(whole, ask(strategy, candles.part(0, count), params, followed), count)


class Peeking(EmaCross):
    """Looks one bar ahead."""

    def signals(self, candles: Candles, params: Params) -> Signals:
        return super().signals(
            replace(candles, close=np.append(candles.close[1:], candles.close[-1:])), params
        )


def test_the_check_sees_a_look_ahead() -> None:
    candles = candles_of(100 + np.cumsum(np.random.default_rng(5).normal(0, 1, 120)))
    params = read_params(EmaCross(), {"fast": 2, "slow": 5})
    same_on_every_prefix(EmaCross(), candles, params)
    with pytest.raises(AssertionError):
        same_on_every_prefix(Peeking(), candles, params)


class Following(EmaCross):
    """Takes the other market's side: both in from its own crosses."""

    def extras(self, params: Params) -> tuple[Extra, ...]:
        return (Extra("ETH/USDT", 5 * MINUTE_MS, 3), Extra("", 3 * MINUTE_MS))

    def onto(self, extra: ExtraCandles) -> np.ndarray:
        return extra.onto(extra.candles.close)

    def signals(self, candles: Candles, params: Params) -> Signals:
        other, longer = extras_of(candles)
        signals = super().signals(candles, params)
        lines = {"other": self.onto(other), "longer": self.onto(longer)}
        return replace(
            signals, buy=signals.buy & (lines["other"] > 50), indicators=signals.indicators | lines
        )


class AsIfOver(Following):
    """Takes each extra candle from its open on, as joining by the open time does."""

    def onto(self, extra: ExtraCandles) -> np.ndarray:
        later = np.minimum(extra.last + 1, len(extra.candles) - 1)
        return (
            replace(extra, last=later).onto(extra.candles.close)
            if len(extra.candles)
            else super().onto(extra)
        )


class WithCutBars(EmaCrossTrend):
    """Makes longer candles by itself, and takes the one that is not over for whole."""

    def signals(self, candles: Candles, params: Params) -> Signals:
        signals = super().signals(candles, params)
        bars, _ = bars_of(candles, 5 * MINUTE_MS)
        last = np.searchsorted(bars.open_at, candles.open_at, side="right") - 1
        cut = ExtraCandles(bars, last).onto(bars.close)
        return replace(signals, indicators=signals.indicators | {"cut": cut})


def other_market(candles: Candles) -> Followed:
    """Five-minute candles around those of the session, two of them late by one of its candles."""
    count = len(candles) // 5 + 20
    at = candles.open_at[0] // (5 * MINUTE_MS) * 5 * MINUTE_MS + 5 * MINUTE_MS * np.arange(
        -15, count - 15
    )
    close = 50 + np.cumsum(np.random.default_rng(8).normal(0, 1, count))
    made = replace(candles_of(close), open_at=at, timeframe_ms=5 * MINUTE_MS)
    followed = followed_in_time("ETH/USDT", made)
    followed.known_at[20:22] += MINUTE_MS
    return followed


@pytest.mark.parametrize(
    ("honest", "peeking"), [(Following(), AsIfOver()), (EmaCrossTrend(), WithCutBars())]
)
def test_the_check_sees_a_look_ahead_in_an_extra_feed(honest: Strategy, peeking: Strategy) -> None:
    candles = candles_of(100 + np.cumsum(np.random.default_rng(5).normal(0, 1, 120)))
    wishes = {"fast": 2, "slow": 5} | (
        {"trend_minutes": 5, "trend": 3} if isinstance(honest, EmaCrossTrend) else {}
    )
    params, followed = read_params(honest, wishes), (other_market(candles),)
    same_on_every_prefix(honest, candles, params, followed)
    with pytest.raises(AssertionError):
        same_on_every_prefix(peeking, candles, params, followed)
