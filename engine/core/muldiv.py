"""a x b / c through 128 bits, exact, with named rounding. Compiled parts of the kernel."""

from __future__ import annotations

from typing import Final

import numpy as np

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
def _wide_product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """High and low 64 bits of a x b."""
    a_low, a_high = a & _LOW_HALF, a >> _HALF
    b_low, b_high = b & _LOW_HALF, b >> _HALF
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    other = a_low * b_high + (middle & _LOW_HALF)
    high = a_high * b_high + (middle >> _HALF) + (other >> _HALF)
    return high, (other << _HALF) | (low & _LOW_HALF)


@part
def _divide(high: np.uint64, low: np.uint64, divisor: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Quotient and remainder of high:low / divisor, for high < divisor < 2^63: the remainder
    stays below 2^63, so it can be doubled without losing a bit."""
    remainder, quotient = high, low
    for _ in range(64):
        remainder = (remainder << _ONE) | (quotient >> _TOP_BIT)
        quotient = quotient << _ONE
        if remainder >= divisor:
            remainder = remainder - divisor
            quotient = quotient | _ONE
    return quotient, remainder


@part
def _quotient(a: int, b: int, c: int) -> tuple[int, bool]:
    """floor(a x b / c) or OVERFLOW, and whether something was left over."""
    high, low = _wide_product(np.uint64(a), np.uint64(b))
    divisor = np.uint64(c)
    if high == _ZERO:
        quotient = low // divisor
        remainder = low - quotient * divisor
    elif high >= divisor:
        return OVERFLOW, False
    else:
        quotient, remainder = _divide(high, low, divisor)
    if quotient > _INT64_MAX:
        return OVERFLOW, False
    exact: int = np.int64(quotient)  # type: ignore[assignment]  # numba has no int()
    left: bool = remainder != _ZERO
    return exact, left


@part
def muldiv_floor(a: int, b: int, c: int) -> int:
    """floor(a x b / c) for a, b >= 0 and c > 0; OVERFLOW (-1) if it does not fit int64."""
    return _quotient(a, b, c)[0]


@part
def muldiv_ceil(a: int, b: int, c: int) -> int:
    """ceil(a x b / c) for a, b >= 0 and c > 0; OVERFLOW (-1) if it does not fit int64."""
    quotient, left = _quotient(a, b, c)
    if left and quotient >= 0:
        if quotient == np.int64(_INT64_MAX):
            return OVERFLOW
        return quotient + 1
    return quotient
