"""The compiled kernel against the slow reference, and against itself in pieces."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core import kernel
from engine.core import layout as slot
from engine.domain.columns import IntMatrix
from engine.domain.reasons import EndReason, ExitReason, Refusal
from engine.messages import events as column
from engine.messages.events import EVENT_WIDTH, OBSERVATIONS, EventKind
from tests.core.comparison import assert_equal, run
from tests.core.play import T0, vector
from tests.core.reference import Terms
from tests.core.scenarios import Scenario, long_walks, scenarios

MANY = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
ENDS = st.sampled_from((EndReason.END_OF_DATA, EndReason.STOPPED, None))
ANY = scenarios()


@MANY
@given(ANY, ENDS)
def test_every_event_and_the_last_state_equal_the_reference(
    scenario: Scenario, end: EndReason | None
) -> None:
    assert_equal(scenario, end)


@pytest.fixture(scope="module")
def told() -> IntMatrix:
    """All events of the long walks, each compared with the reference."""
    return np.concatenate(
        [assert_equal(scenario, EndReason.END_OF_DATA) for scenario in long_walks()]
    )


def codes_of(told: IntMatrix, kind: EventKind) -> set[int]:
    return set(told[told[:, column.KIND] == kind, column.CODE].tolist())


def test_long_walks_are_equal_and_meet_every_code(told: IntMatrix) -> None:
    kinds = {kind for kind in EventKind if kind < OBSERVATIONS}
    assert set(told[:, column.KIND].tolist()) == kinds
    assert codes_of(told, EventKind.TRADE_CLOSED) == set(ExitReason)
    assert codes_of(told, EventKind.REFUSAL) == set(Refusal)
    assert codes_of(told, EventKind.SESSION_ENDED) == set(EndReason) - {EndReason.ERROR}


@MANY
@given(ANY, st.data())
def test_rows_one_by_one_in_chunks_and_whole_are_equal_bit_for_bit(
    scenario: Scenario, data: st.DataObject
) -> None:
    count = len(scenario.rows)
    whole = run(scenario, None)
    cuts = data.draw(st.lists(st.integers(0, count), max_size=5))
    for pieces in (
        run(scenario, None, cuts=range(1, count), room=slot.MAX_EVENTS_PER_ROW),
        run(scenario, None, cuts=sorted(cuts)),
        run(scenario, None, room=slot.MAX_EVENTS_PER_ROW),
    ):
        assert np.array_equal(pieces.events, whole.events)
        pieces.state[slot.EVENTS_WRITTEN] = whole.state[slot.EVENTS_WRITTEN]
        assert np.array_equal(pieces.state, whole.state)


def test_each_entry_point_has_one_compiled_signature() -> None:
    for compiled in (kernel.advance, kernel.begin, kernel.finish):
        assert len(compiled.signatures) == 1  # type: ignore[union-attr]


def test_a_compiled_call_keeps_no_reference_to_its_arrays() -> None:
    # The kernel is compiled without reference counting; calls must leave counts as they were.
    state, settings_of = slot.new_state(1_000), vector(Terms())
    rows, signals = np.zeros((3, 6), np.int64), np.zeros(3, np.int32)
    events = np.zeros((slot.MAX_EVENTS_PER_ROW, EVENT_WIDTH), np.int64)
    arrays = (state, settings_of, rows, signals, events)
    before = [sys.getrefcount(array) for array in arrays]
    for _ in range(100):
        kernel.begin(state, settings_of, T0, events)
        kernel.advance(state, settings_of, rows, signals, events)
        kernel.finish(state, settings_of, events, int(EndReason.STOPPED))
    assert [sys.getrefcount(array) for array in arrays] == before
