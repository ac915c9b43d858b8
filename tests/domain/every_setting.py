"""Settings of a trade in which everything is said."""

from __future__ import annotations

from decimal import Decimal

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

EVERYTHING = TradeSettings(
    cash=Decimal(5_000),
    fee_pct=Decimal("0.05"),
    maker_fee_pct=Decimal("0.02"),
    fee_coin=FeeCoin.THIRD,
    slippage_pct=Decimal("0.03"),
    slippage_range_pct=Decimal(5),
    spread_pct=Decimal("0.01"),
    sizing=Sizing.RISK,
    position_pct=Decimal(20),
    risk_pct=Decimal("1.5"),
    max_position_pct=Decimal(60),
    leverage=10,
    maintenance_pct=Decimal("0.4"),
    direction=Direction.SHORT,
    stop_loss_pct=Decimal(2),
    take_profit_pct=Decimal(6),
    trailing_pct=Decimal(1),
    trailing_activate_pct=Decimal(2),
    trailing_before_pct=Decimal(3),
    break_even_pct=Decimal("1.5"),
    time_limit_min=240,
    target_steps=(TargetStep(0, Decimal(5)), TargetStep(60, Decimal("2.5"))),
    partial_targets=(
        PartialTarget(Decimal(2), Decimal(50)),
        PartialTarget(Decimal(4), Decimal(25)),
    ),
    adds=(AddStep(Decimal(2), Decimal(1)), AddStep(Decimal(4), Decimal(2))),
    path=PathRule.NEAREST,
    cooldown_min=30,
    max_trades_per_day=4,
    daily_loss_pct=Decimal(3),
    max_drawdown_pct=Decimal(12),
    stop_guard=StopGuard(3, 120),
    max_spread_pct=Decimal("0.1"),
)
"""Each differs from its default but `size_quote`: the size is found another way."""
