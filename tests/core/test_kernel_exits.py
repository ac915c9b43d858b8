"""Hand-worked cases for what ends a trade besides stop, target and trailing (test_kernel_bar)."""

from __future__ import annotations

import pytest

from engine.domain.reasons import Action, ExitReason, Input, StopSource, TargetSource
from engine.domain.settings import PathRule
from engine.messages.events import EventKind
from tests.core.play import MINUTE, T0, at_closes, bars, play
from tests.core.reference import Terms
from tests.core.reference.terms import ADVERSE_FIRST, FAVOURABLE_FIRST
from tests.core.worked import CASH, FLAT, PERCENT, Told, fills, only_exit, through, trade

BUY, SELL, SHORT, COVER = Action
BOTH_WAYS = (1000, 1020, 985, 1000)
"""The high is 20 away, the low 15: nearer."""


# ---- the path


@pytest.mark.parametrize(
    ("path", "row", "expected"),
    [
        (PathRule.CONSERVATIVE, BOTH_WAYS, ExitReason.STOP_LOSS),
        (ADVERSE_FIRST, BOTH_WAYS, ExitReason.STOP_LOSS),
        (FAVOURABLE_FIRST, BOTH_WAYS, ExitReason.TAKE_PROFIT),
        (PathRule.NEAREST, BOTH_WAYS, ExitReason.STOP_LOSS),
        (PathRule.NEAREST, (1000, 1020, 979, 1000), ExitReason.TAKE_PROFIT),
        (PathRule.NEAREST, (1000, 1020, 980, 1000), ExitReason.STOP_LOSS),  # a tie hurts
    ],
)
def test_which_extreme_comes_first(
    path: PathRule | str, row: tuple[int, int, int, int], expected: ExitReason
) -> None:
    terms = Terms(stop_loss=PERCENT, take_profit=2 * PERCENT, path=path)
    assert only_exit(trade(terms, FLAT, row))[0] == expected


def test_nearest_is_measured_from_the_open_for_shorts_too() -> None:
    terms = Terms(stop_loss=PERCENT, take_profit=2 * PERCENT, path=PathRule.NEAREST)
    near_high = trade(terms, FLAT, (1000, 1015, 980, 1000), action=SHORT)
    assert only_exit(near_high)[0] == ExitReason.STOP_LOSS
    near_low = trade(terms, FLAT, (1000, 1021, 980, 1000), action=SHORT)
    assert only_exit(near_low)[0] == ExitReason.TAKE_PROFIT


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PathRule.CONSERVATIVE, (ExitReason.END_OF_DATA, 1070, 2)),
        (PathRule.NEAREST, (ExitReason.TRAILING_STOP, 1089, 2)),
    ],
)
def test_only_a_path_that_goes_on_to_the_close_tests_a_stop_raised_in_the_bar(
    path: PathRule, expected: tuple[ExitReason, int, int]
) -> None:
    # The high of 1,100 raises the stop to 1,089; the close of 1,070 lies below it.
    played = trade(Terms(trailing=PERCENT, path=path), FLAT, (1000, 1100, 995, 1070))
    assert only_exit(played) == expected


def test_a_stop_raised_above_the_price_is_met_where_the_price_stands() -> None:
    # The whole range of 100 slips: filled at 1,100, which is the best price too. Trailing asks
    # for 1,089 when the price stands at its extreme of 1,010: the way down starts there.
    everything = 100 * PERCENT
    terms = Terms(
        slippage_range=everything,
        trailing=PERCENT,
        stop_loss=30 * PERCENT,
        path=FAVOURABLE_FIRST,
    )
    played = trade(terms, (1000, 1010, 910, 950))
    assert played.of(EventKind.TRADE_OPENED)[0]["entry"] == 1100
    touched, intent = played.of(EventKind.LEVEL_TOUCHED)[0], played.of(EventKind.INTENT)[1]
    assert (touched["code"], touched["limit"]) == (ExitReason.TRAILING_STOP, 1089)
    assert (intent["limit"], intent["price"]) == (1010, 910)


# ---- break-even


def test_break_even_moves_the_stop_to_the_entry_and_is_not_tested_in_that_move() -> None:
    terms = Terms(stop_loss=2 * PERCENT, break_even=PERCENT)
    short_of_it = trade(terms, FLAT, (1000, 1009, 1000, 1005), (1005, 1005, 999, 1001))
    assert only_exit(short_of_it)[0] == ExitReason.END_OF_DATA
    reached = trade(terms, FLAT, (1000, 1010, 995, 1005), (1005, 1005, 999, 1001))
    [moved] = reached.of(EventKind.LEVEL_MOVED)
    assert (moved["limit"], moved["stop"], moved["stop_by"]) == (980, 1000, StopSource.BREAK_EVEN)
    assert moved["actual"] == 0  # no best price is kept without trailing
    assert only_exit(reached) == (ExitReason.BREAK_EVEN, 1000, 3)


def test_break_even_never_loosens_and_trailing_goes_on_from_it() -> None:
    terms = Terms(trailing=PERCENT, break_even=2 * PERCENT)
    # 1,020 trails to 1,009.8: 1,009, above the entry: break-even has nothing to improve.
    played = trade(terms, FLAT, (1000, 1020, 1000, 1015))
    [moved] = played.of(EventKind.LEVEL_MOVED)
    assert (moved["stop"], moved["stop_by"]) == (1009, StopSource.TRAILING)
    # At 1,005 break-even (0.5 %) sets 1,000; trailing would ask for 994.
    early = trade(Terms(trailing=PERCENT, break_even=5_000), FLAT, (1000, 1005, 1000, 1004))
    [moved] = early.of(EventKind.LEVEL_MOVED)
    assert (moved["stop"], moved["stop_by"]) == (1000, StopSource.BREAK_EVEN)


# ---- the distance before activation


def test_before_its_activation_trailing_keeps_its_wider_distance() -> None:
    terms = Terms(trailing=PERCENT, activation=3 * PERCENT, trailing_before=5 * PERCENT)
    played = trade(terms, FLAT, (1000, 1030, 1000, 1020), (1020, 1031, 1021, 1030))
    opened = played.of(EventKind.TRADE_OPENED)[0]
    assert (opened["stop"], opened["stop_by"]) == (950, StopSource.TRAILING)
    # 1,030 is reached, not exceeded: 1,030 x 0.95 = 978.5. 1,031 x 0.99 = 1,020.69.
    moves = [(event["limit"], event["stop"]) for event in played.of(EventKind.LEVEL_MOVED)]
    assert moves == [(950, 978), (978, 1020)]


# ---- time limit


def test_the_time_limit_closes_at_the_open_of_the_first_row_that_is_old_enough() -> None:
    terms = Terms(time_limit_ms=2 * MINUTE, slippage=1_000, stop_loss=PERCENT)
    # Entered in bar 1 at 1,001; bar 3 opens two minutes later, below the stop of 990 as well:
    # time comes first.
    played = trade(terms, FLAT, FLAT, (980, 990, 970, 980))
    # 980 x 0.999 = 979.02: 979.
    assert only_exit(played) == (ExitReason.TIME_LIMIT, 979, 3)
    assert played.of(EventKind.LEVEL_TOUCHED) == []


def test_a_decision_to_leave_comes_before_the_time_limit() -> None:
    terms = Terms(time_limit_ms=2 * MINUTE)
    played = through(terms, [FLAT] * 5, {0: [BUY], 2: [SELL]})
    assert only_exit(played) == (ExitReason.SIGNAL, 1000, 3)


def test_a_row_without_a_price_does_not_end_a_trade_by_time() -> None:
    played = trade(Terms(time_limit_ms=MINUTE), FLAT, (0, 0, 0, 0), FLAT)
    assert only_exit(played) == (ExitReason.TIME_LIMIT, 1000, 3)


# ---- target steps


def test_the_target_follows_the_table_of_ages() -> None:
    steps = ((2 * MINUTE, 2 * PERCENT), (3 * MINUTE, 0))
    terms = Terms(take_profit=5 * PERCENT, target_steps=steps, maker=0, fee=1_000)
    played = trade(terms, FLAT, FLAT, (1000, 1019, 990, 995), (995, 1001, 990, 1000))
    [first, second] = played.of(EventKind.TARGET_MOVED)
    assert played.of(EventKind.TRADE_OPENED)[0]["target"] == 1050
    assert (first["row_at"], first["limit"], first["target"]) == (T0 + 3 * MINUTE, 1050, 1020)
    assert (first["code"], first["price"]) == (TargetSource.STEP, 1020)
    assert (second["row_at"], second["limit"], second["target"]) == (T0 + 4 * MINUTE, 1020, 1000)
    assert only_exit(played) == (ExitReason.TARGET_STEP, 1000, 4)
    assert played.of(EventKind.FILL)[-1]["fee"] == 0  # it rested at its level


def test_a_step_below_the_open_is_a_market_order_in_the_row_where_it_takes_effect() -> None:
    terms = Terms(target_steps=((2 * MINUTE, PERCENT),), fee=1_000, maker=0, slippage=1_000)
    # Entered at 1,001: 1 % is 1,011.01: 1,012. The row in which it counts opens at 1,030 and
    # sells at 1,030 x 0.999 = 1,028.97.
    played = trade(terms, FLAT, FLAT, (1030, 1040, 1020, 1030))
    assert only_exit(played) == (ExitReason.TARGET_STEP, 1028, 3)
    [touched] = played.of(EventKind.LEVEL_TOUCHED)
    assert (touched["limit"], touched["price"]) == (1012, 1030)
    assert played.of(EventKind.FILL)[-1]["fee"] > 0


def test_a_step_of_age_zero_stands_from_the_entry_on() -> None:
    terms = Terms(take_profit=5 * PERCENT, target_steps=((0, 2 * PERCENT),))
    played = trade(terms, FLAT, (1000, 1020, 1000, 1010))
    assert played.of(EventKind.TARGET_MOVED) == []
    assert only_exit(played) == (ExitReason.TARGET_STEP, 1020, 2)


# ---- partial targets


PARTS = ((2 * PERCENT, 500_000), (4 * PERCENT, 1_000_000))


def test_partial_targets_close_their_shares_and_the_last_one_ends_the_trade() -> None:
    terms = Terms(partials=PARTS, fee=2_000, maker=1_000)
    played = trade(terms, FLAT, (1000, 1025, 1000, 1020), (1020, 1040, 1020, 1030))
    # Half of the 250 at 1,020, the rest at 1,040. The maker fee of 0.1 % is 127.5 and 130.
    assert fills(played) == [(BUY, 250, 1000), (SELL, 125, 1020), (SELL, 125, 1040)]
    part = played.of(EventKind.FILL)[1]
    assert (part["code"], part["pnl"], part["fee"]) == (ExitReason.PARTIAL_TARGET, 2_500, 128)
    assert (part["position"], part["cost"], part["collateral"]) == (125, 125_000, 125_000)
    [closed] = played.of(EventKind.TRADE_CLOSED)
    # (1,020 + 1,040) / 2; gross 2,500 + 5,000; fees 500 + 128 + 130.
    assert (closed["price"], closed["amount"], closed["pnl"]) == (1030, 250, 7_500 - 758)
    assert (closed["code"], closed["actual"]) == (ExitReason.PARTIAL_TARGET, 758)
    assert closed["cash"] == CASH + 7_500 - 758


def test_both_partial_targets_and_the_target_in_one_bar_the_nearest_first() -> None:
    parts = ((2 * PERCENT, 500_000), (3 * PERCENT, 750_000), (6 * PERCENT, 1_000_000))
    played = trade(Terms(partials=parts, take_profit=3 * PERCENT), FLAT, (1000, 1100, 1000, 1000))
    # 125 at 1,020; 187 of 250 in all: 62 at 1,030, before the target at the same price.
    assert fills(played)[1:] == [(SELL, 125, 1020), (SELL, 62, 1030), (SELL, 63, 1030)]
    assert only_exit(played)[0] == ExitReason.TAKE_PROFIT
    # (125 x 1,020 + 125 x 1,030) / 250 = 1,025.
    assert only_exit(played)[1] == 1025


def test_partial_targets_fill_at_their_level_where_a_row_opens_beyond() -> None:
    played = trade(Terms(partials=PARTS), FLAT, (1030, 1031, 1025, 1030))
    assert fills(played)[1:] == [(SELL, 125, 1020), (SELL, 125, 1030)]
    [touched] = played.of(EventKind.LEVEL_TOUCHED)
    assert (touched["limit"], touched["price"]) == (1020, 1030)


def test_a_short_covers_in_parts_from_above() -> None:
    played = trade(Terms(partials=PARTS), FLAT, (1000, 1000, 960, 970), action=SHORT)
    assert fills(played) == [(SHORT, 250, 1000), (COVER, 125, 980), (COVER, 125, 960)]
    assert played.of(EventKind.TRADE_CLOSED)[0]["pnl"] == 125 * 20 + 125 * 40


def test_a_share_below_the_markets_least_is_passed_over() -> None:
    parts = ((PERCENT, 100_000), (2 * PERCENT, 500_000))
    played = trade(Terms(partials=parts, min_amount=30), FLAT, (1000, 1025, 1000, 1020))
    [expired] = played.of(EventKind.EXPIRED)
    assert (expired["code"], expired["action"]) == (ExitReason.PARTIAL_TARGET, SELL)
    # 25 are too few; the next level takes what is due by then: half of all.
    assert fills(played)[1] == (SELL, 125, 1020)


def test_what_would_leave_less_than_a_step_closes_all() -> None:
    parts = ((PERCENT, 999_999),)
    played = trade(Terms(partials=parts, order_step=50), FLAT, (1000, 1010, 1000, 1000))
    # 249 floored to 200 leaves 50, a step: that stays.
    assert fills(played)[1] == (SELL, 200, 1010)
    whole = trade(Terms(partials=parts), FLAT, (1000, 1010, 1000, 1000))
    assert fills(whole)[1] == (SELL, 249, 1010)
    tight = trade(Terms(partials=parts, order_step=250), FLAT, (1000, 1010, 1000, 1000))
    assert tight.of(EventKind.EXPIRED) != []


# ---- levels moved by hand


def test_a_stop_moved_by_hand_is_met_as_a_stop_loss() -> None:
    terms = Terms(stop_loss=PERCENT)
    played = trade(terms, FLAT, Told(Input.MOVE_STOP, (995,)), (1000, 1000, 994, 1000))
    [told] = played.of(EventKind.COMMANDED)
    assert (told["price"], told["limit"], told["stop"]) == (995, 990, 995)
    assert told["stop_by"] == StopSource.HAND
    assert only_exit(played) == (ExitReason.STOP_LOSS, 995, 3)
    assert played.of(EventKind.LEVEL_MOVED) == []


def test_trailing_only_improves_a_stop_moved_by_hand() -> None:
    lower = trade(Terms(trailing=PERCENT), FLAT, Told(Input.MOVE_STOP, (980,)), FLAT)
    # 980 is below what trailing asks for: 990 again after the next row.
    assert [event["stop"] for event in lower.of(EventKind.LEVEL_MOVED)] == [990]
    higher = trade(Terms(trailing=PERCENT), FLAT, Told(Input.MOVE_STOP, (995,)), FLAT)
    assert higher.of(EventKind.LEVEL_MOVED) == []


def test_a_target_moved_by_hand_stays_where_the_hand_put_it() -> None:
    terms = Terms(take_profit=2 * PERCENT, target_steps=((3 * MINUTE, PERCENT),))
    moved = Told(Input.MOVE_TARGET, (1040,))
    played = trade(terms, FLAT, moved, (1000, 1030, 1000, 1000), (1000, 1040, 1000, 1000))
    [told] = played.of(EventKind.COMMANDED)
    assert (told["price"], told["limit"], told["target"]) == (1040, 1020, 1040)
    assert played.of(EventKind.TARGET_MOVED) == []
    assert only_exit(played) == (ExitReason.TAKE_PROFIT, 1040, 4)


def test_moving_a_level_without_a_position_only_leaves_a_trace() -> None:
    rows = [FLAT, Told(Input.MOVE_STOP, (995,)), Told(Input.MOVE_TARGET, (1005,)), FLAT]
    played = through(Terms(), rows, {})
    told = played.of(EventKind.COMMANDED)
    assert [(event["code"], event["price"], event["stop"]) for event in told] == [
        (Input.MOVE_STOP, 0, 0),
        (Input.MOVE_TARGET, 0, 0),
    ]


# ---- close and stop, wherever the exit happens


def test_close_and_stop_ends_the_session_after_any_exit() -> None:
    rows = [FLAT, FLAT, Told(Input.CLOSE_AND_STOP), FLAT, FLAT]
    played = through(Terms(time_limit_ms=MINUTE), rows, {0: [BUY], 4: [BUY]})
    assert played.all()[-1]["kind"] == EventKind.SESSION_ENDED
    assert only_exit(played)[0] == ExitReason.MANUAL


def test_ticks_raise_the_best_price_too() -> None:
    table = bars([FLAT, FLAT, (1100,) * 4, (1089,) * 4])
    table[1:, 0] = 0  # PRICE rows
    played = play(Terms(trailing=PERCENT), CASH, table, at_closes(4, {0: [BUY]}))
    assert only_exit(played) == (ExitReason.TRAILING_STOP, 1089, 3)
