"""Days of the simulated world, by seed: whatever goes wrong in them, every invariant holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.day import play

pytestmark = [
    pytest.mark.expects_warnings,  # a broken disk is told in the log
    pytest.mark.timeout(480),
]

WHOLE = range(1, 11)
HOURS = 5.0
"""Of a day that broke something once: that was where it broke."""
KEPT = [  # what broke something once is played for ever
    int(line.split()[0])
    for line in (Path(__file__).parent / "seeds.txt").read_text("utf-8").splitlines()
    if line[:1].isdigit()
]


@pytest.mark.parametrize("seed", WHOLE)
def test_a_day(seed: int) -> None:
    assert play(seed).counts["looks"] > 500


@pytest.mark.parametrize("seed", sorted({*KEPT} - {*WHOLE}))
def test_a_day_that_broke_something_once(seed: int) -> None:
    assert play(seed, HOURS).counts["looks"] > 100


def test_the_same_seed_is_the_same_day_and_another_is_not() -> None:
    first, again, other = play(11, 3), play(11, 3), play(13, 3)
    assert (first.hash, first.counts) == (again.hash, again.counts)
    assert first.hash != other.hash


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", range(100, 200, 10))
def test_a_hundred_days(first: int) -> None:
    happened: Counter[str] = Counter()
    for seed in range(first, first + 10):
        try:
            happened += play(seed).counts
        except Exception as error:
            error.add_note(f"This was the day of seed {seed}.")
            raise
    wanted = ("kill", "restart", "disk locked", "disk full", "disk read-only", "machine slept")
    assert all(happened[what] for what in wanted), happened
