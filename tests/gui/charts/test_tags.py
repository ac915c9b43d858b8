"""Axis tags never cover each other, and the current price keeps its place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_gui.charts.layers.levels import fitted_range
from trader_gui.charts.layers.tags import spread

HEIGHT = 600.0
WISHES = st.lists(st.floats(-2000, 2000), min_size=1, max_size=8)


@given(WISHES, st.data())
def test_tags_do_not_overlap_stay_inside_and_keep_their_order(
    wishes: list[float], data: st.DataObject
) -> None:
    heights = [20.0] * len(wishes)
    fixed = data.draw(st.none() | st.integers(0, len(wishes) - 1))
    if fixed is not None:
        # room for all on either side of the fixed tag
        wishes[fixed] = data.draw(st.floats(200, 400))
    placed = spread(wishes, heights, 0.0, HEIGHT, fixed)
    if fixed is not None:
        assert placed[fixed] == wishes[fixed]
    order = sorted(range(len(wishes)), key=lambda i: (wishes[i], i))
    for above, below in pairwise(order):
        assert placed[below] - placed[above] >= 20 - 1e-9
    assert min(placed) >= 10 - 1e-9
    assert max(placed) <= HEIGHT - 10 + 1e-9


def test_a_tag_with_room_stays_where_it_wants_to_be() -> None:
    assert spread([100.0, 200.0, 300.0], [20.0] * 3, 0.0, HEIGHT, fixed=1) == [100, 200, 300]


def test_neighbours_of_the_price_go_up_and_down_from_it() -> None:
    placed = spread([300.0, 295.0, 306.0], [34.0, 20.0, 20.0], 0.0, HEIGHT, fixed=0)
    assert placed == [300.0, 273.0, 327.0]


@pytest.mark.parametrize(
    ("level", "expected"),
    [(115.0, (100.0, 115.0)), (96.0, (96.0, 110.0)), (124.9, (100.0, 124.9)), (125.1, (100, 110))],
)
def test_a_level_stretches_the_scale_unless_it_is_too_far(
    level: float, expected: tuple[float, float]
) -> None:
    assert fitted_range(100.0, 110.0, [level]) == expected
