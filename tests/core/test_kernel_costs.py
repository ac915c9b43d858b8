"""Hand-worked cases for what a fill costs and how large it is."""

from __future__ import annotations

import pytest

from engine.core import layout as slot
from engine.domain.reasons import Action, ExitReason, Input, Refusal
from engine.domain.settings import Sizing
from engine.messages.events import EventKind
from tests.core.reference import Terms
from tests.core.worked import CASH, FLAT, PERCENT, Told, fills, only_exit, refusals, through, trade

BUY, SELL, SHORT, COVER = Action


# ---- slippage, range and spread


def test_half_the_spread_and_a_share_of_the_range_come_on_top_of_slippage() -> None:
    # 0.05 % + half of 0.0301 %, rounded up: 0.0651 %. Of 1,000: 1,000.651, up 1,001.
    # The bar's range is 33; a tenth of it, rounded up, is 4.
    terms = Terms(slippage=500, spread=301, slippage_range=10 * PERCENT)
    played = trade(terms, (1000, 1020, 987, 1000), FLAT)
    entered, left = played.of(EventKind.FILL)
    assert (entered["limit"], entered["price"]) == (1000, 1005)
    # At the end of the data there is no range: 1,000 x 0.999349 = 999.349.
    assert (left["limit"], left["price"]) == (1000, 999)


def test_a_stop_slips_by_the_range_and_never_below_one() -> None:
    terms = Terms(slippage_range=100 * PERCENT, stop_loss=PERCENT)
    played = trade(terms, FLAT, (1000, 1000, 900, 950))
    assert only_exit(played) == (ExitReason.STOP_LOSS, 890, 2)
    deep = trade(terms, FLAT, (1000, 1000, 1, 950))
    assert only_exit(deep) == (ExitReason.STOP_LOSS, 1, 2)


def test_a_recorded_spread_stands_until_the_next_and_counts_instead_of_the_setting() -> None:
    terms = Terms(spread=200)
    rows = [FLAT, Told(Input.SPREAD, (20_000,)), FLAT, FLAT, Told(Input.SPREAD, (0,)), FLAT]
    played = through(terms, rows, {0: [BUY], 3: [SELL]})
    # 1 % of 1,000 up; then no spread at all.
    assert [price for _, _, price in fills(played)] == [1010, 1000]
    assert played.of(EventKind.COMMANDED) == []
    assert played.state[slot.SPREAD] == 1


# ---- fees


def test_target_fills_pay_the_maker_fee_and_all_others_the_taker_fee() -> None:
    terms = Terms(fee=2_000, maker=500, take_profit=PERCENT, stop_loss=PERCENT)
    taken = trade(terms, FLAT, (1000, 1010, 1000, 1000))
    # 249 x 1,000 x 0.2 % = 498; 249 x 1,010 x 0.05 % = 125.7.
    assert [fill["fee"] for fill in taken.of(EventKind.FILL)] == [500, 127]
    stopped = trade(terms, FLAT, (1000, 1000, 990, 1000))
    assert [fill["fee"] for fill in stopped.of(EventKind.FILL)] == [500, 495]


def test_a_fee_in_the_bought_coin_shrinks_the_lot_and_its_dust_is_written_off() -> None:
    terms = Terms(fee=10_000, fee_in_base=True, order_step=10)
    played = trade(terms, FLAT, (1100, 1100, 1100, 1100))
    entered, left = played.of(EventKind.FILL)
    # 250 ordered, 2.5 kept back, rounded up: 3. 247 are held at 1,000; all 250,000 were paid.
    assert (entered["amount"], entered["position"], entered["fee"]) == (250, 247, 3_000)
    assert (entered["cash"], entered["cost"], entered["entry"]) == (750_000, 247_000, 1000)
    # 240 can be sold; 7 are written off. 240 x 1,100 - 247,000 = 17,000; fee 2,640.
    assert (left["amount"], left["pnl"], left["fee"]) == (240, 17_000, 2_640)
    [closed] = played.of(EventKind.TRADE_CLOSED)
    assert (closed["amount"], closed["pnl"], closed["actual"]) == (247, 17_000 - 5_640, 5_640)
    assert closed["cash"] == CASH + closed["pnl"]
    assert (closed["position"], closed["cost"]) == (0, 0)


def test_a_short_pays_in_the_quote_coin_all_the_same() -> None:
    played = trade(Terms(fee=10_000, fee_in_base=True), FLAT, action=SHORT)
    entered = played.of(EventKind.FILL)[0]
    assert (entered["amount"], entered["position"], entered["fee"]) == (250, -250, 2_500)


def test_a_fee_in_the_bought_coin_needs_no_cash_of_its_own() -> None:
    terms = Terms(fee=10_000, position=1_000_000)
    assert fills(trade(terms, FLAT))[0] == (BUY, 990, 1000)
    base = Terms(fee=10_000, position=1_000_000, fee_in_base=True)
    assert fills(trade(base, FLAT))[0] == (BUY, 1_000, 1000)


def test_an_order_whose_fee_leaves_less_than_a_step_is_below_the_minimum() -> None:
    terms = Terms(fee=10_000, fee_in_base=True, order_step=250)
    assert refusals(trade(terms, FLAT)) == [(Refusal.BELOW_MINIMUM, 250, 250)]


# ---- size


def test_a_fixed_size_does_not_depend_on_the_equity() -> None:
    terms = Terms(sizing=Sizing.QUOTE, size_quote=123_456)
    assert fills(trade(terms, FLAT))[0] == (BUY, 123, 1000)


@pytest.mark.parametrize(
    ("terms", "amount"),
    [
        # 1 % of 1,000,000 is 10,000; a stop 2 % away loses 20 for each: 500.
        (Terms(sizing=Sizing.RISK, risk=PERCENT, stop_loss=2 * PERCENT), 500),
        # The ceiling of a quarter allows 250.
        (Terms(sizing=Sizing.RISK, risk=PERCENT, stop_loss=2 * PERCENT, ceiling=250_000), 250),
        # Without a stop loss the first trailing stop counts: 5 % away, 200.
        (Terms(sizing=Sizing.RISK, risk=PERCENT, trailing=5 * PERCENT), 200),
    ],
)
def test_a_size_by_risk_loses_that_share_at_the_stop(terms: Terms, amount: int) -> None:
    played = trade(terms, FLAT)
    assert fills(played)[0] == (BUY, amount, 1000)
    assert played.of(EventKind.REFUSAL) == []


def test_equity_outside_counts_for_the_size() -> None:
    state = slot.new_state(CASH)
    state[slot.OUTSIDE] = CASH
    assert fills(trade(Terms(), FLAT, state=state))[0] == (BUY, 500, 1000)


# ---- refusals with a price


def test_a_spread_that_is_too_wide_refuses_the_entry() -> None:
    terms = Terms(max_spread=500)
    rows = [FLAT, Told(Input.SPREAD, (501,)), FLAT, FLAT]
    assert refusals(through(terms, rows, {0: [BUY]})) == [(Refusal.MAX_SPREAD, 500, 501)]
    rows[1] = Told(Input.SPREAD, (500,))
    assert refusals(through(terms, rows, {0: [BUY]})) == []


def test_the_room_of_the_account_refuses_only_what_needs_more() -> None:
    for room, expected in ((249_999, [(Refusal.MAX_EXPOSURE, 249_999, 250_000)]), (250_000, [])):
        rows = [FLAT, Told(Input.ACCOUNT, (Refusal.MAX_EXPOSURE, room)), FLAT]
        played = through(Terms(), rows, {0: [BUY]})
        assert refusals(played) == expected
        assert played.state[slot.ACCOUNT_ROOM] == 0


def test_the_room_of_the_account_goes_with_the_entry_it_was_for() -> None:
    room = Told(Input.ACCOUNT, (Refusal.MAX_EXPOSURE, 1))
    rows = [FLAT, room, Told(Input.CLOSE_POSITION), FLAT, FLAT]
    played = through(Terms(), rows, {0: [BUY], 3: [BUY]})
    assert len(played.of(EventKind.EXPIRED)) == 1
    assert refusals(played) == []
    assert fills(played)[0] == (BUY, 250, 1000)


def test_the_account_refuses_the_entry_that_waits() -> None:
    answer = Told(Input.ACCOUNT, (Refusal.MAX_OPEN_POSITIONS, 3, 4))
    played = through(Terms(), [FLAT, (990, 990, 990, 990), answer, FLAT, answer], {1: [BUY]})
    [refused] = played.of(EventKind.REFUSAL)
    assert (refused["code"], refused["limit"], refused["actual"]) == (24, 3, 4)
    assert (refused["action"], refused["price"]) == (BUY, 990)
    assert played.of(EventKind.FILL) == []


def test_a_yes_of_the_account_changes_nothing() -> None:
    played = through(Terms(), [FLAT, Told(Input.ACCOUNT), FLAT], {0: [BUY]})
    assert fills(played)[0] == (BUY, 250, 1000)
