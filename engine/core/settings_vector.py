"""Trade settings and market as the int64 vector the kernel reads."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

import numpy as np

from engine.domain.candles import MINUTE_MS
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.settings import TradeSettings, ppm

FEE_PPM: Final = 0
SLIPPAGE_PPM: Final = 1
POSITION_PPM: Final = 2
CEILING_PPM: Final = 3
"""Largest share of equity a position may take; OFF is none."""
STOP_LOSS_PPM: Final = 4
"""0 is none; so for the next two."""
TAKE_PROFIT_PPM: Final = 5
TRAILING_PPM: Final = 6
ACTIVATION_PPM: Final = 7
"""Profit that must be exceeded before trailing raises the stop; OFF is none."""
COOLDOWN_MS: Final = 8
"""0 is none."""
MAX_TRADES_PER_DAY: Final = 9
"""0 is none."""
ORDER_STEP: Final = 10
"""In amount units, as is MIN_AMOUNT."""
MIN_AMOUNT: Final = 11
MIN_NOTIONAL: Final = 12
"""In product units."""
TIMEFRAME_MS: Final = 13
SETTINGS_WIDTH: Final = 16

OFF: Final = -1


def kernel_settings(trade: TradeSettings, market: Market, timeframe_ms: int) -> IntColumn:
    """int64 (SETTINGS_WIDTH,). `trade` is checked and the market's units chosen before."""
    scale = market.scale
    vector = np.zeros(SETTINGS_WIDTH, np.int64)
    vector[FEE_PPM] = ppm(trade.fee_pct)
    vector[SLIPPAGE_PPM] = ppm(trade.slippage_pct)
    vector[POSITION_PPM] = ppm(trade.position_pct)
    vector[CEILING_PPM] = _ppm_or(trade.max_position_pct, OFF)
    vector[STOP_LOSS_PPM] = _ppm_or(trade.stop_loss_pct, 0)
    vector[TAKE_PROFIT_PPM] = _ppm_or(trade.take_profit_pct, 0)
    vector[TRAILING_PPM] = _ppm_or(trade.trailing_pct, 0)
    vector[ACTIVATION_PPM] = _ppm_or(trade.trailing_activate_pct, OFF)
    vector[COOLDOWN_MS] = (trade.cooldown_min or 0) * MINUTE_MS
    vector[MAX_TRADES_PER_DAY] = trade.max_trades_per_day or 0
    vector[ORDER_STEP] = int(market.order_step / market.amount_unit)
    vector[MIN_AMOUNT] = _count_up(market.min_amount, market.amount_unit)
    vector[MIN_NOTIONAL] = _count_up(market.min_notional, scale.product_unit)
    vector[TIMEFRAME_MS] = timeframe_ms
    return vector


def _ppm_or(percent: Decimal | None, missing: int) -> int:
    return missing if percent is None else ppm(percent)


def _count_up(value: Decimal, unit: Decimal) -> int:
    """A minimum as a count, rounded up so that it is really reached."""
    return int((value / unit).to_integral_value(ROUND_CEILING))
