"""The same figures from other programs, where their definitions agree with ours."""

from __future__ import annotations

import warnings
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.metrics import Report, report
from engine.domain.columns import IntMatrix
from engine.domain.reasons import ExitReason
from tests.core.story import DAY, T0, Story, flat, minutes

YEAR = 365


def other(name: str) -> ModuleType:
    """Another program, taken in where it is asked: not by each process that collects tests."""
    with warnings.catch_warnings():  # theirs, at import
        warnings.simplefilter("ignore")
        return import_module(name)


def held_over(closes: list[int]) -> Report:
    """All money in one unit from the first open on: equity is the price."""
    story = Story(closes[0])
    story.enter(T0, 1, 1, closes[0])
    bars = flat(closes, step=DAY)
    return report(story.events, bars, bars, DAY)


@pytest.mark.parametrize("seed", range(8))
def test_empyrical(seed: int) -> None:
    chance = np.random.default_rng(seed)
    closes = np.rint(1e9 * np.exp(np.cumsum(chance.normal(5e-4, 0.02, 400)))).astype(int).tolist()
    found, empyrical = held_over(closes), other("empyrical")
    assert found.summary.sharpe == found.ratios.sharpe  # what the history lists
    returns = pd.Series(np.diff(closes) / np.array(closes[:-1]))
    returns = pd.concat([pd.Series([0.0]), returns], ignore_index=True)
    options = {"annualization": YEAR}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fall = empyrical.max_drawdown(returns)
        theirs = {
            "sharpe": empyrical.sharpe_ratio(returns, **options),
            "sortino": empyrical.sortino_ratio(returns, **options),
            "volatility_pct": 100 * empyrical.annual_volatility(returns, **options),
            "omega": empyrical.omega_ratio(returns, annualization=1),
            "cagr_pct": 100 * empyrical.cagr(returns, **options),
            "calmar": empyrical.calmar_ratio(returns, **options),
        }
    ours = {name: getattr(found.ratios, name, None) for name in theirs}
    ours |= {"cagr_pct": found.cagr_pct, "calmar": found.calmar}
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert found.drawdown.pct == pytest.approx(-100 * fall, rel=1e-9)


def walk(seed: int, count: int = 300) -> IntMatrix:
    chance = np.random.default_rng(seed)
    close = np.rint(1e6 * np.exp(np.cumsum(chance.normal(0, 0.02, count)))).astype(int)
    open_ = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(open_, close) + chance.integers(0, 9_000, count)
    low = np.minimum(open_, close) - chance.integers(0, 9_000, count)
    return minutes(
        list(zip(open_.tolist(), high.tolist(), low.tolist(), close.tolist(), strict=True)),
        step=DAY,
    )


def their_run(bars: IntMatrix, cash: int, enters: list[int], leaves: list[int]) -> Any:
    """10 units bought at the open after each of `enters`, sold at that after each of `leaves`."""
    frame = pd.DataFrame(
        bars[:, 2:].astype(float),
        columns=["Open", "High", "Low", "Close"],
        index=pd.to_datetime(bars[:, 1], unit="ms"),
    )

    backtesting = other("backtesting")

    class Given(backtesting.Strategy):  # type: ignore[misc,name-defined]
        def init(self) -> None:
            pass

        def next(self) -> None:
            bar = len(self.data) - 1
            if bar in enters:
                self.buy(size=10)
            elif bar in leaves:
                self.position.close()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return backtesting.Backtest(frame, Given, cash=cash).run()


def our_run(bars: IntMatrix, cash: int, enters: list[int], leaves: list[int]) -> Report:
    story = Story(cash)
    for begun, ended in zip(enters, leaves, strict=True):
        story.enter(int(bars[begun + 1, 1]), 1, 10, int(bars[begun + 1, 2]))
        story.leave(int(bars[ended + 1, 1]), 10, int(bars[ended + 1, 2]), ExitReason.SIGNAL)
    return report(story.events, bars, bars, DAY)


@pytest.mark.parametrize("seed", range(3))
def test_backtesting_py(seed: int) -> None:
    bars, cash = walk(seed), 100_000_000
    chance = np.random.default_rng(seed)
    places = np.sort(chance.choice(np.arange(2, 290), 40, replace=False)).tolist()
    enters, leaves = places[::2], places[1::2]
    theirs = their_run(bars, cash, enters, leaves)
    ours = our_run(bars, cash, enters, leaves)
    trades = theirs["_trades"]
    assert ours.trades.pnl.tolist() == pytest.approx(trades["PnL"].tolist())
    assert ours.summary.equity_last == pytest.approx(theirs["Equity Final [$]"])
    assert ours.summary.trades == theirs["# Trades"]
    assert ours.summary.win_rate_pct == pytest.approx(theirs["Win Rate [%]"])
    assert ours.summary.return_pct == pytest.approx(theirs["Return [%]"])
    assert ours.drawdown.pct == pytest.approx(-theirs["Max. Drawdown [%]"])
    assert ours.outcomes.sqn == pytest.approx(theirs["SQN"])
    assert ours.outcomes.longest_holding_ms == theirs["Max. Trade Duration"].total_seconds() * 1e3
    mean = theirs["Avg. Trade Duration"].total_seconds() * 1e3
    assert ours.outcomes.average_holding_ms == pytest.approx(mean, abs=DAY)  # it rounds up to bars
    longest = theirs["Max. Drawdown Duration"].total_seconds() * 1e3
    assert ours.drawdown.longest_under_water_ms == pytest.approx(longest, abs=DAY)
    # It counts the bar at whose open a trade is closed as held.
    bars_more = 100 * len(enters) / len(bars)
    assert ours.exposure_pct == pytest.approx(theirs["Exposure Time [%]"] - bars_more, abs=0.5)
    # Its profit factor and expectancy are over the returns of the trades; so from its own list.
    pnl = trades["PnL"]
    assert ours.summary.profit_factor == pytest.approx(-pnl[pnl > 0].sum() / pnl[pnl < 0].sum())
    assert ours.outcomes.expectancy == pytest.approx(pnl.mean(), abs=1)
