"""Hand-worked corners that chance seldom finds, most compared with the reference as well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.core import layout as slot
from engine.domain.reasons import Action, EndReason, ExitReason, Input, Refusal
from engine.domain.rows import AT, KIND, RowKind
from engine.messages.events import EventKind
from tests.core.comparison import assert_equal, run
from tests.core.play import MINUTE, Played, at_closes, bars, play
from tests.core.reference import Terms
from tests.core.scenarios import Scenario
from tests.core.worked import CASH, FLAT, PERCENT

BUY, SELL, SHORT, COVER = Action


def lived(
    terms: Terms,
    rows: list[tuple[int, int, int, int]],
    asked: dict[int, Sequence[Action]],
    closed: int | None = None,
) -> Played:
    """A session of bars, row number `closed` a mere close."""
    table = bars(rows)
    if closed is not None:
        table[closed, KIND] = RowKind.CLOSED
    signals = np.ascontiguousarray(at_closes(len(rows), asked))
    scenario = Scenario(terms, CASH, table, signals)
    assert_equal(scenario, None)
    assert_equal(scenario, EndReason.END_OF_DATA)
    return run(scenario, None)


def only_exit(
    terms: Terms, rows: list[tuple[int, int, int, int]], moved: int, stop: int
) -> dict[str, int]:
    """How a long ends whose stop is moved by hand in the place of bar number `moved`."""
    table = bars(rows)
    table[moved, KIND:] = RowKind.INPUT, table[moved, AT], Input.MOVE_STOP, stop, 0, 0
    signals = np.ascontiguousarray(at_closes(len(rows), {0: [BUY]}))
    scenario = Scenario(terms, CASH, table, signals)
    assert_equal(scenario, EndReason.END_OF_DATA)
    [left] = run(scenario).of(EventKind.TRADE_CLOSED)
    return left


def test_a_position_is_never_worth_less_than_nothing_however_far_the_close_fell() -> None:
    # A margin of 250,000 holds 2,500; at a close of 100, which no price row showed before, they
    # have lost nine times that. Equity is the 750,000 that were not set aside.
    terms = Terms(leverage=10, max_drawdown=20 * PERCENT)
    crash = (100, 100, 100, 100)
    played = lived(terms, [FLAT, FLAT, crash, crash], {0: [BUY], 2: [SELL, SHORT]}, closed=2)
    [refused] = played.of(EventKind.REFUSAL)
    assert (refused["code"], refused["limit"], refused["actual"]) == (
        Refusal.MAX_DRAWDOWN,
        200_000,
        250_000,
    )


def test_a_stop_beyond_the_open_comes_before_the_market_order_of_a_target_step() -> None:
    # The high of 1,050 trails the stop to 1,039. Three minutes after the entry the target falls
    # to the entry, 1,000, in the row that opens at 1,030: beyond both.
    terms = Terms(trailing=PERCENT, target_steps=((3 * MINUTE, 0),))
    high, on = (1000, 1050, 1000, 1045), (1045, 1045, 1042, 1044)
    beyond = (1030, 1030, 1030, 1030)
    played = lived(terms, [FLAT, FLAT, high, on, beyond], {0: [BUY]})
    [moved], [left] = played.of(EventKind.TARGET_MOVED), played.of(EventKind.TRADE_CLOSED)
    assert (moved["price"], moved["stop"]) == (1000, 1039)
    assert (left["code"], left["price"]) == (ExitReason.TRAILING_STOP, 1030)


def test_a_last_part_that_would_leave_less_than_a_step_takes_all() -> None:
    # 1 % of the 250 is kept back: 247. Of them 98 % are 242, in steps of ten 240; the 7 that
    # would be left cannot be ordered. So all goes: 240 are sold at 1,020 and 7 written off.
    terms = Terms(fee=PERCENT, fee_in_base=True, order_step=10, partials=((2 * PERCENT, 980_000),))
    rise = (1000, 1020, 1000, 1010)
    played = lived(terms, [FLAT, FLAT, rise, rise], {0: [BUY]})
    [left] = played.of(EventKind.TRADE_CLOSED)
    _, sold = played.of(EventKind.FILL)
    assert (left["code"], left["position"]) == (ExitReason.PARTIAL_TARGET, 0)
    assert (sold["amount"], sold["pnl"]) == (240, 240 * 1_020 - 247 * 1_000)


def test_break_even_does_not_loosen_a_stop_that_a_hand_put_further() -> None:
    # The high of 1,030 moves the stop to the entry, a hand to 1,015; the high of 1,040 is beyond
    # break-even once more.
    up, on, back = (1000, 1030, 1000, 1030), (1030, 1040, 1020, 1035), (1030, 1030, 1010, 1012)
    terms = Terms(break_even=PERCENT)
    left = only_exit(terms, [FLAT, up, FLAT, on, back], moved=2, stop=1015)
    assert (left["code"], left["price"]) == (ExitReason.STOP_LOSS, 1015)


def test_nothing_is_added_beyond_the_liquidation() -> None:
    # Ten times: liquidated at 900, before the level of 850 that would add.
    terms = Terms(leverage=10, adds=((15 * PERCENT, 1_000_000),))
    played = lived(terms, [FLAT, FLAT, (1000, 1000, 800, 850)], {0: [BUY]})
    [left] = played.of(EventKind.TRADE_CLOSED)
    assert (left["code"], left["price"]) == (ExitReason.LIQUIDATION, 900)
    assert played.of(EventKind.POSITION_ADDED) == []


def test_a_lot_that_a_part_uses_up_exactly_is_gone() -> None:
    # 100 at 1,000 and 100 at 990: the half that goes at 1,005 is the first lot and nothing else.
    terms = Terms(position=100_000, adds=((PERCENT, 1_000_000),), partials=((PERCENT, 500_000),))
    rows = [FLAT, FLAT, (1000, 1000, 990, 990), (990, 1005, 990, 1000)]
    state = lived(terms, rows, {0: [BUY]}).state
    assert (state[slot.LOT_COUNT], state[slot.LOT_AMOUNT], state[slot.LOT_PRICE]) == (1, 100, 990)


def test_trailing_takes_back_a_stop_by_hand_in_a_row_that_no_level_wakes() -> None:
    # Trailing asks for 990 since the entry at 1,000. A hand puts the stop to 950; the next bar
    # stays between all levels, and far below the best price.
    quiet = (985, 988, 984, 986)
    terms = Terms(trailing=PERCENT)
    left = only_exit(terms, [FLAT, FLAT, FLAT, quiet, quiet], moved=2, stop=950)
    assert (left["code"], left["price"]) == (ExitReason.TRAILING_STOP, 985)


def test_a_fill_beyond_the_money_limit_ends_the_session_and_wraps_nothing() -> None:
    huge = 1 << 61
    table = bars([FLAT, FLAT, (huge, huge, huge, huge), FLAT])
    played = play(Terms(take_profit=None), CASH, table, at_closes(4, {0: [BUY], 1: [SELL]}))
    ended = played.all()[-1]
    assert (ended["kind"], ended["code"]) == (EventKind.SESSION_ENDED, EndReason.MONEY_OVERFLOW)
    assert (ended["cash"], ended["position"]) == (750_000, 250)
    assert played.of(EventKind.TRADE_CLOSED) == []


@pytest.mark.parametrize(("top", "overflows"), [(2**62 - 1, False), (2**62, True)])
def test_the_limit_is_met_exactly(top: int, overflows: bool) -> None:
    # One unit held at price 1 and sold at `top` less the cash that is left.
    table = bars([(1, 1, 1, 1)] * 2 + [(top - 3,) * 4])
    played = play(Terms(position=250_000), 4, table, at_closes(3, {0: [BUY], 1: [SELL]}))
    ended = [event["code"] for event in played.of(EventKind.SESSION_ENDED)]
    assert ended == [EndReason.MONEY_OVERFLOW if overflows else EndReason.END_OF_DATA]
    assert overflows or played.state[slot.CASH] == top


def test_rows_may_be_read_only() -> None:
    table = bars([FLAT] * 2)
    table.flags.writeable = False
    signals = np.zeros(2, np.int32)
    signals.flags.writeable = False
    assert len(play(Terms(), CASH, table, signals).events) == 2
