"""What a bot leaves in memory does not grow with the days it has run."""

from __future__ import annotations

import pytest

from tests.simulation.week import evenings

BOTS = 4
CANDLES = 96
"""Of a bot's day."""


@pytest.mark.timeout(240)
def test_a_day_leaves_no_objects_behind() -> None:
    _, before, after = evenings(BOTS, days=3)
    assert after.trades > before.trades
    more = after.kinds - before.kinds
    assert after.objects - before.objects < BOTS * CANDLES / 2, more.most_common(10)
