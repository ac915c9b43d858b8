"""One scenario through the kernel and through the reference, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence

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
    sessions = parts(scenario)
    taken = []
    for first, last, begun_at in sessions:
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
    return Played(np.concatenate(taken), state)


def refer(scenario: Scenario, end: EndReason | None) -> tuple[IntMatrix, Reference]:
    slow = Reference(scenario.terms, scenario.cash, scenario.outside)
    told = []
    for first, last, begun_at in parts(scenario):
        slow.begin(begun_at)
        slow.play(scenario.rows[first:last], scenario.signals[first:last])
        if last < len(scenario.rows):
            slow.finish(EndReason.STOPPED)
        elif end is not None:
            slow.finish(end)
        told.append(slow.matrix())
    return np.concatenate(told), slow


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


def assert_equal(scenario: Scenario, end: EndReason | None) -> IntMatrix:
    """The kernel's events and last state are the reference's; those events."""
    played, (expected, slow) = run(scenario, end), refer(scenario, end)
    assert np.array_equal(played.events, expected), explained(played.events, expected)
    state = without_meaning(played.state)
    assert differences(state, state_of(slow)) == []
    return expected
