"""The steps in which a market's prices and amounts are counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, FloatColumn
from engine.domain.money import EQUITY_HEADROOM, MONEY_LIMIT, plain
from engine.errors import FileRefused, InvalidSetting

FINEST_DIGITS: Final = 10
DEFAULT_AMOUNT_UNIT: Final = Decimal("0.00000001")
_COARSEST_UNIT: Final = Decimal(1_000_000)
_DUST: Final = 1e-6
_FEE_DIGITS: Final = 3
"""Fees in the coin need a unit a thousand times finer than what may be ordered, or 1e-8."""
_EXACT_FLOATS: Final = float(1 << 53)
_SAMPLE: Final = 1_000
_BLOCK: Final = 1 << 14


def multiples(prices: FloatColumn, step: Decimal) -> BoolColumn:
    """Which prices are a multiple of `step`: within 1e-6 of a step, or exactly the float that
    the multiple reads as (at large counts one float apart is more than 1e-6 of a step)."""
    top, bottom = (float(part) for part in step.as_integer_ratio())
    with np.errstate(invalid="ignore", over="ignore"):
        exact = prices * bottom / top
        counts = np.rint(exact)
        near = np.abs(exact - counts) <= _DUST
        same = counts * top / bottom == prices
        reached = (counts != 0) | (prices == 0)  # a price far below one step is no dust
        fits: BoolColumn = (near | same) & reached & (np.abs(counts * top) < _EXACT_FLOATS)
    return fits


def find_price_step(*columns: FloatColumn) -> Decimal:
    """Largest 10^-k, k = 0..10, of which every price is a multiple; FileRefused if none fits."""
    prices = np.concatenate(columns) if columns else np.empty(0, np.float64)
    sample = prices[:: max(1, len(prices) // _SAMPLE)]
    for digits in range(FINEST_DIGITS + 1):
        step = Decimal(1).scaleb(-digits)
        if multiples(sample, step).all() and _all_multiples(prices, step):
            return step
    finest = Decimal(1).scaleb(-FINEST_DIGITS)
    odd = prices[~multiples(prices, finest)]
    raise FileRefused(
        f"The prices are no multiples of any step down to {plain(finest)}, for example "
        f"{float(odd[0])!r}. Nothing was taken. Give the market's price step, or round the prices "
        "in the file."
    )


def _all_multiples(prices: FloatColumn, step: Decimal) -> bool:
    """In blocks that stay in the processor's cache, which is several times faster."""
    blocks = (prices[start : start + _BLOCK] for start in range(0, len(prices), _BLOCK))
    return all(multiples(block, step).all() for block in blocks)


def check_price_step(candles: Candles, step: Decimal) -> None:
    """InvalidSetting for a step that is no step, or that some price is no multiple of."""
    if not step.is_finite() or step <= 0:
        raise InvalidSetting(f"The price step must be above 0, not {step}.", field="price_step")
    for prices in (candles.open, candles.high, candles.low, candles.close):
        fits = multiples(prices, step)
        if not fits.all():
            odd = float(prices[np.argmin(fits)])
            raise InvalidSetting(
                f"{odd!r} is not a multiple of the price step {plain(step)}. Choose a finer step, "
                "or leave it out to have it found.",
                field="price_step",
            )


def choose_units(
    price_step: Decimal, order_step: Decimal | None, cash: Decimal, *, fee_in_base: bool = False
) -> tuple[Decimal, Decimal]:
    """(order step, amount unit) in which `cash` keeps its headroom below the money limit.

    Without an order step both are 1e-8, made ten times coarser until they fit. A given order
    step is kept; the unit is a power of ten finer, down to 1e-8 where the money allows: money is
    counted in price step x unit, and a fee must not be rounded to whole orders. Where fees are
    kept back from what is bought (`fee_in_base`) some digits finer is a must. InvalidSetting says
    what does not fit.
    """
    if cash < price_step * (order_step or DEFAULT_AMOUNT_UNIT):
        raise InvalidSetting(
            f"A balance of {plain(cash)} is smaller than the smallest amount of money here. Start "
            "with more cash.",
            field="cash",
        )
    if order_step is not None:
        return order_step, _unit_of(price_step, order_step, cash, fee_in_base)
    unit = DEFAULT_AMOUNT_UNIT
    while not _holds(price_step, unit, cash):
        unit *= 10
        if unit > _COARSEST_UNIT:
            raise InvalidSetting(
                f"A balance of {plain(cash)} cannot be kept exactly in steps of "
                f"{plain(price_step)}. Start with less cash, or give a coarser price step.",
                field="cash",
            )
    return unit, unit


def _unit_of(price_step: Decimal, order_step: Decimal, cash: Decimal, fee_in_base: bool) -> Decimal:
    """The finest unit down to 1e-8 that fits."""
    if not order_step.is_finite() or order_step <= 0:
        raise InvalidSetting(
            f"The amount step must be above 0, not {order_step}.", field="amount_step"
        )
    finest = max(0, (order_step / DEFAULT_AMOUNT_UNIT).adjusted())
    coarsest = min(finest, _FEE_DIGITS) if fee_in_base else 0
    for digits in range(finest, coarsest - 1, -1):
        unit = order_step.scaleb(-digits)
        if _holds(price_step, unit, cash):
            return unit
    why = " and fees that are kept back from it" if fee_in_base else ""
    raise InvalidSetting(
        f"With price step {plain(price_step)} and amount step {plain(order_step)}{why} a "
        f"balance of {plain(cash)} cannot be kept exactly. Choose a coarser amount step "
        "or less cash.",
        field="amount_step",
    )


def _holds(price_step: Decimal, unit: Decimal, cash: Decimal) -> bool:
    return EQUITY_HEADROOM * cash < MONEY_LIMIT * price_step * unit
