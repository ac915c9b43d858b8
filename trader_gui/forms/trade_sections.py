"""In which order the fields of `TradeSettings` stand on a form, and which are folded away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.language import tr


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
    tr("Risk limits"),
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
            tr("More limits"),
            ("guard_stops", "guard_minutes", "max_spread_pct", "max_position_pct"),
            tr("No stop guard, no spread limit"),
        ),
        FoldedKeys(tr("Futures"), ("leverage", "maintenance_pct"), tr("Spot, no leverage")),
    ),
)
EXITS: Final = TradeSection(
    "exits",
    tr("Exits"),
    ("take_profit_pct", "stop_loss_pct", "trailing_pct", "trailing_activate_pct"),
    (
        FoldedKeys(
            tr("More exits"),
            (
                "time_limit_min",
                "break_even_pct",
                "trailing_before_pct",
                "target_steps",
                "partial_targets",
                "adds",
                "path",
            ),
            tr("No time limit, break-even, partial targets, adding"),
        ),
    ),
)
COSTS: Final = TradeSection(
    "costs",
    tr("Costs"),
    ("fee_pct", "maker_fee_pct", "slippage_pct", "spread_pct"),
    (
        FoldedKeys(
            tr("More costs"), ("fee_coin", "slippage_range_pct"), tr("Fees in the quote coin")
        ),
    ),
)
TRADE_SECTIONS: Final = (RISK, EXITS, COSTS)
