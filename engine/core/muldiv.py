"""a x b / c through 128 bits, exact, with named rounding. A compiled part of the kernel."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import codes
from engine.core.compiled import part

OVERFLOW: Final = -1
"""The quotient does not fit int64."""

_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_TOP_BIT: Final = np.uint64(63)
_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_INT64_MAX: Final = np.uint64(0x7FFFFFFFFFFFFFFF)


@part
def _divide_wide(high: np.uint64, low: np.uint64, divisor: np.uint64) -> tuple[np.uint64, bool]:
    """Quotient of high:low / divisor and whether something is left over, for high < divisor
    < 2^63: the remainder stays below 2^63, so it can be doubled without losing a bit."""
    remainder, quotient = high, low
    for _ in range(64):
        remainder = (remainder << _ONE) | (quotient >> _TOP_BIT)
        quotient = quotient << _ONE
        if remainder >= divisor:
            remainder = remainder - divisor
            quotient = quotient | _ONE
    left: bool = remainder != _ZERO
    return quotient, left


@part
def muldiv(a: int, b: int, c: int, rounding: int) -> int:
    """a x b / c for a, b >= 0 and c > 0, rounded DOWN or UP; -1 if it does not fit int64."""
    divisor = np.uint64(c)
    a_low, a_high = np.uint64(a) & _LOW_HALF, np.uint64(a) >> _HALF
    b_low, b_high = np.uint64(b) & _LOW_HALF, np.uint64(b) >> _HALF
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    other = a_low * b_high + (middle & _LOW_HALF)
    high = a_high * b_high + (middle >> _HALF) + (other >> _HALF)
    low = (other << _HALF) | (low & _LOW_HALF)
    if high == _ZERO:
        quotient = low // divisor
        left = quotient * divisor != low
    elif high < divisor:
        quotient, left = _divide_wide(high, low, divisor)
    else:
        return OVERFLOW
    if rounding == codes.UP and left:
        quotient = quotient + _ONE  # stays below 2^64: the divisor is at least 2 here
    if quotient > _INT64_MAX:
        return OVERFLOW
    exact: int = np.int64(quotient)  # type: ignore[assignment]  # numba has no int()
    return exact
