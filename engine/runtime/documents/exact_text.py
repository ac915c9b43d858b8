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
    texts = [str(value) if value >= 0 else str(-value) for value in values]
    wide = [text.zfill(places + 1) for text in texts]
    parts = [text[-places:].rstrip("0") for text in wide]
    shown = [
        f"{text[:-places]}.{part}" if part else text[:-places]
        for text, part in zip(wide, parts, strict=True)
    ]
    return [f"-{text}" if value < 0 else text for value, text in zip(values, shown, strict=True)]
