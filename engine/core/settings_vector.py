"""Trade settings and market as the int64 vector the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Final

import numpy as np

from engine.domain.candles import MINUTE_MS
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.money import MONEY_LIMIT
from engine.domain.settings import MAX_STEPS, FeeCoin, PathRule, Sizing, TradeSettings, ppm

FEE_PPM: Final = 0
"""Of every fill but those at a target, partial or whole."""
MAKER_FEE_PPM: Final = 1
FEE_IN_BASE: Final = 2
"""1: a buy's fee is kept back from what was bought."""
SLIPPAGE_PPM: Final = 3
SLIPPAGE_RANGE_PPM: Final = 4
"""Share of the row's range that market and stop fills slip on top."""
SPREAD_PPM: Final = 5
"""The whole spread; fills pay half of it."""
SIZING: Final = 6
"""One of BY_PERCENT, BY_QUOTE, BY_RISK."""
POSITION_PPM: Final = 7
SIZE_QUOTE: Final = 8
"""Product units."""
RISK_PPM: Final = 9
CEILING_PPM: Final = 10
"""Largest share of equity a position may set aside; OFF is none."""
LEVERAGE: Final = 11
"""0 is spot."""
MAINTENANCE_PPM: Final = 12
"""0 for spot."""
STOP_LOSS_PPM: Final = 13
"""0 is none; so for all further ones where nothing else is said."""
TAKE_PROFIT_PPM: Final = 14
TRAILING_PPM: Final = 15
ACTIVATION_PPM: Final = 16
"""Profit that must be exceeded before trailing raises the stop; OFF is none."""
TRAILING_BEFORE_PPM: Final = 17
BREAK_EVEN_PPM: Final = 18
TIME_LIMIT_MS: Final = 19
PATH: Final = 20
"""One of the PATH_ codes."""
COOLDOWN_MS: Final = 21
MAX_TRADES_PER_DAY: Final = 22
DAILY_LOSS_PPM: Final = 23
MAX_DRAWDOWN_PPM: Final = 24
GUARD_STOPS: Final = 25
GUARD_MS: Final = 26
MAX_SPREAD_PPM: Final = 27
"""OFF is none."""
ORDER_STEP: Final = 28
"""In amount units, as is MIN_AMOUNT."""
MIN_AMOUNT: Final = 29
MIN_NOTIONAL: Final = 30
"""In product units."""
TIMEFRAME_MS: Final = 31
STEP_COUNT: Final = 32
STEP_MS: Final = 33
"""First of MAX_STEPS ages, rising; then as many targets in ppm. The next tables likewise."""
STEP_PPM: Final = STEP_MS + MAX_STEPS
PARTIAL_COUNT: Final = STEP_PPM + MAX_STEPS
PARTIAL_PPM: Final = PARTIAL_COUNT + 1
PARTIAL_SHARE_PPM: Final = PARTIAL_PPM + MAX_STEPS
"""Of all that was bought; running totals, so that 100 % is exactly all."""
ADD_COUNT: Final = PARTIAL_SHARE_PPM + MAX_STEPS
ADD_PPM: Final = ADD_COUNT + 1
ADD_TIMES_PPM: Final = ADD_PPM + MAX_STEPS
"""Multiple of the first order's amount."""
SETTINGS_WIDTH: Final = ADD_TIMES_PPM + MAX_STEPS

OFF: Final = -1

BY_PERCENT: Final = 0
BY_QUOTE: Final = 1
BY_RISK: Final = 2

PATH_CONSERVATIVE: Final = 0
"""Open, adverse extreme, favourable extreme; the close is not tested."""
PATH_NEAREST: Final = 1
"""Open, the nearer extreme (equally near: the adverse one), the other, close."""
PATH_ADVERSE_FIRST: Final = 2
"""Open, adverse extreme, favourable extreme, close. This and the next are asked by the doubt."""
PATH_FAVOURABLE_FIRST: Final = 3

_SIZINGS: Final = {Sizing.PERCENT: BY_PERCENT, Sizing.QUOTE: BY_QUOTE, Sizing.RISK: BY_RISK}
_PATHS: Final = {
    PathRule.CONSERVATIVE: PATH_CONSERVATIVE,
    PathRule.NEAREST: PATH_NEAREST,
}


def kernel_settings(trade: TradeSettings, market: Market, timeframe_ms: int) -> IntColumn:
    """int64 (SETTINGS_WIDTH,). `trade` is checked and the market's units chosen before."""
    vector = np.zeros(SETTINGS_WIDTH, np.int64)
    _put_money(vector, trade, market)
    _put_exits(vector, trade)
    _put_rules(vector, trade)
    vector[TIMEFRAME_MS] = timeframe_ms
    return vector


def _put_money(vector: IntColumn, trade: TradeSettings, market: Market) -> None:
    scale = market.scale
    maker = trade.fee_pct if trade.maker_fee_pct is None else trade.maker_fee_pct
    vector[FEE_PPM] = ppm(trade.fee_pct)
    vector[MAKER_FEE_PPM] = ppm(maker)
    vector[FEE_IN_BASE] = trade.fee_coin is FeeCoin.BASE
    vector[SLIPPAGE_PPM] = ppm(trade.slippage_pct)
    vector[SLIPPAGE_RANGE_PPM] = ppm(trade.slippage_range_pct)
    vector[SPREAD_PPM] = ppm(trade.spread_pct)
    vector[SIZING] = _SIZINGS[trade.sizing]
    vector[POSITION_PPM] = ppm(trade.position_pct)
    vector[SIZE_QUOTE] = min(scale.money_count(trade.size_quote or Decimal(0)), MONEY_LIMIT)
    vector[RISK_PPM] = _ppm_or(trade.risk_pct, 0)
    vector[CEILING_PPM] = _ppm_or(trade.max_position_pct, OFF)
    vector[LEVERAGE] = trade.leverage or 0
    vector[MAINTENANCE_PPM] = ppm(trade.maintenance_pct) if trade.leverage else 0
    vector[ORDER_STEP] = int(market.order_step / market.amount_unit)
    vector[MIN_AMOUNT] = _count_up(market.min_amount, market.amount_unit)
    vector[MIN_NOTIONAL] = _count_up(market.min_notional, scale.product_unit)


def _put_exits(vector: IntColumn, trade: TradeSettings) -> None:
    vector[STOP_LOSS_PPM] = _ppm_or(trade.stop_loss_pct, 0)
    vector[TAKE_PROFIT_PPM] = _ppm_or(trade.take_profit_pct, 0)
    vector[TRAILING_PPM] = _ppm_or(trade.trailing_pct, 0)
    vector[ACTIVATION_PPM] = _ppm_or(trade.trailing_activate_pct, OFF)
    vector[TRAILING_BEFORE_PPM] = _ppm_or(trade.trailing_before_pct, 0)
    vector[BREAK_EVEN_PPM] = _ppm_or(trade.break_even_pct, 0)
    vector[TIME_LIMIT_MS] = (trade.time_limit_min or 0) * MINUTE_MS
    vector[PATH] = _PATHS[trade.path]
    steps, parts, adds = trade.target_steps, trade.partial_targets, trade.adds
    vector[STEP_COUNT], vector[PARTIAL_COUNT], vector[ADD_COUNT] = len(steps), len(parts), len(adds)
    _put_table(vector, STEP_MS, [step.minutes * MINUTE_MS for step in steps])
    _put_table(vector, STEP_PPM, [ppm(step.pct) for step in steps])
    _put_table(vector, PARTIAL_PPM, [ppm(part.pct) for part in parts])
    shares = [part.share_pct for part in parts]
    totals = [sum(shares[: place + 1], Decimal(0)) for place in range(len(shares))]
    _put_table(vector, PARTIAL_SHARE_PPM, [ppm(total) for total in totals])
    _put_table(vector, ADD_PPM, [ppm(step.pct) for step in adds])
    _put_table(vector, ADD_TIMES_PPM, [ppm(step.times * 100) for step in adds])


def _put_rules(vector: IntColumn, trade: TradeSettings) -> None:
    vector[COOLDOWN_MS] = (trade.cooldown_min or 0) * MINUTE_MS
    vector[MAX_TRADES_PER_DAY] = trade.max_trades_per_day or 0
    vector[DAILY_LOSS_PPM] = _ppm_or(trade.daily_loss_pct, 0)
    vector[MAX_DRAWDOWN_PPM] = _ppm_or(trade.max_drawdown_pct, 0)
    if trade.stop_guard is not None:
        vector[GUARD_STOPS] = trade.stop_guard.stops
        vector[GUARD_MS] = trade.stop_guard.minutes * MINUTE_MS
    vector[MAX_SPREAD_PPM] = _ppm_or(trade.max_spread_pct, OFF)


def _put_table(vector: IntColumn, first: int, values: Sequence[int]) -> None:
    vector[first : first + len(values)] = values


def _ppm_or(percent: Decimal | None, missing: int) -> int:
    return missing if percent is None else ppm(percent)


def _count_up(value: Decimal, unit: Decimal) -> int:
    """A minimum as a count, rounded up so that it is really reached; no order reaches the limit."""
    return min(int((value / unit).to_integral_value(ROUND_CEILING)), MONEY_LIMIT)
