"""Sweeps: every row is what an ordinary backtest says, whatever was left out or shared."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.domain.settings import (
    AddStep,
    Direction,
    FeeCoin,
    PartialTarget,
    PathRule,
    Sizing,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from tests.runtime.support import BEGINS_AT, BUSY, MINUTE, real_file, write_candles
from tests.runtime.swept import (
    PLAIN,
    assert_as_alone,
    plan_of,
    played,
    write_coarse,
    write_walk,
)

D = Decimal


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("sweep") / "btc-usdt.csv", 6_000)


EXITS = {"take_profit_pct": "off,0.3,0.9", "trailing_pct": "off,0.25"}

TRADES = {
    "every exit": BUSY,
    "no exits at all": TradeSettings(),
    "long only, all of it": TradeSettings(
        direction=Direction.LONG, position_pct=D(100), max_position_pct=None
    ),
    "breaks even, in time": replace(PLAIN, break_even_pct=D("0.2"), time_limit_min=45),
    "parts and steps": replace(
        PLAIN,
        partial_targets=(PartialTarget(D("0.2"), D(30)), PartialTarget(D("0.5"), D(40))),
        target_steps=(TargetStep(10, D("0.4")), TargetStep(30, D("0.1"))),
    ),
    "adds, fee in coin": replace(
        PLAIN, fee_coin=FeeCoin.BASE, adds=(AddStep(D("0.1"), D(1)), AddStep(D("0.3"), D(2)))
    ),
    "future, nearest extreme": replace(PLAIN, leverage=20, path=PathRule.NEAREST),
    "liquidated": TradeSettings(leverage=100, position_pct=D(25), maintenance_pct=D("0.4")),
    "rules on equity": replace(
        PLAIN,
        daily_loss_pct=D("0.5"),
        max_drawdown_pct=D(3),
        stop_guard=StopGuard(2, 60),
        max_trades_per_day=30,
    ),
    "by risk, spread": replace(
        PLAIN,
        sizing=Sizing.RISK,
        risk_pct=D("0.1"),
        spread_pct=D("0.02"),
        slippage_range_pct=D(5),
        maker_fee_pct=D("0.02"),
    ),
}


@pytest.mark.parametrize("trade", TRADES.values(), ids=TRADES.keys())
def test_every_row_is_what_a_backtest_says(candles: Path, trade: TradeSettings) -> None:
    exits = EXITS if trade.trailing_activate_pct is None else {"take_profit_pct": "off,0.3"}
    plan = plan_of(candles, {"fast": "5,9", "slow": "21,200"} | exits, trade)
    rows = played(plan)
    assert len({row.net_pnl for row in rows}) > len(rows) // 2
    assert_as_alone(plan, rows)


@pytest.mark.parametrize("seed", range(6))
def test_levels_met_exactly_new_peaks_and_missing_candles(tmp_path: Path, seed: int) -> None:
    path = write_walk(tmp_path / "walk.csv", 4_000, seed)
    whole = TradeSettings(fee_pct=D(0), position_pct=D(100), max_position_pct=None)
    values = {
        "fast": "5,20",
        "slow": "60,150",
        "stop_loss_pct": "off,0.3,1",
        "take_profit_pct": "off,0.5,3",
        "max_drawdown_pct": "off,1.5",
    }
    plan = plan_of(path, values, whole)
    rows = played(plan)
    assert max(row.net_pnl for row in rows) > 0
    assert len({row.net_pnl for row in rows}) > 10
    assert_as_alone(plan, rows)


def any_settings(rng: np.random.Generator) -> TradeSettings:
    """Some of everything, as it comes."""

    def some(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    def pct(*texts: str) -> Decimal | None:
        text = some("", *texts)
        return D(text) if text else None

    trailing = pct("0.2", "0.6")
    activate = pct("0.1", "0.4") if trailing else None
    leverage = some(None, None, 3, 50)
    return TradeSettings(
        fee_pct=D(some("0", "0.02", "0.1")),
        maker_fee_pct=pct("0.01"),
        fee_coin=FeeCoin.QUOTE if leverage else some(*FeeCoin),
        slippage_pct=D(some("0", "0.01")),
        slippage_range_pct=D(some("0", "3")),
        spread_pct=D(some("0", "0.02")),
        position_pct=D(some("5", "25")),
        leverage=leverage,
        direction=some(*Direction),
        stop_loss_pct=pct("0.2", "0.8"),
        take_profit_pct=pct("0.3", "1"),
        trailing_pct=trailing,
        trailing_activate_pct=activate,
        trailing_before_pct=pct("0.5") if activate else None,
        break_even_pct=pct("0.2"),
        time_limit_min=some(None, 30, 600),
        target_steps=some((), (TargetStep(5, D("0.6")), TargetStep(60, D("0.1")))),
        partial_targets=some((), (PartialTarget(D("0.2"), D(50)), PartialTarget(D(1), D(50)))),
        adds=some((), (AddStep(D("0.3"), D(1)),)),
        path=some(*PathRule),
        cooldown_min=some(None, 20),
        max_trades_per_day=some(None, 12),
        daily_loss_pct=pct("0.5"),
        max_drawdown_pct=pct("2", "8"),
        stop_guard=some(None, StopGuard(2, 90)),
    )


@pytest.mark.parametrize("seed", range(24))
def test_any_settings(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = write_walk(tmp_path / "walk.csv", 2_500, seed)
    trade = any_settings(rng)
    plan = plan_of(path, {"fast": "4,12", "slow": "20,90"}, trade)
    assert_as_alone(plan, played(plan))


@pytest.mark.parametrize("strategy", ["grid", "rsi_reversion"])
def test_other_strategies_and_steeper_markets(tmp_path: Path, strategy: str) -> None:
    path = write_candles(tmp_path / "steep.csv", 3_000, seed=8, step="2")
    plan = plan_of(path, {"period": "5:25:10", "stop_loss_pct": "0.5,4"}, strategy=strategy)
    assert_as_alone(plan, played(plan))


def test_sets_begin_with_the_past_they_would_have_alone(candles: Path) -> None:
    from_at, to_at = BEGINS_AT + 1_000 * MINUTE, BEGINS_AT + 2_500 * MINUTE
    plan = plan_of(candles, {"fast": "5", "slow": "20,900"}, from_at=from_at, to_at=to_at)
    assert_as_alone(plan, played(plan))


def test_a_range_that_ends_inside_a_block_and_few_bars(candles: Path) -> None:
    for bars in (1, 2, 31, 32, 33, 65):
        plan = plan_of(
            candles,
            {"fast": "2,3", "slow": "4", "stop_loss_pct": "0.1"},
            TradeSettings(),
            from_at=BEGINS_AT + 500 * MINUTE,
            to_at=BEGINS_AT + (500 + bars) * MINUTE,
        )
        assert_as_alone(plan, played(plan))


def test_finer_candles_and_funding(candles: Path, tmp_path: Path) -> None:
    funding = tmp_path / "funding.csv"
    times = range(BEGINS_AT, BEGINS_AT + 5_000 * MINUTE, 480 * MINUTE)
    funding.write_text(
        "time,rate\n" + "".join(f"{at},{(-1) ** place * 0.003}\n" for place, at in enumerate(times))
    )
    coarse = tmp_path / "coarse.csv"
    write_coarse(candles, coarse, 5)
    trade = replace(PLAIN, leverage=5)
    plan = plan_of(
        coarse,
        {"fast": "3", "slow": "8,40", "take_profit_pct": "off,0.4"},
        trade,
        fine_path=str(candles),
        funding_path=str(funding),
    )
    assert_as_alone(plan, played(plan))


def test_real_candles() -> None:
    path = real_file()
    if path is None:
        pytest.skip("TRADER_TEST_DATA does not point to the real candles")
    plan = plan_of(path, {"fast": "5,30", "slow": "60", "stop_loss_pct": "off,0.6"})
    assert_as_alone(plan, played(plan))


def test_settings_that_only_fit_together_in_a_set(candles: Path) -> None:
    risky = TradeSettings(sizing=Sizing.RISK, risk_pct=D("0.5"))
    plan = plan_of(candles, {"stop_loss_pct": "0.5,1"}, risky)
    assert_as_alone(plan, played(plan))
