"""Windows that roll, the sets they choose, and the equity behind each other."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.sweeps import SweepRow
from engine.errors import Cancelled, InvalidSetting
from engine.messages.sweeping import WalkStep
from engine.runtime.sweep.ranking import best_first
from engine.runtime.sweep.walking import Window, efficiency, walk_forward, windows_of
from tests.runtime.support import MINUTE, write_candles
from tests.runtime.swept import alone, plan_of, played


def test_windows_are_one_test_part_apart_and_whole() -> None:
    assert windows_of(0, 100, 40, 20) == (
        Window(0, 40, 60),
        Window(20, 60, 80),
        Window(40, 80, 100),
    )
    assert len(windows_of(0, 99, 40, 20)) == 2
    for train, test in ((90, 20), (0, 20), (40, 0)):
        with pytest.raises(InvalidSetting):
            windows_of(0, 100, train, test)


def test_each_window_plays_the_best_of_its_past_with_the_money_that_was_left(
    tmp_path: Path,
) -> None:
    path = write_candles(tmp_path / "btc-usdt.csv", 1_200)
    plan = plan_of(path, {"fast": "4,8", "slow": "15,30"})
    begin, _, end = plan.span
    windows = windows_of(begin, end, 600 * MINUTE, 250 * MINUTE)
    told: list[tuple[int, int]] = []
    walked = walk_forward(
        plan, windows, "return_pct", lambda *far: told.append(far), threading.Event(), 1
    )
    assert told == [(0, 2), (1, 2), (2, 2)]
    money = Decimal(10_000)
    for step, window in zip(walked.steps, windows, strict=True):
        base = replace(plan.base, from_at=window.train_at, to_at=window.test_at)
        assert step.chosen == best_first(played(replace(plan, base=base)), "return_pct")[0]
        tested = plan.backtest_of(plan.set_of(step.chosen.no))
        trade = replace(tested.trade, cash=money)
        figures = alone(replace(tested, from_at=window.test_at, to_at=window.end_at, trade=trade))
        assert {name: getattr(step.test, name) for name in figures} == figures
        money = plan.base.market.scale.money(step.test.equity_last)
    assert walked.equity_first == plan.base.market.scale.money_count(Decimal(10_000))
    assert walked.equity[-1] == walked.steps[-1].test.equity_last
    assert (walked.at[0], walked.at[-1]) == (windows[0].test_at + MINUTE, windows[-1].end_at)
    assert (walked.at[1:] > walked.at[:-1]).all()
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        walk_forward(plan, windows, "return_pct", lambda *far: None, stopped, 1)


def row(first: int, last: int) -> SweepRow:
    return SweepRow(1, {}, 0, 0, last - first, 0, last, 0, None, None)


def test_efficiency_compares_growth_a_day() -> None:
    step = WalkStep(0, 40, 60, row(100, 400), row(100, 200))  # ln 4 in 40, ln 2 in 20
    assert efficiency([step]) == pytest.approx(1.0)
    assert efficiency([step, replace(step, test=row(100, 50))]) == pytest.approx(0.0)
    assert efficiency([replace(step, chosen=row(100, 100))]) is None
    assert efficiency([replace(step, test=row(100, 0))]) is None
