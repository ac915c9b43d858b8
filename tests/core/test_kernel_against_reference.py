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
from engine.domain.reasons import EndReason, Refusal
from engine.messages.events import EVENT_WIDTH, EventKind
from tests.core.play import T0, Played, play, vector
from tests.core.reference import COLUMNS, Reference, Terms
from tests.core.scenarios import Scenario, long_scenario, scenarios

MANY = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
ENDS = st.sampled_from((EndReason.END_OF_DATA, EndReason.END_OF_DATA, EndReason.STOPPED))


def explained(events: IntMatrix, expected: IntMatrix) -> str:
    """The first event that differs, by column name."""
    for number, (got, wanted) in enumerate(zip(events, expected, strict=False)):
        if not np.array_equal(got, wanted):
            parts = [
                f"{name}: kernel {a}, reference {b}"
                for name, a, b in zip(COLUMNS, got, wanted, strict=True)
                if a != b
            ]
            return f"event {number} ({EventKind(int(wanted[0])).name}): " + "; ".join(parts)
    return f"kernel wrote {len(events)} events, reference {len(expected)}"


ANY = st.one_of(scenarios(), st.integers(0, 10**6).map(long_scenario))


def refer(scenario: Scenario, end: EndReason) -> Reference:
    slow = Reference(scenario.terms, scenario.cash)
    slow.begin(T0)
    slow.play(scenario.rows, scenario.signals)
    slow.finish(end)
    return slow


def run(scenario: Scenario, end: EndReason = EndReason.END_OF_DATA, **how: object) -> Played:
    return play(
        scenario.terms,
        scenario.cash,
        scenario.rows,
        scenario.signals,
        end=end,
        **how,  # type: ignore[arg-type]
    )


@MANY
@given(ANY, ENDS)
def test_every_event_and_the_last_state_equal_the_reference(
    scenario: Scenario, end: EndReason
) -> None:
    played, slow = run(scenario, end), refer(scenario, end)
    expected = slow.matrix()
    assert np.array_equal(played.events, expected), explained(played.events, expected)
    held, state = slow.held, played.state
    assert state[slot.CASH] == slow.cash
    assert state[slot.POSITION] == (held.side * held.amount if held else 0)
    assert state[slot.STOP] == (held.stop if held else 0)
    assert state[slot.TARGET] == (held.target if held else 0)
    assert state[slot.PAUSED] == slow.paused
    assert state[slot.ENDED] == 1
    counted = {code: int(state[slot.REFUSALS + code]) for code in Refusal}
    assert counted == {code: slow.refused.get(code, 0) for code in Refusal}


@pytest.mark.parametrize("seeds", [range(part * 40, part * 40 + 40) for part in range(5)])
def test_long_walks_equal_the_reference(seeds: range) -> None:
    kinds: set[int] = set()
    for seed in seeds:
        scenario = long_scenario(seed)
        played, slow = run(scenario), refer(scenario, EndReason.END_OF_DATA)
        expected = slow.matrix()
        assert np.array_equal(played.events, expected), (
            f"seed {seed}: {explained(played.events, expected)}"
        )
        kinds |= {int(kind) for kind in expected[:, 0]}
    assert kinds == {kind for kind in EventKind if kind < EventKind.POSITION_ADDED}


@MANY
@given(ANY, st.data())
def test_rows_one_by_one_in_chunks_and_whole_are_equal_bit_for_bit(
    scenario: Scenario, data: st.DataObject
) -> None:
    count = len(scenario.rows)
    whole = run(scenario)
    cuts = data.draw(st.lists(st.integers(0, count), max_size=5))
    for pieces in (
        run(scenario, cuts=range(1, count)),
        run(scenario, cuts=cuts),
        run(scenario, room=slot.MAX_EVENTS_PER_ROW),
    ):
        assert np.array_equal(pieces.events, whole.events)
        assert np.array_equal(pieces.state, whole.state)


@MANY
@given(ANY)
def test_cash_is_never_negative_and_no_money_appears_or_disappears(scenario: Scenario) -> None:
    played = run(scenario)
    assert all(event["cash"] >= 0 for event in played.all())
    closed = played.of(EventKind.TRADE_CLOSED)
    if played.state[slot.POSITION] == 0:
        assert played.state[slot.CASH] - scenario.cash == sum(event["pnl"] for event in closed)
    fees = sum(event["fee"] for event in played.of(EventKind.FILL))
    gross = sum(event["pnl"] for event in played.of(EventKind.FILL))
    assert sum(event["pnl"] for event in closed) >= gross - fees


@MANY
@given(ANY)
def test_events_are_numbered_without_gaps_and_rows_write_no_more_than_promised(
    scenario: Scenario,
) -> None:
    played = run(scenario)
    numbers = [event["no"] for event in played.all()]
    assert numbers == list(range(1, len(numbers) + 1))
    single = run(scenario, cuts=range(1, len(scenario.rows)), room=slot.MAX_EVENTS_PER_ROW)
    assert len(single.events) == len(numbers)


def test_each_entry_point_has_one_compiled_signature() -> None:
    for compiled in (kernel.advance, kernel.begin, kernel.finish):
        assert len(compiled.signatures) == 1  # type: ignore[attr-defined]


def test_a_call_keeps_no_reference_to_its_arrays() -> None:
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
