"""Hand-worked cases for what happens inside a bar, rule by rule."""

from __future__ import annotations

import pytest

from engine.core import layout as slot
from engine.domain.reasons import Action, ExitReason, StopSource
from engine.messages.events import EventKind
from tests.core.play import MINUTE, T0, at_closes, bars, play
from tests.core.reference import Terms
from tests.core.worked import CASH, FLAT, PERCENT, only_exit, trade

BUY, SELL, SHORT, COVER = Action


# ---- rule 1: the next open at the earliest; market and stop fills slip


def test_a_decision_fills_at_the_open_of_the_next_bar_with_slippage_and_fee() -> None:
    played = trade(Terms(fee=1_000, slippage=500), (1010, 1020, 1005, 1015))
    signal, fill, opened = (
        played.of(kind)[0] for kind in (EventKind.SIGNAL, EventKind.FILL, EventKind.TRADE_OPENED)
    )
    assert (signal["row_at"], signal["at"], signal["price"]) == (T0, T0 + MINUTE, 1000)
    # 1010 x 1.0005 = 1010.505, against the buyer: 1011. 250,000 / 1011 = 247.3: 247.
    # 247 x 1011 = 249,717; 0.1 % of it is 249.717, against the trader: 250.
    assert (fill["row_at"], fill["limit"], fill["price"]) == (T0 + MINUTE, 1010, 1011)
    assert (fill["amount"], fill["fee"]) == (247, 250)
    assert fill["cash"] == CASH - 249_717 - 250
    assert (opened["position"], opened["entry"], opened["trade"]) == (247, 1011, opened["no"])


def test_the_end_of_data_closes_at_the_last_close_with_slippage() -> None:
    played = trade(Terms(fee=1_000, slippage=500), (1010, 1020, 1005, 1015))
    [closed] = played.of(EventKind.TRADE_CLOSED)
    # 1015 x 0.9995 = 1014.4925, against the seller: 1014. Gross 247 x 3 = 741.
    # Fee 247 x 1014 x 0.001 = 250.458: 251. Net 741 - 250 - 251 = 240.
    assert (closed["price"], closed["pnl"], closed["actual"]) == (1014, 240, 501)
    assert closed["cash"] == CASH + 240
    assert closed["code"] == ExitReason.END_OF_DATA
    assert (closed["row_at"], closed["at"]) == (T0 + MINUTE, T0 + 2 * MINUTE)


def test_a_decision_without_a_later_row_expires() -> None:
    played = play(Terms(), CASH, bars([FLAT]), at_closes(1, {0: [BUY]}))
    kinds = [event["kind"] for event in played.all()]
    assert kinds == [
        EventKind.SESSION_STARTED,
        EventKind.SIGNAL,
        EventKind.EXPIRED,
        EventKind.SESSION_ENDED,
    ]


# ---- rule 2: exits may happen in the entry bar; a signal's exit comes before any level


def test_an_exit_may_happen_in_the_entry_bar() -> None:
    played = trade(Terms(stop_loss=PERCENT), (1000, 1005, 989, 1000))
    assert only_exit(played) == (ExitReason.STOP_LOSS, 990, 1)


def test_a_signal_exits_at_the_open_before_a_level_inside_that_bar() -> None:
    table = bars([FLAT, FLAT, (1000, 1030, 980, 1000)])
    asked = at_closes(3, {0: [BUY], 1: [SELL]})
    played = play(Terms(stop_loss=PERCENT, take_profit=2 * PERCENT), CASH, table, asked)
    assert only_exit(played) == (ExitReason.SIGNAL, 1000, 2)


# ---- rule 3: stop before target; tested as it stood, then raised; the close is not tested


def test_stop_and_target_in_one_bar_is_the_stop() -> None:
    terms = Terms(stop_loss=PERCENT, take_profit=PERCENT)
    assert only_exit(trade(terms, FLAT, (1000, 1020, 980, 1015))) == (ExitReason.STOP_LOSS, 990, 2)
    short = trade(terms, FLAT, (1000, 1020, 980, 1015), action=SHORT)
    assert only_exit(short) == (ExitReason.STOP_LOSS, 1010, 2)


def test_the_stop_is_raised_after_the_bar_and_not_tested_against_its_close() -> None:
    # The high of 1,100 raises the stop to 1,089, above the close of 1,050: still in.
    # The next bar opens at 1,050, beyond it: out at the open.
    played = trade(Terms(trailing=PERCENT), FLAT, (1000, 1100, 995, 1050), (1050, 1060, 1040, 1050))
    [moved] = played.of(EventKind.LEVEL_MOVED)
    assert (moved["limit"], moved["stop"], moved["actual"]) == (990, 1089, 1100)
    assert only_exit(played) == (ExitReason.TRAILING_STOP, 1050, 3)


# ---- rule 4: opens beyond a level


@pytest.mark.parametrize(
    ("action", "row", "expected"),
    [
        (BUY, (970, 980, 960, 975), (ExitReason.STOP_LOSS, 970, 2)),
        (BUY, (1050, 1060, 900, 1000), (ExitReason.TAKE_PROFIT, 1020, 2)),
        (SHORT, (1030, 1040, 1020, 1030), (ExitReason.STOP_LOSS, 1030, 2)),
        (SHORT, (950, 1100, 940, 950), (ExitReason.TAKE_PROFIT, 980, 2)),
    ],
)
def test_a_row_that_opens_beyond_a_level(
    action: Action, row: tuple[int, int, int, int], expected: tuple[ExitReason, int, int]
) -> None:
    terms = Terms(stop_loss=PERCENT, take_profit=2 * PERCENT)
    assert only_exit(trade(terms, FLAT, row, action=action)) == expected


def test_stop_fills_slip_and_target_fills_do_not() -> None:
    # Fill 1,001; stop 990.99: 990, sold at 990 x 0.9995 = 989.505: 989; target 1,021.02: 1,022.
    terms = Terms(slippage=500, stop_loss=PERCENT, take_profit=2 * PERCENT)
    stopped = trade(terms, FLAT, (1000, 1000, 980, 1000))
    assert only_exit(stopped) == (ExitReason.STOP_LOSS, 989, 2)
    taken = trade(terms, FLAT, (1000, 1030, 1000, 1000))
    assert only_exit(taken) == (ExitReason.TAKE_PROFIT, 1022, 2)


# ---- rule 5: levels from the slipped fill, rounding, trailing


def test_levels_count_from_the_slipped_fill_and_round_away_from_it() -> None:
    # Fill 1000 x 1.0005 = 1000.5: 1001. Stop 1001 x 0.99 = 990.99: 990. Target x 1.02: 1022.
    terms = Terms(slippage=500, stop_loss=PERCENT, take_profit=2 * PERCENT)
    [opened] = trade(terms, FLAT).of(EventKind.TRADE_OPENED)
    assert (opened["entry"], opened["stop"], opened["target"]) == (1001, 990, 1022)
    # Short: 999.5: 999. Stop 999 x 1.01 = 1008.99: 1009. Target 999 x 0.98 = 979.02: 979.
    [opened] = trade(terms, FLAT, action=SHORT).of(EventKind.TRADE_OPENED)
    assert (opened["entry"], opened["stop"], opened["target"]) == (999, 1009, 979)


def test_a_target_equal_to_the_high_and_a_stop_equal_to_the_low_are_hit() -> None:
    terms = Terms(stop_loss=PERCENT, take_profit=2 * PERCENT)
    up = trade(terms, FLAT, (1000, 1020, 1000, 1000))
    assert only_exit(up) == (ExitReason.TAKE_PROFIT, 1020, 2)
    below = trade(terms, FLAT, (1000, 1019, 990, 1000))
    assert only_exit(below) == (ExitReason.STOP_LOSS, 990, 2)
    neither = trade(terms, FLAT, (1000, 1019, 991, 1000))
    assert only_exit(neither)[0] == ExitReason.END_OF_DATA


def test_trailing_starts_only_strictly_beyond_its_activation() -> None:
    terms = Terms(stop_loss=5 * PERCENT, trailing=PERCENT, activation=2 * PERCENT)
    reached = trade(terms, FLAT, (1000, 1020, 1000, 1010), (1010, 1010, 1009, 1009))
    assert reached.of(EventKind.LEVEL_MOVED) == []
    beyond = trade(terms, FLAT, (1000, 1021, 1000, 1012), (1012, 1012, 1010, 1011))
    [moved] = beyond.of(EventKind.LEVEL_MOVED)
    # 1021 x 0.99 = 1010.79: 1010, met by the low of 1010 in the next bar.
    assert (moved["limit"], moved["stop"], moved["stop_by"]) == (950, 1010, StopSource.TRAILING)
    assert only_exit(beyond) == (ExitReason.TRAILING_STOP, 1010, 3)


def test_trailing_never_loosens_and_the_reason_names_what_set_the_stop() -> None:
    # A stop-loss of 0.5 % is tighter than trailing 1 %: it stands until 1,006 x 0.99 = 995.94
    # would be looser or equal; the exit is the stop-loss.
    terms = Terms(stop_loss=5_000, trailing=PERCENT)
    tight = trade(terms, FLAT, (1000, 1005, 996, 1000), (1000, 1000, 995, 999))
    assert only_exit(tight) == (ExitReason.STOP_LOSS, 995, 3)
    # 1,010 x 0.99 = 999.9: 999 is tighter: trailing.
    raised = trade(terms, FLAT, (1000, 1010, 996, 1000), (1000, 1000, 999, 999))
    assert only_exit(raised) == (ExitReason.TRAILING_STOP, 999, 3)


def test_a_short_trails_down_from_its_best_price() -> None:
    played = trade(
        Terms(trailing=PERCENT), FLAT, (1000, 1005, 900, 950), (905, 909, 902, 905), action=SHORT
    )
    # 900 x 1.01 = 909.
    assert only_exit(played) == (ExitReason.TRAILING_STOP, 909, 3)
    [closed] = played.of(EventKind.TRADE_CLOSED)
    assert closed["pnl"] == 250 * 91


# ---- shorts and their set-aside money


def test_a_short_sets_aside_its_notional_and_is_liquidated_at_twice_its_entry() -> None:
    played = trade(Terms(position=1_000_000), (1000, 1999, 1000, 1999), action=SHORT, end=None)
    assert (played.state[slot.CASH], played.state[slot.POSITION]) == (0, -1000)
    played = trade(Terms(position=1_000_000, fee=0), FLAT, (1000, 2000, 1000, 1500), action=SHORT)
    assert only_exit(played) == (ExitReason.LIQUIDATION, 2000, 2)
    assert played.state[slot.CASH] == 0


def test_a_gap_far_beyond_a_short_takes_no_more_than_was_set_aside() -> None:
    table = bars([FLAT, FLAT, (9000, 9000, 9000, 9000)])
    for asked, reason in (({0: [SHORT], 1: [COVER]}, ExitReason.SIGNAL), ({0: [SHORT]}, None)):
        played = play(Terms(position=1_000_000), CASH, table, at_closes(3, asked))
        exit_reason, price, _ = only_exit(played)
        assert (exit_reason, price) == (reason or ExitReason.LIQUIDATION, 2000)
        assert played.state[slot.CASH] == 0


def test_a_stop_nearer_than_the_liquidation_is_met_first() -> None:
    terms = Terms(stop_loss=50 * PERCENT)
    played = trade(terms, FLAT, (1000, 2500, 1000, 1000), action=SHORT)
    assert only_exit(played) == (ExitReason.STOP_LOSS, 1500, 2)
