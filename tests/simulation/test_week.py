"""What a bot leaves in memory does not grow with the days it has run."""

from __future__ import annotations

from typing import Final

from tests.simulation.week import evenings

BOTS = 4
CANDLES = 96
"""Of a bot's day."""
LEFT_BYTES: Final = 1_500
"""Of arrays, by each of them: its place in columns that double as they grow."""


def test_a_day_leaves_no_objects_behind() -> None:
    before, after = evenings(BOTS, days=3, first=2)
    assert after.trades > before.trades
    more, candles = after.kinds - before.kinds, BOTS * CANDLES
    assert after.objects - before.objects < candles / 2, more.most_common(10)
    assert after.arrays - before.arrays < candles / 10
    assert after.array_bytes - before.array_bytes < candles * LEFT_BYTES
