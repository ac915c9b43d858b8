"""In which order the fields of `TradeSettings` stand on a form, and which are folded away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FoldedKeys:
    """Fields that are seen when their part is opened; `nothing` is said while all are usual."""

    title: str
    keys: tuple[str, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class TradeSection:
    """`keys` are always seen, `folds` below them."""

    key: str
    title: str
    keys: tuple[str, ...]
    folds: tuple[FoldedKeys, ...]


RISK: Final = TradeSection(
    "risk",
    "Risk limits",
    (
        "sizing",
        "position_pct",
        "size_quote",
        "risk_pct",
        "cash",
        "max_trades_per_day",
        "daily_loss_pct",
        "max_drawdown_pct",
        "cooldown_min",
    ),
    (
        FoldedKeys(
            "More limits",
            ("guard_stops", "guard_minutes", "max_spread_pct", "max_position_pct"),
            "No stop guard, no spread limit",
        ),
        FoldedKeys("Futures", ("leverage", "maintenance_pct"), "Spot, no leverage"),
    ),
)
EXITS: Final = TradeSection(
    "exits",
    "Exits",
    ("take_profit_pct", "stop_loss_pct", "trailing_pct", "trailing_activate_pct"),
    (
        FoldedKeys(
            "More exits",
            (
                "time_limit_min",
                "break_even_pct",
                "trailing_before_pct",
                "target_steps",
                "partial_targets",
                "adds",
                "path",
            ),
            "No time limit, break-even, partial targets, adding",
        ),
    ),
)
COSTS: Final = TradeSection(
    "costs",
    "Costs",
    ("fee_pct", "maker_fee_pct", "slippage_pct", "spread_pct"),
    (FoldedKeys("More costs", ("fee_coin", "slippage_range_pct"), "Fees in the quote coin"),),
)
TRADE_SECTIONS: Final = (RISK, EXITS, COSTS)
