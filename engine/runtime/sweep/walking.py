"""Walk-forward: windows that roll over a period, in each the best set of the training part is
played over the part after it, and these parts are put behind each other.

What is stitched together was never seen by what chose it (Pardo, The Evaluation and Optimization of
Trading Strategies, 2008). Each test part begins flat, with the money that the one before left.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.sweeps import SweepRow
from engine.errors import Cancelled, InvalidSetting
from engine.language import tr
from engine.messages.progress import Told, nobody_told
from engine.messages.sweeping import SweepProgress, WalkForward, WalkStep
from engine.runtime.backtest.record import course_of_outcome
from engine.runtime.backtest.run import run_backtest
from engine.runtime.history.archive import judged
from engine.runtime.sweep.planning import SweepPlan
from engine.runtime.sweep.ranking import best_first
from engine.runtime.sweep.run import Switch, row_of, run_sweep

MOST_WINDOWS: Final = 200


@dataclass(frozen=True, slots=True)
class Window:
    """It trains in [train_at, test_at) and is tested in [test_at, end_at), UTC ms."""

    train_at: int
    test_at: int
    end_at: int


def windows_of(first_at: int, end_at: int, train_ms: int, test_ms: int) -> tuple[Window, ...]:
    """Windows one test part apart, all of them whole; InvalidSetting if there is none."""
    if train_ms <= 0 or test_ms <= 0:
        raise InvalidSetting(
            tr("Both parts of a window need a length above 0."), field="train_days"
        )
    count = (end_at - first_at - train_ms) // test_ms
    if not 1 <= count <= MOST_WINDOWS:
        raise InvalidSetting(
            tr(
                "{count:,} windows fit into the range, 1 to {most_windows} are "
                "possible. Choose other lengths, or another range.",
                count=max(count, 0),
                most_windows=MOST_WINDOWS,
            ),
            field="train_days",
        )
    begins = range(first_at, first_at + count * test_ms, test_ms)
    return tuple(Window(at, at + train_ms, at + train_ms + test_ms) for at in begins)


def walk_forward(
    plan: SweepPlan,
    windows: Sequence[Window],
    by: str,
    told: Told,
    stop: threading.Event,
    workers: int = 0,
) -> WalkForward:
    """Walk through `windows`; `by` is a ranking. `told` counts windows. Run it in a worker; raises
    Cancelled after `stop`, and InvalidSetting where a window has no candle."""
    scale = plan.base.market.scale
    first = money = scale.money_count(plan.base.trade.cash)
    steps: list[WalkStep] = []
    at: list[IntColumn] = []
    equity: list[IntColumn] = []
    for window in windows:
        told(len(steps), len(windows))
        chosen = _best_of(plan, window, by, stop, workers)
        test, times, worth = _tested(plan, window, chosen, money, stop)
        steps.append(WalkStep(window.train_at, window.test_at, window.end_at, chosen, test))
        at.append(times)
        equity.append(worth)
        money = test.equity_last
        if money <= 0:
            break
    told(len(windows), len(windows))
    whole = np.concatenate(at), np.concatenate(equity)
    return WalkForward(tuple(steps), *whole, first, efficiency(steps))


def _best_of(
    plan: SweepPlan, window: Window, by: str, stop: threading.Event, workers: int
) -> SweepRow:
    rows: list[SweepRow] = []

    def take(new: Sequence[SweepRow], progress: SweepProgress) -> None:
        rows.extend(new)

    base = replace(plan.base, from_at=window.train_at, to_at=window.test_at)
    part = replace(plan, base=base, split_at=None)
    if run_sweep(part, take, Switch(stop), workers).cancelled:
        raise Cancelled(tr("The walk forward was cancelled. Nothing of it was stored."))
    return best_first(rows, by)[0]


def _tested(
    plan: SweepPlan, window: Window, chosen: SweepRow, money: int, stop: threading.Event
) -> tuple[SweepRow, IntColumn, IntColumn]:
    """The set over the test part: its figures, the closes, and its equity at them."""
    one = plan.set_of(chosen.no)
    cash = plan.base.market.scale.money(money)
    part = replace(
        plan.backtest_of(one),
        from_at=window.test_at,
        to_at=window.end_at,
        trade=replace(one.trade, cash=cash),
    )
    outcome = run_backtest(part, nobody_told, stop)
    course = course_of_outcome(outcome)
    return row_of(one, judged(outcome.log.table, course)), course.at, course.equity


def efficiency(steps: Sequence[WalkStep]) -> float | None:
    """Log growth a day of all test parts / that of all training parts; None where training did
    not gain, or everything was lost."""
    trained = _growth([(step.chosen, step.test_at - step.train_at) for step in steps])
    tested = _growth([(step.test, step.end_at - step.test_at) for step in steps])
    if trained is None or tested is None or trained <= 0:
        return None
    return tested / trained


def _growth(parts: Sequence[tuple[SweepRow, int]]) -> float | None:
    """Log growth per ms."""
    grown = 0.0
    for row, _ in parts:
        first = row.equity_last - row.net_pnl
        if first <= 0 or row.equity_last <= 0:
            return None
        grown += math.log(row.equity_last / first)
    length = sum(each for _, each in parts)
    return grown / length if length else None
