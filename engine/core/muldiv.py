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
_BASE: Final = np.uint64(1 << 32)
_ALL: Final = np.uint64(64)
_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_INT64_MAX: Final = np.uint64(0x7FFFFFFFFFFFFFFF)
_MOST: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_STEPS: Final = tuple((np.uint64(step), np.uint64(1 << 64 - step)) for step in (32, 16, 8, 4, 2, 1))
"""So many places to the left where a divisor is below: then its highest bit is set."""


@part
def _digit(head: np.uint64, after: np.uint64, divisor: np.uint64) -> np.uint64:
    """One digit of base 2^32 of (head, after) / divisor: guessed from the divisor's upper half and
    put right, which takes two corrections at most."""
    upper, lower = divisor >> _HALF, divisor & _LOW_HALF
    digit = head // upper
    left = head - digit * upper
    while digit >= _BASE or digit * lower > (left << _HALF | after):
        digit = digit - _ONE
        left = left + upper
        if left >= _BASE:
            break
    return digit


@part
def _divide_wide(high: np.uint64, low: np.uint64, divisor: np.uint64) -> tuple[np.uint64, bool]:
    """Quotient of high:low / divisor and whether something is left over, for high < divisor.

    Long division with two digits of 32 bits (Knuth, The Art of Computer Programming 4.3.1, D)
    after both were shifted so that the divisor's highest bit is set.
    """
    shift = _ZERO
    for step, least in _STEPS:
        if divisor < least:
            divisor = divisor << step
            shift = shift + step
    if shift > _ZERO:
        high = (high << shift) | (low >> (_ALL - shift))
        low = low << shift
    first = _digit(high, low >> _HALF, divisor)
    rest = ((high << _HALF) | (low >> _HALF)) - first * divisor  # what wraps around cancels out
    second = _digit(rest, low & _LOW_HALF, divisor)
    rest = ((rest << _HALF) | (low & _LOW_HALF)) - second * divisor
    left: bool = rest != _ZERO
    return (first << _HALF) | second, left


@part
def _wide(a: int, b: int) -> tuple[np.uint64, np.uint64]:
    """(upper, lower) 64 bits of a x b for a, b >= 0."""
    a_low, a_high = np.uint64(a) & _LOW_HALF, np.uint64(a) >> _HALF
    b_low, b_high = np.uint64(b) & _LOW_HALF, np.uint64(b) >> _HALF
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    other = a_low * b_high + (middle & _LOW_HALF)
    high = a_high * b_high + (middle >> _HALF) + (other >> _HALF)
    return high, (other << _HALF) | (low & _LOW_HALF)


@part
def times(a: int, b: int) -> int:
    """a x b for a, b >= 0; -1 if it does not fit int64."""
    high, low = _wide(a, b)
    if high != _ZERO or low > _INT64_MAX:
        return OVERFLOW
    exact: int = np.int64(low)  # type: ignore[assignment]  # numba has no int()
    return exact


@part
def muldiv(a: int, b: int, c: int, rounding: int) -> int:
    """a x b / c for a, b >= 0 and c > 0, rounded DOWN or UP; -1 if it does not fit int64."""
    if c == codes.PPM and b <= codes.PPM:  # a share, as most are: nothing wide, and no division
        whole, rest = a // codes.PPM, a % codes.PPM
        share = rest * b + (codes.PPM - 1 if rounding == codes.UP else 0)
        return whole * b + share // codes.PPM
    divisor = np.uint64(c)
    high, low = _wide(a, b)
    if high == _ZERO:
        quotient = low // divisor
        left = quotient * divisor != low
    elif high < divisor:
        quotient, left = _divide_wide(high, low, divisor)
    else:
        return OVERFLOW
    if rounding == codes.UP and left and quotient != _MOST:
        quotient = quotient + _ONE
    if quotient > _INT64_MAX:
        return OVERFLOW
    exact: int = np.int64(quotient)  # type: ignore[assignment]  # numba has no int()
    return exact
