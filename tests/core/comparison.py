"""One scenario through the kernel and through the reference, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.core import layout as slot
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.reasons import EndReason
from engine.domain.rows import AT
from engine.messages.events import EventKind
from tests.core.play import T0, Played, play
from tests.core.reference import COLUMNS, Reference
from tests.core.reference.slots import state_of, without_meaning
from tests.core.scenarios import Scenario

HALT_EVERY = 11


def parts(scenario: Scenario) -> list[tuple[int, int, int]]:
    """(first row, row after the last, begun at) of each session."""
    count = len(scenario.rows)
    if scenario.resume is None:
        return [(0, count, T0)]
    again = int(scenario.rows[min(scenario.resume, count - 1), AT])
    return [(0, scenario.resume, T0), (scenario.resume, count, again)]


def run(
    scenario: Scenario,
    end: EndReason | None = EndReason.END_OF_DATA,
    *,
    cuts: Sequence[int] = (),
    room: int = 4096,
) -> Played:
    state = slot.new_state(scenario.cash)
    state[slot.OUTSIDE] = scenario.outside
    taken, halts = [], []
    for first, last, begun_at in parts(scenario):
        played = play(
            scenario.terms,
            scenario.cash,
            scenario.rows[first:last],
            scenario.signals[first:last],
            cuts=[cut - first for cut in cuts if first < cut < last],
            room=room,
            end=end if last == len(scenario.rows) else EndReason.STOPPED,
            state=state,
            begin_at=begun_at,
        )
        taken.append(played.events)
        halts += played.halts
    return Played(np.concatenate(taken), state, halts)


def refer(
    scenario: Scenario, end: EndReason | None, cuts: Sequence[int] = ()
) -> tuple[IntMatrix, list[IntColumn]]:
    """What the reference tells, and its states: at each halt, and at the end."""
    slow = Reference(scenario.terms, scenario.cash, scenario.outside)
    told, states = [], []
    for first, last, begun_at in parts(scenario):
        slow.begin(begun_at)
        for start, stop in pairwise([first, *(cut for cut in cuts if first < cut < last), last]):
            slow.play(scenario.rows[start:stop], scenario.signals[start:stop])
            states.append(state_of(slow))
        if last < len(scenario.rows):
            slow.finish(EndReason.STOPPED)
        elif end is not None:
            slow.finish(end)
        told.append(slow.matrix())
    return np.concatenate(told), [*states, state_of(slow)]


def halts_of(scenario: Scenario) -> range:
    """Rows before which the states are compared too: positions are open there."""
    return range(HALT_EVERY, len(scenario.rows), HALT_EVERY)


def explained(events: IntMatrix, expected: IntMatrix) -> str:
    """The first event that differs, by column name."""
    for number, (got, wanted) in enumerate(zip(events, expected, strict=False)):
        if not np.array_equal(got, wanted):
            named = [
                f"{name}: kernel {a}, reference {b}"
                for name, a, b in zip(COLUMNS, got, wanted, strict=True)
                if a != b
            ]
            return f"event {number} ({EventKind(int(wanted[0])).name}): " + "; ".join(named)
    return f"kernel wrote {len(events)} events, reference {len(expected)}"


SLOTS = {
    place: name
    for name, place in vars(slot).items()
    if name.isupper() and isinstance(place, int) and not name.startswith("MAX_")
}


def named(place: int) -> str:
    first = max(known for known in SLOTS if known <= place)
    return SLOTS[first] + (f" + {place - first}" if place > first else "")


def differences(state: IntColumn, expected: IntColumn) -> list[str]:
    return [
        f"{named(place)}: kernel {state[place]}, reference {expected[place]}"
        for place in np.flatnonzero(state != expected).tolist()
    ]


def states_of(played: Played) -> list[IntColumn]:
    return [without_meaning(state) for state in (*played.halts, played.state)]


def assert_equal(scenario: Scenario, end: EndReason | None) -> IntMatrix:
    """The kernel's events and states are the reference's; those events."""
    halts = halts_of(scenario)
    played, (expected, states) = run(scenario, end, cuts=halts), refer(scenario, end, halts)
    assert np.array_equal(played.events, expected), explained(played.events, expected)
    for state, wanted in zip(states_of(played), states, strict=True):
        assert differences(state, wanted) == []
    return expected
