"""Event columns and the hash chain."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventColumns, EventKind, chain, observation


def rows(count: int, seed: int = 1) -> np.ndarray:
    table = np.random.default_rng(seed).integers(-(2**60), 2**60, (count, ev.EVENT_WIDTH))
    table[:, ev.KIND] = EventKind.FILL
    return table.astype(np.int64)


@given(st.lists(st.integers(0, 30), max_size=4))
def test_the_hash_does_not_depend_on_how_events_are_cut(cuts: list[int]) -> None:
    table = rows(30)
    edges = [0, *sorted(cuts), 30]
    now = EMPTY_HASH
    for start, stop in itertools.pairwise(edges):
        now = chain(now, table[start:stop])
    assert now == chain(EMPTY_HASH, table)


def test_one_changed_integer_changes_the_hash() -> None:
    table = rows(5)
    changed = table.copy()
    changed[3, ev.FEE] += 1
    assert chain(EMPTY_HASH, changed) != chain(EMPTY_HASH, table)


def test_observations_are_not_hashed() -> None:
    table = rows(2)
    seen = observation(EventKind.NOTE, 1_000)
    assert chain(EMPTY_HASH, np.vstack([table[:1], seen, table[1:]])) == chain(EMPTY_HASH, table)


def test_an_old_view_stays_true_while_the_log_grows() -> None:
    log = EventColumns()
    log.extend(rows(3), ["first", "", "third"])
    view = log.view()
    before = view.rows.copy()
    for seed in range(60):
        log.extend(rows(7, seed), None)
    assert len(view) == 3
    assert np.array_equal(view.rows, before)
    assert [view.note(index) for index in range(3)] == ["first", "", "third"]
    assert len(log.view()) == 3 + 60 * 7
