"""muldiv against exact fractions, through the compiled code."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

import numba
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.core import codes
from engine.core.muldiv import OVERFLOW, muldiv

TOP = 2**63 - 1
NUMBERS = st.one_of(st.integers(0, TOP), st.integers(0, 63).map(lambda bits: (1 << bits) - 1))
DIVISORS = st.one_of(st.integers(1, TOP), st.sampled_from((1, 2, 1_000_000, TOP)))


@pytest.fixture(scope="module")
def compiled() -> Callable[[int, int, int, int], int]:
    """Parts have no door for Python: a caller compiled around it."""

    @numba.njit("int64(int64, int64, int64, int64)")  # type: ignore[untyped-decorator]
    def call(a: int, b: int, c: int, rounding: int) -> int:
        return muldiv(a, b, c, rounding)

    door: Callable[[int, int, int, int], int] = call
    return door


@settings(max_examples=1_000, deadline=None)
@given(NUMBERS, NUMBERS, DIVISORS)
@example(TOP, TOP, TOP)
@example(TOP, 2, 1)
@example(TOP, 1, 1)
@example(1 << 32, 1 << 31, 1)
@example(TOP, TOP - 1, TOP)
@example(3, 6_148_914_691_236_517_205, 2)
@example(253_921, 145_295_143_558_111, 2)  # 2^64 - 1/2: rounded up it leaves 64 bits
def test_muldiv_is_exact_or_says_that_it_does_not_fit(
    compiled: Callable[[int, int, int, int], int], a: int, b: int, c: int
) -> None:
    exact = Fraction(a * b, c)
    for rounding, wanted in ((codes.DOWN, floor(exact)), (codes.UP, ceil(exact))):
        assert compiled(a, b, c, rounding) == (wanted if wanted <= TOP else OVERFLOW)


@settings(max_examples=500, deadline=None)
@given(NUMBERS, st.integers(0, codes.PPM + 1))
@example(TOP, codes.PPM)
@example(TOP, codes.PPM - 1)
def test_a_share_is_exact(
    compiled: Callable[[int, int, int, int], int], money: int, ppm: int
) -> None:
    exact = Fraction(money * ppm, codes.PPM)
    for rounding, wanted in ((codes.DOWN, floor(exact)), (codes.UP, ceil(exact))):
        got = compiled(money, ppm, codes.PPM, rounding)
        assert got == (wanted if wanted <= TOP else OVERFLOW)
