"""The market of a candle file: what a price and an amount are counted in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from engine.core.price_step import check_price_step, choose_units, find_price_step
from engine.domain.candles import Candles
from engine.domain.market import Market, check_symbol
from engine.domain.money import plain
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
    check_symbol(symbol)
    if price_step is None:
        price_step = find_price_step(candles.open, candles.high, candles.low, candles.close)
    else:
        check_price_step(candles, price_step)
    order_step, amount_unit = choose_units(price_step, amount_step, cash)
    cheapest = Decimal(float(candles.low.min()))
    if order_step * cheapest > cash:
        raise InvalidSetting(
            f"One amount step of {plain(order_step)} costs more than the balance of {plain(cash)}, "
            "so nothing could ever be bought. Choose a smaller amount step or more cash.",
            field="cash" if amount_step is None else "amount_step",
        )
    return Market(symbol.strip(), price_step, order_step, amount_unit, source=path.name)
