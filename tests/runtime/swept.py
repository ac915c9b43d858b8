"""Sweeps played, and the ordinary backtests that their rows are held against."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.metrics.equity import equity_at_closes
from engine.core.metrics.returns import by_day, ratios
from engine.core.metrics.summary import summary
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.settings import TradeSettings
from engine.domain.sweeps import SweepRow
from engine.messages.commands import RunBacktest, RunSweep
from engine.runtime.backtest.planning import Sources
from engine.runtime.backtest.run import Plan, run_backtest
from engine.runtime.history.archive import closes_in
from engine.runtime.sources.candle_cache import read_candles
from engine.runtime.sweep.grid import read_values
from engine.runtime.sweep.planning import SweepPlan, plan_sweep
from engine.runtime.sweep.run import run_sweep
from tests.runtime.support import BEGINS_AT, BUSY, MINUTE

PLAIN = TradeSettings(slippage_pct=Decimal("0.01"), stop_loss_pct=Decimal("0.5"))


def plan_of(
    path: Path,
    values: dict[str, str],
    trade: TradeSettings = BUSY,
    *,
    strategy: str = "ema_cross",
    draw: int | None = None,
    seed: int = 1,
    **more: Any,
) -> SweepPlan:
    backtest = RunBacktest(
        FeedChoice(FeedKind.FILE, str(path), speed=0),
        "BTC/USDT",
        None,
        strategy,
        trade=trade,
        **more,
    )
    given = {name: read_values(name, text) for name, text in values.items()}
    return plan_sweep(RunSweep(backtest, given, draw, seed), Sources(candles_of))


def candles_of(path: Path, timeframe_ms: int | None) -> Candles:
    return read_candles(path, timeframe_ms).candles


def played(plan: SweepPlan, workers: int = 2) -> list[SweepRow]:
    rows: list[SweepRow] = []
    end = run_sweep(plan, lambda new, progress: rows.extend(new), threading.Event(), workers)
    assert end.done == len(rows) == len(plan.sets)
    assert not end.cancelled
    return sorted(rows, key=lambda row: row.no)


def alone(plan: Plan) -> dict[str, object]:
    """The same figures from the events of an ordinary backtest."""
    outcome = run_backtest(plan, lambda done, total: None, threading.Event())
    log = outcome.log.table
    close_at, closes = closes_in(outcome.rows, plan.candles.timeframe_ms)
    figures = summary(log, close_at, closes)
    equity = np.concatenate(([figures.equity_first], equity_at_closes(log, close_at, closes)))
    days = by_day(np.concatenate(([outcome.started_at], close_at)), equity)
    return {
        "trades": figures.trades,
        "wins": figures.wins,
        "net_pnl": figures.net_profit,
        "fees": figures.fees,
        "equity_last": figures.equity_last,
        "max_drawdown": figures.max_drawdown,
        "max_drawdown_pct": figures.max_drawdown_pct,
        "profit_factor": figures.profit_factor,
        "return_pct": figures.return_pct,
        "win_rate_pct": figures.win_rate_pct,
        "sharpe": ratios(days).sharpe,
    }


def assert_as_alone(plan: SweepPlan, rows: Sequence[SweepRow]) -> None:
    for row in rows:
        expected = alone(plan.backtest_of(plan.set_of(row.no)))
        assert {name: getattr(row, name) for name in expected} == expected, row.settings


def write_walk(path: Path, count: int, seed: int) -> Path:
    """Few prices, so that levels are met exactly; runs of rising and falling hours, so that peaks
    of equity and deep falls lie near each other; and many missing candles."""
    rng = np.random.default_rng(seed)
    drift = np.repeat(rng.choice([-0.6, 0.2, 0.8], count // 90 + 1), 90)[:count]
    closes = 4_000 + np.cumsum(np.rint(rng.normal(drift, 3))).astype(int)
    opens = np.concatenate(([4_000], closes[:-1]))
    highs = np.maximum(opens, closes) + rng.integers(0, 3, count)
    lows = np.minimum(opens, closes) - rng.integers(0, 3, count)
    lines = ["timestamp,open,high,low,close,volume"]
    for place in np.flatnonzero(rng.random(count) > 0.2).tolist():
        at = BEGINS_AT + place * MINUTE
        lines.append(f"{at},{opens[place]},{highs[place]},{lows[place]},{closes[place]},1")
    path.write_text("\n".join(lines) + "\n")
    return path


def write_coarse(path: Path, to: Path, each: int) -> None:
    """Candles of `each` minutes, aligned, of those that are whole."""
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    groups: dict[int, list[list[str]]] = {}
    for line in lines:
        groups.setdefault(int(line[0]) // (each * MINUTE), []).append(line)
    out = ["timestamp,open,high,low,close,volume"]
    for key, group in groups.items():
        if len(group) == each:
            high, low = max(Decimal(one[2]) for one in group), min(Decimal(one[3]) for one in group)
            cells = (key * each * MINUTE, group[0][1], high, low, group[-1][4], 1)
            out.append(",".join(str(cell) for cell in cells))
    to.write_text("\n".join(out) + "\n")
