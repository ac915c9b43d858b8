"""The cursor of a review: it plays by a clock, jumps, and finds back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_gui.pages.review.cursor import SPEEDS, TimeCursor

pytestmark = pytest.mark.usefixtures("qtbot")
START, END = 1_000_000, 1_000_000 + 3_600_000


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cursor(clock: Clock) -> Iterator[TimeCursor]:
    made = TimeCursor(clock)
    made.begin(START, END, START, again=False)
    yield made
    made.pause()


@pytest.mark.parametrize("speed", SPEEDS)
def test_it_plays_as_fast_as_it_says(cursor: TimeCursor, clock: Clock, speed: int) -> None:
    cursor.set_speed(speed)
    cursor.toggle()
    clock.now += 2.5
    cursor.tick()
    assert cursor.at == START + 2_500 * speed
    clock.now += 0.25  # ticks do not add up their roundings
    cursor.tick()
    assert cursor.at == START + 2_750 * speed


def test_nothing_is_shown_again_where_nothing_can_have_changed(
    cursor: TimeCursor, clock: Clock
) -> None:
    cursor.set_speed(1)
    told: list[int] = []
    cursor.moved.connect(lambda: told.append(cursor.at))
    cursor.toggle()
    for _ in range(100):
        clock.now += 0.03
        cursor.tick()
    assert cursor.at == START + 3_000
    assert len(told) == 12  # four times a second of the session


def test_another_speed_goes_on_from_where_it_is(cursor: TimeCursor, clock: Clock) -> None:
    cursor.set_speed(10)
    cursor.toggle()
    clock.now += 1
    cursor.tick()
    cursor.change_speed(1)
    clock.now += 1
    cursor.tick()
    assert cursor.at == START + 10_000 + 60_000
    cursor.change_speed(-9)
    assert cursor.speed == SPEEDS[0]
    cursor.change_speed(9)
    assert cursor.speed == SPEEDS[-1]


def test_it_stops_at_the_end_and_begins_again_from_there(cursor: TimeCursor, clock: Clock) -> None:
    cursor.set_speed(1000)
    told: list[bool] = []
    cursor.play_changed.connect(lambda: told.append(cursor.playing))
    cursor.toggle()
    clock.now += 3_600
    cursor.tick()
    assert (cursor.at, cursor.playing) == (END, False)
    assert told == [True, False]
    cursor.tick()
    assert cursor.at == END
    cursor.toggle()
    clock.now += 1
    cursor.tick()
    assert cursor.at == START + 1_000_000


def test_moving_while_it_plays_goes_on_from_there(cursor: TimeCursor, clock: Clock) -> None:
    cursor.set_speed(60)
    cursor.toggle()
    clock.now += 5
    cursor.go(START + 100_000)
    clock.now += 1
    cursor.tick()
    assert cursor.at == START + 160_000
    cursor.pause()
    clock.now += 100
    cursor.tick()
    assert cursor.at == START + 160_000


def test_it_stays_inside_the_session(cursor: TimeCursor) -> None:
    cursor.go(END + 5)
    assert cursor.at == END
    cursor.jump(0)
    assert cursor.at == START


def test_what_the_chart_showed_comes_back_with_the_place(cursor: TimeCursor) -> None:
    shown = (10, 160)
    cursor.look = lambda: shown
    asked: list[tuple[int, int]] = []
    cursor.view_asked.connect(lambda first, last: asked.append((first, last)))
    cursor.leave()
    shown = (500, 650)
    cursor.back()
    assert asked == [(10, 160)]
    cursor.forward()
    assert asked[-1] == (500, 650)


def test_another_session_has_no_jumps_and_does_not_play(cursor: TimeCursor) -> None:
    cursor.jump(START + 5)
    cursor.toggle()
    cursor.begin(START, END + 7, END, again=True)
    assert cursor.playing
    assert cursor.can_go_back
    cursor.begin(START, END, END, again=False)
    assert not cursor.playing
    assert not cursor.can_go_back


Steps = st.lists(st.one_of(st.integers(START, END), st.sampled_from(["back", "forward"])))


@settings(deadline=None, max_examples=60)
@given(Steps)
def test_back_and_forward_are_those_of_a_browser(steps: list[int | str]) -> None:
    cursor = TimeCursor(Clock())
    cursor.begin(START, END, START, again=False)
    places, here = [START], 0
    for step in steps:
        if step == "back":
            cursor.back()
            here = max(0, here - 1)
        elif step == "forward":
            cursor.forward()
            here = min(len(places) - 1, here + 1)
        else:
            assert isinstance(step, int)
            cursor.jump(step)
            if step == places[here]:
                continue  # nowhere else: there is nothing to go back to
            places, here = [*places[: here + 1], step], here + 1
        assert cursor.at == places[here]
        assert cursor.can_go_back == (here > 0)
        assert cursor.can_go_forward == (here < len(places) - 1)
