"""Hand-worked cases for the rules on losses, stops and the feed, and for the worst row."""

from __future__ import annotations

from engine.core import layout as slot
from engine.domain.reasons import Action, ExitReason, Input, Refusal
from engine.messages.events import EventKind
from tests.core.play import MINUTE, T0
from tests.core.reference import DAY, Terms
from tests.core.reference.terms import FAVOURABLE_FIRST
from tests.core.worked import CASH, FLAT, PERCENT, Row, Told, fills, refusals, through

BUY, SELL, SHORT, COVER = Action
HIT = (1000, 1000, 990, 990)


def test_the_days_loss_counts_from_the_equity_at_the_days_first_row() -> None:
    # 250 lose 10 each: 2,500 of 1,000,000.
    rows: list[Row] = [FLAT, HIT, FLAT]
    asked = {0: [BUY], 1: [BUY]}
    terms = Terms(stop_loss=PERCENT, daily_loss=2_500)
    assert refusals(through(terms, rows, asked)) == [(Refusal.DAILY_LOSS, 2_500, 2_500)]
    wider = Terms(stop_loss=PERCENT, daily_loss=2_501)
    assert refusals(through(wider, rows, asked)) == []


def test_the_days_loss_counts_an_open_position() -> None:
    # Long since bar 1; at the close of 985 the 250 are 3,750 down: a flip is refused its entry.
    rows: list[Row] = [FLAT, FLAT, (1000, 1000, 985, 985), FLAT]
    played = through(Terms(daily_loss=3_000), rows, {0: [BUY], 2: [SELL, SHORT]})
    assert refusals(played) == [(Refusal.DAILY_LOSS, 3_000, 3_750)]


def test_a_new_utc_day_starts_from_its_own_equity() -> None:
    rows: list[Row] = [FLAT, HIT, FLAT, FLAT]
    terms = Terms(stop_loss=PERCENT, daily_loss=2_500)
    # The bar of 23:59 closes at 00:00, for a day whose first row has not come: not refused.
    start = T0 + DAY - 3 * MINUTE
    played = through(terms, rows, {0: [BUY], 1: [BUY], 2: [BUY]}, start=start)
    assert refusals(played) == [(Refusal.DAILY_LOSS, 2_500, 2_500)]
    assert len(played.of(EventKind.TRADE_OPENED)) == 2
    assert played.state[slot.EQUITY_DAY] == (T0 + DAY) // DAY
    assert played.state[slot.DAY_EQUITY] == CASH - 2_500


def test_drawdown_counts_from_the_highest_equity_at_a_close() -> None:
    # The close of 1,040 makes 1,010,000; back at 1,000 the 250 have lost 10,000 of it. The high
    # of 1,100 is no close.
    rows: list[Row] = [FLAT, (1000, 1100, 1000, 1040), FLAT, FLAT]
    asked = {0: [BUY], 2: [SELL, SHORT]}
    played = through(Terms(max_drawdown=9_900), rows, asked)
    assert refusals(played) == [(Refusal.MAX_DRAWDOWN, 9_999, 10_000)]
    assert played.state[slot.PEAK] == 1_010_000
    assert refusals(through(Terms(max_drawdown=9_902), rows, asked)) == []


def test_the_peak_is_kept_while_nothing_happens() -> None:
    rows: list[Row] = [FLAT, FLAT, (1000, 1030, 1000, 1020), (1020, 1025, 1000, 1010), FLAT]
    long = through(Terms(), rows, {0: [BUY]}, end=None)
    assert long.state[slot.PEAK] == CASH + 250 * 20
    fall: list[Row] = [FLAT, FLAT, (1000, 1000, 970, 980), (980, 1000, 975, 990), FLAT]
    short = through(Terms(), fall, {0: [SHORT]}, end=None)
    assert short.state[slot.PEAK] == CASH + 250 * 20


def test_losing_stops_guard_the_next_entries_until_they_are_old() -> None:
    rows: list[Row] = [FLAT, HIT, FLAT, HIT, FLAT, FLAT, FLAT, FLAT]
    asked = {0: [BUY], 2: [BUY], 3: [BUY], 5: [BUY]}
    terms = Terms(stop_loss=PERCENT, guard_stops=2, guard_ms=5 * MINUTE)
    played = through(terms, rows, asked)
    # Stops at minutes 1 and 3. The close of bar 3 is minute 4, that of bar 5 minute 6.
    assert refusals(played) == [(Refusal.STOP_GUARD, 2, 2)]
    assert len(played.of(EventKind.TRADE_OPENED)) == 3
    assert played.state[slot.STOP_COUNT] == 2
    assert played.state[slot.STOP_TIMES] == T0 + MINUTE


def test_a_stop_that_won_and_a_losing_signal_are_no_losing_stops() -> None:
    rise = (1000, 1100, 1000, 1095)
    rows: list[Row] = [FLAT, rise, (1095, 1095, 1080, 1085), FLAT, FLAT, (900,) * 4]
    played = through(Terms(trailing=PERCENT), rows, {0: [BUY], 3: [BUY], 4: [SELL]})
    reasons = [event["code"] for event in played.of(EventKind.TRADE_CLOSED)]
    assert reasons == [ExitReason.TRAILING_STOP, ExitReason.SIGNAL]
    assert played.state[slot.STOP_COUNT] == 0


def test_a_stale_feed_refuses_entries_until_it_is_fresh() -> None:
    rows: list[Row] = [Told(Input.FEED_STALE, (61_000,)), FLAT, Told(Input.FEED_FRESH), FLAT, FLAT]
    played = through(Terms(), rows, {1: [BUY], 3: [BUY]})
    assert refusals(played) == [(Refusal.STALE_FEED, 0, 61_000)]
    assert [event["actual"] for event in played.of(EventKind.COMMANDED)] == [61_000, 0]
    assert fills(played)[0][0] == BUY


def test_rules_are_asked_in_the_order_of_their_codes() -> None:
    terms = Terms(stop_loss=PERCENT, daily_loss=1, max_drawdown=1, guard_stops=1, guard_ms=DAY)
    rows: list[Row] = [FLAT, HIT, Told(Input.FEED_STALE, (9,)), Told(Input.PAUSE_ENTRIES), FLAT]
    for without, expected in (
        ((), Refusal.DAILY_LOSS),
        (("daily_loss",), Refusal.MAX_DRAWDOWN),
        (("daily_loss", "max_drawdown"), Refusal.STOP_GUARD),
    ):
        fewer = Terms(**{**vars(terms), **dict.fromkeys(without)})
        assert refusals(through(fewer, rows, {0: [BUY], 4: [BUY]}))[0][0] == expected
    plain = Terms(stop_loss=PERCENT)
    assert refusals(through(plain, rows, {0: [BUY], 4: [BUY]}))[0][0] == Refusal.STALE_FEED


# ---- the worst row


def test_the_worst_row_fits_into_what_a_call_must_have_room_for() -> None:
    """As much as one row can tell: a moved target, eight partial targets, eight adds, an exit and
    four judged signals; and once more with refusals in place of what is easily refused."""
    steps = tuple((PERCENT * (number + 1), 10**6) for number in range(8))
    parts = tuple((PERCENT * (number + 1), PERCENT * (number + 1)) for number in range(8))
    terms = Terms(
        position=PERCENT,
        adds=steps,
        partials=parts,
        target_steps=((MINUTE, 60 * PERCENT),),
        stop_loss=15 * PERCENT,
        path=FAVOURABLE_FIRST,
    )
    everything = [BUY, SELL, SHORT, COVER]
    rows: list[Row] = [FLAT, FLAT, (1000, 1499, 500, 900)]
    played = through(terms, rows, {0: [BUY], 2: everything}, cash=10**8, end=None)
    last = played.events[played.events[:, 2] == T0 + 2 * MINUTE]
    kinds = [EventKind(int(kind)) for kind in last[:, 0]]
    assert kinds.count(EventKind.POSITION_ADDED) == 8
    assert kinds.count(EventKind.FILL) == 17
    assert kinds.count(EventKind.TARGET_MOVED) == kinds.count(EventKind.TRADE_CLOSED) == 1
    # 1 + 8 x 3 + 8 x 4 + 4 and a refusal for each signal, some of them counted.
    assert 61 < len(last) < slot.MAX_EVENTS_PER_ROW - 40
