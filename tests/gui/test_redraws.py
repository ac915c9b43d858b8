"""How long the window rests after a redraw."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.stopwatch import Stopwatch
from trader_gui.event_loop.redraws import LONGEST_REST_MS, REDRAW_MS, REST, Redraws


@pytest.mark.parametrize(
    ("took_ms", "rest_ms"),
    [(1, REDRAW_MS), (5, REST * 5), (LONGEST_REST_MS - 100, LONGEST_REST_MS)],
)
def test_a_redraw_that_took_long_is_followed_by_a_longer_rest_but_no_standstill(
    qtbot: QtBot, took_ms: int, rest_ms: int
) -> None:
    redraws, watch, drawn = Redraws(), Stopwatch(), list[int]()
    redraws._since = watch  # type: ignore[assignment]

    def draw() -> None:
        drawn.append(1)
        watch.ms = took_ms

    redraws.due.connect(draw)
    redraws.wish()
    redraws.wish()
    assert redraws.rest_ms == REDRAW_MS
    redraws._timer.timeout.emit()
    redraws.stop()
    assert drawn == [1]
    redraws.wish()
    assert redraws.rest_ms == rest_ms - took_ms  # counted from where the redraw began
    redraws.stop()
    watch.ms = rest_ms + 1_000
    redraws.wish()
    assert redraws.rest_ms == 0  # nobody wished for so long: at once
    redraws.stop()
