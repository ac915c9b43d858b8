"""What is told of equity in percent is what a plain walk along the candles tells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messages.equity_course import EquityCourse

WORTH = st.lists(st.integers(-(10**6), 10**15), max_size=40)


@given(WORTH, st.integers(0, 10**12))
def test_it_is_what_a_walk_tells(worth: list[int], first: int) -> None:
    at = np.arange(len(worth), dtype=np.int64)
    course = EquityCourse.of(at, np.array(worth, np.int64), first)
    start = float(first or (worth[0] if worth else 1)) or 1.0
    peak, deepest = start, 0.0
    for place, value in enumerate(worth):
        peak = max(peak, value)
        drawdown = 100 * (value / max(peak, 1) - 1)
        deepest = min(deepest, drawdown) if place else drawdown
        assert course.return_pct[place] == pytest.approx(
            100 * value / start - 100, rel=1e-9, abs=1e-6
        )
        assert course.drawdown_pct[place] == pytest.approx(drawdown, rel=1e-9, abs=1e-6)
        assert course.deepest_pct[place] == pytest.approx(deepest, rel=1e-9, abs=1e-6)
    assert len(course.at) == len(course.return_pct) == len(worth)


def test_its_times_are_in_one_piece() -> None:
    table = np.arange(8, dtype=np.int64).reshape(4, 2)
    course = EquityCourse.of(table[:, 0], table[:, 1], 1)
    assert course.at.flags.c_contiguous
    assert course.at.tolist() == [0, 2, 4, 6]
