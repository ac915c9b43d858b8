"""What a session is played under, and the few numbers everything is measured in."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.settings import PathRule, Sizing

LIMIT = 2**62
MILLION = 1_000_000
DAY = 86_400_000
COLUMNS = (
    "kind no row_at at code action side price amount fee pnl cash position entry stop target "
    "trade limit actual stop_by cost collateral liquidation funding"
).split()

ADVERSE_FIRST = "adverse first"
"""Paths asked by the doubt only; like `PathRule.NEAREST` they end at the close."""
FAVOURABLE_FIRST = "favourable first"


@dataclass(frozen=True)
class Terms:
    """Settings in counts, milliseconds and parts per million; None is off."""

    fee: int = 0
    maker: int | None = None
    """None: as `fee`."""
    fee_in_base: bool = False
    slippage: int = 0
    slippage_range: int = 0
    spread: int = 0
    sizing: Sizing = Sizing.PERCENT
    position: int = 250_000
    size_quote: int = 0
    risk: int = 0
    ceiling: int | None = None
    leverage: int = 0
    maintenance: int = 0
    stop_loss: int | None = None
    take_profit: int | None = None
    trailing: int | None = None
    activation: int | None = None
    trailing_before: int | None = None
    break_even: int | None = None
    time_limit_ms: int = 0
    path: PathRule | str = PathRule.CONSERVATIVE
    target_steps: tuple[tuple[int, int], ...] = ()
    """(age in ms, distance)"""
    partials: tuple[tuple[int, int], ...] = ()
    """(distance, share of all that was bought; running totals)"""
    adds: tuple[tuple[int, int], ...] = ()
    """(distance, multiple of the first order)"""
    cooldown_ms: int = 0
    max_trades: int | None = None
    daily_loss: int | None = None
    max_drawdown: int | None = None
    guard_stops: int = 0
    guard_ms: int = 0
    max_spread: int | None = None
    order_step: int = 1
    min_amount: int = 0
    min_notional: int = 0
    timeframe_ms: int = 60_000
