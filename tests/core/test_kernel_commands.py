"""Hand-worked cases for a person's commands, and for the session that goes on after one ended."""

from __future__ import annotations

from engine.core import layout as slot
from engine.domain.reasons import Action, EndReason, ExitReason, Input, Refusal
from engine.messages.events import EventKind
from tests.core.play import MINUTE, T0, at_closes, bars, play
from tests.core.reference import DAY, Terms
from tests.core.worked import CASH, FLAT, PERCENT, Told, only_exit, through, trade

BUY, SELL, SHORT, COVER = Action


def test_pausing_refuses_entries_and_lets_exits_through() -> None:
    pause, resume = Told(Input.PAUSE_ENTRIES), Told(Input.RESUME_ENTRIES)
    rows = [FLAT, FLAT, pause, FLAT, FLAT, resume, FLAT, FLAT]
    played = through(Terms(), rows, {0: [BUY], 3: [SELL], 4: [BUY], 6: [BUY]})
    assert [event["code"] for event in played.of(EventKind.REFUSAL)] == [Refusal.PAUSED]
    assert [event["action"] for event in played.of(EventKind.FILL)] == [BUY, SELL, BUY, SELL]


def test_an_entry_that_was_decided_before_a_pause_is_still_filled() -> None:
    played = trade(Terms(), Told(Input.PAUSE_ENTRIES), FLAT)
    kinds = [event["kind"] for event in played.all()]
    assert kinds.index(EventKind.COMMANDED) < kinds.index(EventKind.FILL)
    assert not played.of(EventKind.REFUSAL)


def test_close_position_closes_at_the_next_open_and_the_session_goes_on() -> None:
    played = trade(Terms(), FLAT, Told(Input.CLOSE_POSITION), FLAT, FLAT)
    assert only_exit(played) == (ExitReason.MANUAL, 1000, 3)
    assert played.of(EventKind.SESSION_ENDED)[0]["code"] == EndReason.END_OF_DATA


def test_close_and_stop_ends_right_after_the_closing_fill() -> None:
    rows = [FLAT, FLAT, Told(Input.CLOSE_AND_STOP), FLAT, FLAT]
    played = through(Terms(), rows, {0: [BUY], 3: [BUY]})
    kinds = [EventKind(event["kind"]) for event in played.all()][-2:]
    assert kinds == [EventKind.TRADE_CLOSED, EventKind.SESSION_ENDED]
    assert played.all()[-1]["code"] == EndReason.CLOSED_AND_STOPPED


def test_what_is_asked_to_close_twice_over_is_closed_once() -> None:
    """Its strategy leaves, a person asks twice, and the next row falls through the stop."""
    close, fallen = Told(Input.CLOSE_POSITION), (1000, 1000, 900, 950)
    rows = [FLAT, FLAT, close, close, fallen, FLAT]
    played = through(Terms(stop_loss=PERCENT), rows, {0: [BUY], 1: [SELL]})
    assert [event["action"] for event in played.of(EventKind.FILL)] == [BUY, SELL]
    assert len(played.of(EventKind.TRADE_CLOSED)) == 1
    assert (played.all()[-1]["position"], played.all()[-1]["cash"]) == (0, CASH)


def test_stop_keeps_the_position_and_a_new_session_carries_it() -> None:
    terms = Terms(fee=1_000, stop_loss=PERCENT)
    first = trade(terms, FLAT, Told(Input.STOP))
    ended = first.all()[-1]
    assert (ended["code"], ended["position"], ended["stop"]) == (EndReason.STOPPED, 250, 990)

    later = bars([FLAT, (1000, 1000, 990, 995)], start=T0 + DAY)
    second = play(terms, 0, later, at_closes(2, {}), state=first.state.copy(), begin_at=T0 + DAY)
    started, *_, closed, _ = second.all()
    assert (started["kind"], started["no"]) == (EventKind.SESSION_STARTED, 1)
    assert (started["position"], started["entry"], started["stop"]) == (250, 1000, 990)
    # Entry fee 250, exit 250 x 990 x 0.001 = 247.5: 248; gross -2,500.
    assert (closed["kind"], closed["trade"]) == (EventKind.TRADE_CLOSED, 1)
    assert (closed["pnl"], closed["actual"]) == (-2_998, 498)
    assert second.state[slot.CASH] == CASH - 2_998


def test_a_new_session_of_the_same_day_carries_its_result_and_its_entries() -> None:
    terms = Terms(fee=1_000, stop_loss=PERCENT)
    hit = (1000, 1000, 990, 995)
    first = play(terms, CASH, bars([FLAT, hit]), at_closes(2, {0: [BUY]}))
    lost = int(first.state[slot.CASH]) - CASH
    assert lost < 0
    carried = [
        play(terms, 0, bars([FLAT], start=at), at_closes(1, {}), state=first.state.copy(),
             begin_at=at).all()[0]
        for at in (T0 + 5 * MINUTE, T0 + DAY)
    ]  # fmt: skip
    assert [(event["pnl"], event["actual"]) for event in carried] == [(lost, 1), (0, 0)]


def test_trailing_that_is_new_to_a_carried_position_raises_its_stop_after_the_first_row() -> None:
    first = play(Terms(), CASH, bars([FLAT] * 2), at_closes(2, {0: [BUY]}), end=EndReason.STOPPED)
    second = play(
        Terms(trailing=PERCENT),
        0,
        bars([FLAT] * 2, start=T0 + DAY),
        at_closes(2, {}),
        state=first.state.copy(),
        begin_at=T0 + DAY,
        end=None,
    )
    [moved] = second.of(EventKind.LEVEL_MOVED)
    assert (moved["row_at"], moved["limit"], moved["stop"]) == (T0 + DAY, 0, 990)
