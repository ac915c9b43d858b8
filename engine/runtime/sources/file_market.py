"""The market of recorded candles: what a price and an amount are counted in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.core.price_step import check_price_step, choose_units, find_price_step
from engine.domain.candles import Candles
from engine.domain.market import Market, check_symbol
from engine.domain.money import plain
from engine.domain.setting_checks import check_range
from engine.errors import InvalidSetting
from engine.language import localised, tr


def file_market(
    source: str,
    symbol: str,
    candles: Candles,
    cash: Decimal,
    price_step: Decimal | None = None,
    amount_step: Decimal | None = None,
    *,
    fine: Candles | None = None,
    min_amount: Decimal = Decimal(0),
    min_notional: Decimal = Decimal(0),
    fee_in_base: bool = False,
    listed_step: Decimal | None = None,
) -> Market:
    """The market of recorded candles: steps and minimums given by a person, or steps found in its
    prices and those of `fine`, candles of the same market. `source` is where they come from, for
    a person. `listed_step` is what the exchange says today: it counts if all prices are multiples
    of it, for it may have been finer once. InvalidSetting for what nothing could be traded in."""
    check_symbol(symbol)
    check_range("min_amount", tr("The smallest amount"), min_amount, Decimal(0), None)
    check_range("min_notional", tr("The smallest order value"), min_notional, Decimal(0), None)
    every = [candles] if fine is None else [candles, fine]
    if price_step is None and listed_step is not None and fits_step(every, listed_step):
        price_step = listed_step
    elif price_step is None:
        price_step = find_price_step(
            *(prices for one in every for prices in (one.open, one.high, one.low, one.close))
        )
    else:
        for one in every:
            check_price_step(one, price_step)
    order_step, amount_unit = choose_units(price_step, amount_step, cash, fee_in_base=fee_in_base)
    cheapest = Decimal(float(candles.low.min()))
    if order_step * cheapest > cash:
        raise InvalidSetting(
            tr(
                "One amount step of {step} costs more than the balance of {balance}, so "
                "nothing could ever be bought. Choose a smaller amount step or more "
                "cash.",
                step=localised(plain(order_step)),
                balance=localised(plain(cash)),
            ),
            field="cash" if amount_step is None else "amount_step",
        )
    return Market(
        symbol.strip(), price_step, order_step, amount_unit, min_amount, min_notional, source
    )


def fits_step(every: Sequence[Candles], step: Decimal) -> bool:
    """Whether all prices are multiples of it."""
    try:
        for one in every:
            check_price_step(one, step)
    except InvalidSetting:
        return False
    return True
