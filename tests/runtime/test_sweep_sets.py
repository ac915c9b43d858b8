"""Which sets a sweep is made of, and which of them are best."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import InvalidSetting, UnknownName
from engine.runtime.sweep.grid import MOST_SETS, all_sets, drawn_sets, read_values
from engine.runtime.sweep.ranking import RANKINGS, best_first
from tests.runtime.support import write_candles
from tests.runtime.swept import plan_of, played

D = Decimal


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("sweep") / "btc-usdt.csv", 6_000)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5:20:5", (5, 10, 15, 20)),
        ("5:19:5", (5, 10, 15)),
        ("0.5:1.5:0.25", (D("0.5"), D("0.75"), D(1), D("1.25"), D("1.5"))),
        ("5,8,13", (5, 8, 13)),
        ("off, 0.5", (None, D("0.5"))),
        ("7", (7,)),
    ],
)
def test_values_as_people_write_them(text: str, values: tuple[Decimal | None, ...]) -> None:
    assert read_values("fast", text) == values


@pytest.mark.parametrize(
    "text",
    ["", "5:", "5:10", "5:10:0", "5:10:-1", "10:5:1", "a,b", "1,,2", "5,5", "1:2:3:4", "nan",
     "1e99", "0:1:1e-9", "off:1:1"],
)  # fmt: skip
def test_values_that_cannot_be_meant(text: str) -> None:
    with pytest.raises(InvalidSetting, match="fast"):
        read_values("fast", text)


@pytest.mark.parametrize(
    "values",
    [
        {"nothing": "1,2"},
        {"cash": "1,2"},
        {"fast": "1:5:1"},
        {"fast": "2.5,3"},
        {"fast": "off,3"},
        {"cooldown_min": "1.5,2"},
        {"fee_pct": "off,1"},
        {"fast": "30,40"},
        {"stop_loss_pct": "100,200"},
    ],
)
def test_a_grid_that_cannot_be_run(candles: Path, values: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting):
        plan_of(candles, values)


def test_a_sweep_has_bounds(candles: Path) -> None:
    with pytest.raises(InvalidSetting, match=f"{MOST_SETS:,}"):
        plan_of(candles, {"fast": "2:400:1", "slow": "401:500:1"})
    with pytest.raises(InvalidSetting, match="0 sets"):
        plan_of(candles, {"fast": "2:400:1"}, draw=0)
    with pytest.raises(UnknownName):
        plan_of(candles, {"fast": "2"}, strategy="nobody")


def test_refused_sets_are_counted_and_skipped(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "10,20,30", "slow": "20,30", "stop_loss_pct": "0:2:1"})
    # 10/20, 10/30, 20/30 stand; a stop loss of 0 never does.
    assert (len(plan.sets), plan.skipped, plan.total) == (6, 12, 18)
    assert [one.no for one in plan.sets] == list(range(1, 7))
    assert dict(plan.set_of(1).changed) == {"fast": 10, "slow": 20, "stop_loss_pct": D(1)}
    assert plan.set_of(6).params == {"fast": 20, "slow": 30}
    assert plan.set_of(6).trade.stop_loss_pct == 2


def test_a_single_value_is_not_swept(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "5", "slow": "21,30", "fee_pct": "0.05"})
    assert dict(plan.grid) == {"slow": (21, 30)}
    assert {one.params["fast"] for one in plan.sets} == {5}
    assert {one.trade.fee_pct for one in plan.sets} == {D("0.05")}


def test_drawn_sets_are_different_valid_and_repeatable(candles: Path) -> None:
    values = {"fast": "2:60:1", "slow": "5:60:1", "take_profit_pct": "off,1"}
    plan = plan_of(candles, values, draw=40, seed=3)
    again = plan_of(candles, values, draw=40, seed=3)
    other = plan_of(candles, values, draw=40, seed=4)
    assert plan.sets == again.sets != other.sets
    assert (len(plan.sets), plan.seed) == (40, 3)
    assert len({tuple(one.changed.items()) for one in plan.sets}) == 40
    assert plan.skipped > 5
    few = plan_of(candles, {"fast": "5,9", "slow": "21"}, draw=100)
    assert len(few.sets) == 2


def test_all_sets_in_order_and_drawn_ones_among_them() -> None:
    grid = {"a": (1, 2), "b": (3, None, 5)}
    every = list(all_sets(grid))
    assert every[0] == {"a": 1, "b": 3}
    assert every[1] == {"a": 1, "b": None}
    assert len(every) == 6
    drawn = list(drawn_sets(grid, 1, 10))
    assert sorted(map(str, drawn)) == sorted(map(str, every))


def test_best_first(candles: Path) -> None:
    rows = played(plan_of(candles, {"fast": "5:20:5", "slow": "25:100:25"}))
    nothing = replace(rows[0], no=0, profit_factor=None, sharpe=None, max_drawdown_pct=None)
    for name, figure in RANKINGS.items():
        ranked = best_first([nothing, *rows], name)
        values = [figure(row) for row in ranked]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=True)
        assert values[: len(known)] == known
    assert best_first(rows, "max_drawdown")[0].max_drawdown == min(r.max_drawdown for r in rows)
