"""Portfolio backtests as they are planned, run and stored."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue
from engine.markets.candle_file import read_candle_file
from engine.messages.commands import PortfolioBot, RunBacktest, RunPortfolio
from engine.runtime.backtest.planning import plan_backtest
from engine.runtime.backtest.run import run_backtest
from engine.runtime.portfolio.planning import plan_portfolio
from engine.runtime.portfolio.run import PortfolioOutcome, run_portfolio
from tests.runtime.support import BUSY, write_candles


def candles(path: Path, timeframe_ms: int | None) -> Candles:
    return read_candle_file(path, timeframe_ms).candles


def bot(
    path: Path,
    name: str = "a",
    *,
    strategy: str = "ema_cross",
    params: dict[str, ParamValue] | None = None,
    trade: TradeSettings = BUSY,
    **more: object,
) -> PortfolioBot:
    feed = FeedChoice(FeedKind.FILE, str(path))
    wish = RunBacktest(feed, "BTC/USDT", None, strategy, params or {}, trade)
    return PortfolioBot(name, replace(wish, **more))  # type: ignore[arg-type]


def told(done: int, total: int) -> None:
    assert done <= total


def run(wish: RunPortfolio) -> PortfolioOutcome:
    return run_portfolio(plan_portfolio(wish, candles), told, threading.Event())


@pytest.mark.parametrize("strategy", ["ema_cross", "rsi_reversion", "grid"])
@pytest.mark.parametrize("seed", [5, 11])
def test_a_portfolio_of_one_bot_is_its_backtest(tmp_path: Path, strategy: str, seed: int) -> None:
    one = bot(write_candles(tmp_path / "c.csv", 700, seed), strategy=strategy)
    (alone,) = run(RunPortfolio((one,), BUSY.cash)).bots
    plain = run_backtest(plan_backtest(one.wish, candles), told, threading.Event())
    assert len(plain.log) > 40
    assert np.array_equal(alone.log.table, plain.log.table)
    assert alone.event_hash == plain.event_hash
    assert alone.log.notes() == plain.log.notes()
    assert (alone.started_at, alone.ended_at) == (plain.started_at, plain.ended_at)
