"""What stories are told about: markets, their generated candles, strategies to choose from."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.domain.strategy import Parameter, StrategyCard

MINUTE = 60_000
START_AT = 1_773_297_000_000
"""2026-03-12 06:30 UTC."""
BTC = Market("BTC/USDT", Decimal("0.1"), Decimal("0.0001"), Decimal("0.0001"), source="SIMULATED")
ETH = Market("ETH/USDT", Decimal("0.01"), Decimal("0.001"), Decimal("0.001"), source="SIMULATED")
SOL = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal("0.01"), source="SIMULATED")
CARDS = (
    StrategyCard(
        "ema_cross",
        "EMA cross",
        "Buys when the fast average crosses above the slow one.",
        (
            Parameter("fast", "Fast EMA", 9, 2, 100, 1, "bars"),
            Parameter("slow", "Slow EMA", 21, 3, 400, 1, "bars"),
        ),
    ),
    StrategyCard(
        "rsi_reversion",
        "RSI reversion",
        "Buys when the RSI comes back up from oversold.",
        (
            Parameter("period", "RSI period", 14, 2, 100, 1, "bars"),
            Parameter("low", "Oversold", Decimal(30), Decimal(1), Decimal(50), Decimal("0.5")),
        ),
    ),
    StrategyCard("signals_file", "Signals file", "Trades what a CSV says.", (), True),
)


def candles(market: Market, count: int, *, seed: int = 1, first: float = 97_000.0) -> Candles:
    """A seeded walk of 1m candles on the market's price step."""
    chance = np.random.default_rng(seed)
    step = float(market.price_step)
    close = first * np.exp(np.cumsum(chance.normal(0.00002, 0.0009, count)))
    opened = np.concatenate([[first], close[:-1]])
    spread = first * np.abs(chance.normal(0, 0.0005, (2, count)))
    high, low = np.maximum(opened, close) + spread[0], np.minimum(opened, close) - spread[1]
    o, h, lo, c = (np.rint(part / step) * step for part in (opened, high, low, close))
    at = START_AT + MINUTE * np.arange(count, dtype=np.int64)
    return Candles(at, o, h, lo, c, chance.gamma(2, 8, count), MINUTE)


def average(values: np.ndarray, span: int) -> np.ndarray:
    """Simple moving average, NaN while warming up."""
    out = np.full(len(values), np.nan)
    if len(values) >= span:
        total = np.cumsum(np.concatenate([[0.0], values]))
        out[span - 1 :] = (total[span:] - total[:-span]) / span
    return out
