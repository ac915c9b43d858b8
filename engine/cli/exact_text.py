"""Whole columns of exact money as text; one by one, Decimals took most of a long answer's time."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.domain.columns import IntColumn


def exact_texts(counts: IntColumn, step: Decimal) -> list[str]:
    """``plain(step * count)`` for each of `counts`."""
    _, digits, exponent = step.normalize().as_tuple()
    assert isinstance(exponent, int), "a step is a number"
    times = int("".join(map(str, digits))) * 10 ** max(0, exponent)
    places = max(0, -exponent)
    # A step of several digits may lead out of int64, where Python's own integers go on.
    values = [count * times for count in np.asarray(counts).tolist()]
    if not places:
        return [str(value) for value in values]
    return [_with_point(value, places) for value in values]


def _with_point(value: int, places: int) -> str:
    text = str(abs(value)).zfill(places + 1)
    whole, part = text[:-places], text[-places:].rstrip("0")
    shown = f"{whole}.{part}" if part else whole
    return f"-{shown}" if value < 0 else shown
