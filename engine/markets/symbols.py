"""The symbols of the simulated market: their steps and how they like to move."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.domain.market import Market
from engine.messages.source_words import SIMULATED as SIMULATED


@dataclass(frozen=True, slots=True)
class Preset:
    """A market with the price it starts at and its usual volatility.

    `volatility`: standard deviation of the log price over one second. `spread`: bid to ask as a
    share of the price. `trade_value`: usual size of one trade in the quote coin.
    """

    market: Market
    price: Decimal
    volatility: float
    spread: float
    trade_value: float


def _preset(
    symbol: str, price: str, price_step: str, order_step: str, volatility: float, spread: float
) -> Preset:
    market = Market(
        symbol=symbol,
        price_step=Decimal(price_step),
        order_step=Decimal(order_step),
        amount_unit=Decimal("0.00000001"),
        min_amount=Decimal(order_step),
        min_notional=Decimal(5),
        source=SIMULATED,
    )
    return Preset(market, Decimal(price), volatility, spread, 1_500.0)


PRESETS: Final[dict[str, Preset]] = {
    preset.market.symbol: preset
    for preset in (
        _preset("BTC/USDT", "64250", "0.01", "0.00001", 0.75e-4, 0.4e-4),
        _preset("ETH/USDT", "3180", "0.01", "0.0001", 0.9e-4, 0.5e-4),
        _preset("SOL/USDT", "148", "0.01", "0.001", 1.2e-4, 0.75e-4),
        _preset("BNB/USDT", "590", "0.01", "0.001", 0.8e-4, 0.6e-4),
        _preset("XRP/USDT", "0.62", "0.0001", "0.1", 1.1e-4, 1.6e-4),
    )
}
"""Symbol -> preset, in the order in which they are offered."""
