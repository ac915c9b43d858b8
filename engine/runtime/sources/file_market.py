"""The market of a candle file: what a price and an amount are counted in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from engine.core.price_step import check_price_step, choose_units, find_price_step
from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.errors import InvalidSetting


def file_market(
    path: Path,
    symbol: str,
    candles: Candles,
    cash: Decimal,
    price_step: Decimal | None = None,
    amount_step: Decimal | None = None,
) -> Market:
    """The market of a candle file: steps given by a person, or found in its prices."""
    if not symbol.strip():
        raise InvalidSetting("The symbol is empty. Write it as BTC/USDT.", field="symbol")
    if price_step is None:
        price_step = find_price_step(candles.open, candles.high, candles.low, candles.close)
    else:
        check_price_step(candles, price_step)
    order_step, amount_unit = choose_units(price_step, amount_step, cash)
    return Market(symbol.strip(), price_step, order_step, amount_unit, source=path.name)
