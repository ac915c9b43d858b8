"""What each built-in strategy says, on series made by hand, and what it refuses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import talib

from engine.domain.candles import Candles
from engine.domain.strategy import Signals, read_params
from engine.errors import InvalidSetting
from engine.strategies import STRATEGIES
from engine.strategies.crossing import crossed
from engine.strategies.ema_cross import EmaCross
from engine.strategies.ema_cross_trend import EmaCrossTrend
from engine.strategies.grid import Grid, rolling_mean_deviation
from engine.strategies.guard import ask
from engine.strategies.reason_text import fill_reason
from engine.strategies.rsi_reversion import RsiReversion, rsi
from engine.strategies.signals_file import SignalsFile


def candles_of(closes: list[float] | np.ndarray) -> Candles:
    close = np.array(closes, np.float64)
    at = 60_000 * np.arange(len(close), dtype=np.int64)
    return Candles(at, close, close, close, close, np.ones(len(close)), 60_000)


def bars(column: np.ndarray) -> list[int]:
    return np.flatnonzero(column).tolist()


def walk(count: int = 3_000) -> np.ndarray:
    return 100 + np.cumsum(np.random.default_rng(7).normal(0, 0.2, count))


def test_a_crossing_is_the_change_and_a_touch_is_none() -> None:
    line = np.array([np.nan, 1.0, 2, 3, 2, 3, 1, 2, 3, 3])
    up, down = crossed(line, np.full(10, 2.0))
    assert bars(up) == [3, 8]
    assert bars(down) == [6]


def test_rounding_is_no_crossing() -> None:
    level = np.full(6, 0.3)
    line = np.array([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2, 0.30001, 0.1 + 0.2])
    up, down = crossed(line, level)
    assert (bars(up), bars(down)) == ([4], [])


def test_ema_cross_flips_at_each_cross() -> None:
    candles = candles_of(walk())
    signals = EmaCross().signals(candles, read_params(EmaCross(), {}))
    assert bars(signals.buy) == bars(signals.cover)
    assert bars(signals.sell) == bars(signals.short)
    diff = talib.EMA(candles.close, 9) - talib.EMA(candles.close, 21)
    expected = [i for i in range(21, 3_000) if diff[i - 1] <= 0 < diff[i]]
    assert bars(signals.buy) == expected
    turns = sorted(bars(signals.buy) + bars(signals.sell))
    assert all(signals.buy[a] != signals.buy[b] for a, b in pairwise(turns))


def test_ema_reason_carries_the_numbers_of_its_bar() -> None:
    candles = candles_of(walk() * 460)
    signals = EmaCross().signals(candles, read_params(EmaCross(), {}))
    bar = bars(signals.sell)[0]
    fast, slow = signals.indicators["EMA 9"][bar], signals.indicators["EMA 21"][bar]
    assert fill_reason(signals, bar, 1) == (
        f"EMA fast {fast:,.1f} crossed below EMA slow {slow:,.1f}"
    )
    assert signals.styles["EMA 9"].on_price


def grid_signals(closes: list[float]) -> Signals:
    return Grid().signals(candles_of(closes), read_params(Grid(), {"period": 5, "deviations": 1}))


def test_grid_buys_on_coming_into_the_lower_third_and_not_while_it_stays() -> None:
    signals = grid_signals([100, 102, 98, 101, 99.9, 96, 94, 92, 100, 104, 106])
    assert bars(signals.buy) == [5]
    assert bars(signals.sell) == [8]
    assert not signals.short.any()
    assert not signals.cover.any()


def test_grid_counts_below_the_band_as_lower_third() -> None:
    """A fall from the middle right through the band is a buy; the way back into it is none."""
    signals = grid_signals([100, 102, 98, 101, 99.9, 60, 75])
    assert signals.indicators["BB lower 5"][5] > 60
    assert bars(signals.buy) == [5]


def test_band_equals_the_definition_at_any_price_scale() -> None:
    for scale in (1e-7, 1.0, 1e5):
        closes = walk(300) * scale
        mean, deviation = rolling_mean_deviation(closes, 20)
        windows = np.lib.stride_tricks.sliding_window_view(closes, 20)
        np.testing.assert_allclose(mean[19:], windows.mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose(deviation[19:], windows.std(axis=1), rtol=1e-9)
        assert np.isnan(mean[:19]).all()


def test_rsi_equals_talib_on_a_moving_market() -> None:
    closes = walk()
    np.testing.assert_allclose(rsi(closes, 14), talib.RSI(closes, 14), rtol=1e-9)


def test_rsi_stays_put_when_a_cheap_coin_goes_quiet() -> None:
    closes = np.concatenate([(walk(100) / 1e9), np.full(200, walk(100)[-1] / 1e9)])
    line = rsi(closes, 14)
    assert np.ptp(line[100:]) < 1e-6
    assert rsi(np.full(30, 5.0), 14)[20] == 50


def reversion(line: list[float], **given: int) -> Signals:
    """Signals of a strategy whose RSI is exactly `line`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.strategies.rsi_reversion.rsi", lambda close, period: np.array(line))
        return RsiReversion().signals(
            candles_of([1.0] * len(line)), read_params(RsiReversion(), given)
        )


def test_rsi_reversion_goes_in_at_the_extremes_and_out_at_the_middle() -> None:
    signals = reversion([40, 25, 20, 33, 45, 52, 60, 75, 80, 68, 55, 48, 45])
    assert bars(signals.buy) == [3]
    assert bars(signals.sell) == [5, 7]
    assert bars(signals.short) == [9]
    assert bars(signals.cover) == [1, 11]
    assert fill_reason(signals, 3, 2) == "RSI 33.0 came back above oversold 30"
    assert not signals.styles["RSI 14"].on_price


def test_rsi_reversion_does_not_enter_on_a_bar_that_is_already_the_exit() -> None:
    signals = reversion([25, 55, 75, 45])
    assert bars(signals.buy) == []
    assert bars(signals.sell) == [1, 2]
    assert bars(signals.short) == []
    assert bars(signals.cover) == [3]


def test_rsi_reversion_leave_level_mirrors_for_shorts() -> None:
    signals = reversion([25, 33, 55, 62, 75, 65, 45, 38], leave=60)
    assert bars(signals.sell) == [3, 4]
    assert bars(signals.cover) == [7]


def test_signals_file_speaks_at_its_candles_only() -> None:
    strategy = SignalsFile(np.array([120_000, 240_000]), np.array([0b1001, 0b0010]))
    candles = candles_of([1.0] * 6)
    signals = strategy.signals(candles, {})
    assert (bars(signals.buy), bars(signals.cover), bars(signals.sell)) == ([2], [2], [4])
    part = strategy.signals(candles.part(3, 6), {})
    assert bars(part.sell) == [1]
    assert not part.buy.any()
    assert not STRATEGIES["signals_file"].signals(candles, {}).packed().any()


def test_ema_cross_with_the_trend_enters_on_its_side_only() -> None:
    candles = candles_of(walk())
    params = read_params(EmaCrossTrend(), {"trend_minutes": 15, "trend": 20})
    plain = ask(EmaCross(), candles, read_params(EmaCross(), {}))
    signals = ask(EmaCrossTrend(), candles, params)
    assert bars(signals.sell) == bars(plain.sell)
    assert bars(signals.cover) == bars(plain.cover)
    # The quarter that ended at or before a minute's close, counted by hand.
    quarters = candles.close[14::15]
    line = talib.EMA(quarters, 20)
    done = [(bar + 1) // 15 - 1 for bar in range(3_000)]
    above = [at >= 0 and quarters[at] > line[at] for at in done]
    below = [at >= 0 and quarters[at] < line[at] for at in done]
    assert bars(signals.buy) == [bar for bar in bars(plain.buy) if above[bar]]
    assert bars(signals.short) == [bar for bar in bars(plain.short) if below[bar]]
    assert 5 < len(bars(signals.buy)) < len(bars(plain.buy))
    shown = signals.indicators["Trend EMA 20 of 15m"]
    np.testing.assert_array_equal(shown[299:314], np.full(15, line[19]))
    assert np.isnan(shown[:299]).all()
    text = fill_reason(signals, bars(signals.buy)[0], 2)
    assert text.endswith(f", above trend {shown[bars(signals.buy)[0]]:.2f}")


def test_every_strategy_fits_its_place_in_the_table() -> None:
    assert list(STRATEGIES) == [
        "grid",
        "ema_cross",
        "ema_cross_trend",
        "rsi_reversion",
        "signals_file",
    ]
    for name, strategy in STRATEGIES.items():
        assert strategy.name == name
        params = read_params(strategy, {})
        strategy.check(params)
        empty = ask(strategy, candles_of([]), params)
        assert len(empty.packed()) == 0
        one = ask(strategy, candles_of([5.0]), params)
        assert len(one.packed()) == 1
        for text in one.reasons:
            assert "}" not in text or any(f"{{{title}}}" in text for title in one.indicators)


@pytest.mark.parametrize(
    ("name", "given", "field", "word"),
    [
        ("ema_cross", {"fast": 30, "slow": 20}, "fast", "shorter"),
        ("ema_cross", {"fast": 20, "slow": 20}, "fast", "shorter"),
        ("ema_cross", {"fast": "ten"}, "fast", "not a number"),
        ("ema_cross", {"fast": 2.5}, "fast", "whole"),
        ("ema_cross", {"slow": 5_000}, "slow", "outside"),
        ("ema_cross", {"speed": 1}, "speed", "no parameter"),
        ("grid", {"period": 1}, "period", "outside"),
        ("grid", {"deviations": "nan"}, "deviations", "not a number"),
        ("rsi_reversion", {"leave": 75}, "leave", "between 30 and 70"),
        ("rsi_reversion", {"oversold": 50}, "oversold", "outside"),
        ("signals_file", {"fast": 3}, "fast", "none"),
    ],
)
def test_parameters_are_refused_with_words(
    name: str, given: dict[str, object], field: str, word: str
) -> None:
    with pytest.raises(InvalidSetting, match=word) as refused:
        STRATEGIES[name].check(read_params(STRATEGIES[name], given))
    assert refused.value.field == field
