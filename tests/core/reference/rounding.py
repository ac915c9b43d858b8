"""Rounding of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from tests.core.reference.terms import MILLION


def up(top: int, bottom: int) -> int:
    return ceil(Fraction(top, bottom))


def down(top: int, bottom: int) -> int:
    return floor(Fraction(top, bottom))


def away_up(price: int, ppm: int) -> int:
    """`price` moved by parts per million (below zero: downwards), rounded up."""
    return up(price * (MILLION + ppm), MILLION)


def away_down(price: int, ppm: int) -> int:
    return down(price * (MILLION + ppm), MILLION)


def as_level(price: int) -> int:
    """0, no level, where no price can get."""
    return price if 0 < price < 2**63 else 0
