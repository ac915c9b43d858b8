"""Hand-worked cases for leverage, liquidation and funding. At 10x a tenth of 1,000,000 as margin
holds 1,000 at 1,000."""

from __future__ import annotations

import pytest

from engine.core import layout as slot
from engine.domain.reasons import Action, EndReason, ExitReason, Refusal
from engine.messages.events import EventKind
from tests.core.reference import Terms
from tests.core.worked import (
    CASH,
    FLAT,
    PERCENT,
    Funded,
    fills,
    only_exit,
    refusals,
    through,
    trade,
)

BUY, SELL, SHORT, COVER = Action
TEN = Terms(position=100_000, leverage=10, maintenance=5_000)


def opened(terms: Terms, action: Action = BUY) -> dict[str, int]:
    return trade(terms, FLAT, action=action).of(EventKind.TRADE_OPENED)[0]


def test_the_margin_is_set_aside_and_the_liquidation_price_leaves_the_maintenance() -> None:
    long = opened(TEN)
    assert (long["position"], long["cost"], long["collateral"]) == (1_000, 1_000_000, 100_000)
    assert long["cash"] == 900_000
    # 900,000 / 0.995 = 904,522.6: 904,523; per unit 904.523: 905.
    assert long["liquidation"] == 905
    # 1,100,000 / 1.005 = 1,094,527.4; per unit 1,094.
    assert opened(TEN, SHORT)["liquidation"] == 1094


def test_a_margin_rounds_up() -> None:
    terms = Terms(position=1_000_000, leverage=3, min_amount=1)
    played = trade(terms, FLAT, cash=1_000)
    # 3 at 1,000 need 1,000 of margin. With a fee of 0.1 % only 2: 667 + 2.
    assert played.of(EventKind.TRADE_OPENED)[0]["collateral"] == 1_000
    fee = trade(Terms(position=1_000_000, leverage=3, fee=1_000), FLAT, cash=1_000)
    [entered, *_] = fee.of(EventKind.FILL)
    assert (entered["amount"], entered["collateral"], entered["fee"]) == (2, 667, 2)


def test_the_largest_order_that_margin_and_fee_allow() -> None:
    # At 125x and 0.1 % n costs n/125 + n/1,000, each rounded up on its own. By proportion 100 pay
    # for 11,111, which take 89 + 12 = 101. At 11,000 it is 88 + 11 = 99, one more takes 89 + 12.
    terms = Terms(position=1_000_000, leverage=125, fee=1_000)
    ones = (1, 1, 1, 1)
    [entered, *_] = through(terms, [ones, ones], {0: [BUY]}, cash=100).of(EventKind.FILL)
    assert (entered["amount"], entered["cash"]) == (11_000, 1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # A stop of 5 % and the liquidation in one bar: the liquidation.
        ((1000, 1000, 904, 950), (ExitReason.LIQUIDATION, 905, 2)),
        ((1000, 1000, 906, 950), (ExitReason.STOP_LOSS, 950, 2)),
        # A gap beyond it fills at the open, and no lower than where all is lost.
        ((902, 950, 902, 950), (ExitReason.LIQUIDATION, 902, 2)),
        ((700, 950, 700, 950), (ExitReason.LIQUIDATION, 900, 2)),
    ],
)
def test_liquidation_beats_the_stop(
    row: tuple[int, int, int, int], expected: tuple[ExitReason, int, int]
) -> None:
    terms = Terms(position=100_000, leverage=10, maintenance=5_000, stop_loss=5 * PERCENT)
    played = trade(terms, FLAT, row)
    assert only_exit(played) == expected
    assert played.state[slot.CASH] >= 900_000


def test_a_short_is_liquidated_above() -> None:
    played = trade(TEN, FLAT, (1000, 1094, 1000, 1000), action=SHORT)
    assert only_exit(played) == (ExitReason.LIQUIDATION, 1094, 2)
    [closed] = played.of(EventKind.TRADE_CLOSED)
    assert (closed["pnl"], closed["cash"]) == (-94_000, CASH - 94_000)
    far = trade(TEN, FLAT, (2000, 2000, 2000, 2000), action=SHORT)
    assert only_exit(far) == (ExitReason.LIQUIDATION, 1100, 2)
    assert far.state[slot.CASH] == 900_000


def test_a_profit_comes_back_with_the_margin() -> None:
    terms = Terms(position=100_000, leverage=10, take_profit=2 * PERCENT, fee=1_000)
    played = trade(terms, FLAT, (1000, 1020, 1000, 1000))
    [closed] = played.of(EventKind.TRADE_CLOSED)
    # Gross 20,000; fees 1,000 and 1,020.
    assert (closed["pnl"], closed["cash"]) == (20_000 - 2_020, CASH + 17_980)


def test_partial_exits_free_their_share_of_the_margin() -> None:
    terms = Terms(position=100_000, leverage=10, partials=((2 * PERCENT, 400_000),))
    played = trade(terms, FLAT, (1000, 1020, 1000, 1000))
    part = played.of(EventKind.FILL)[1]
    assert (part["amount"], part["pnl"]) == (400, 8_000)
    assert (part["collateral"], part["cash"]) == (60_000, 900_000 + 40_000 + 8_000)


def test_a_part_that_closes_a_dear_lot_moves_no_money() -> None:
    # At 2x 10 at 1,000 and 10 at 600 are 800 on average, with 8,000 set aside. Half of all at
    # 880 is the dear lot: it loses 1,200 and frees 4,000 of the 8,000.
    terms = Terms(
        position=5_000,
        leverage=2,
        adds=((40 * PERCENT, 1_000_000),),
        partials=((10 * PERCENT, 500_000),),
    )
    played = trade(terms, FLAT, (800, 880, 600, 880), end=None)
    part = played.of(EventKind.FILL)[2]
    assert (part["amount"], part["price"], part["pnl"]) == (10, 880, -1_200)
    assert (part["cost"], part["collateral"]) == (6_000, 4_000)
    assert part["cash"] == CASH - 8_000 + 4_000 - 1_200


def test_a_part_that_loses_more_than_its_share_of_the_margin_frees_what_it_lost() -> None:
    # 10 at 1,000 and 1,000 at 905 are 905.9 on average, with 1,000 and 90,500 set aside. The
    # target just above, 907, closes 9 of the dear 10: they lose 837, their share is 815.
    terms = Terms(
        position=1_000,
        leverage=10,
        adds=((95_000, 100_000_000),),
        partials=((1, 9_000),),
    )
    played = trade(terms, FLAT, (1000, 1000, 905, 930), end=None)
    part = played.of(EventKind.FILL)[2]
    assert (part["amount"], part["price"], part["pnl"]) == (9, 907, -837)
    assert (part["collateral"], part["cash"]) == (91_500 - 837, CASH - 91_500)


# ---- funding


def test_longs_pay_a_positive_rate_out_of_the_margin() -> None:
    # 0.01 % of 1,000 x 1,000 is 100; the mark of 1,010 makes 101.
    played = trade(TEN, FLAT, Funded(10_000), Funded(10_000, 1010))
    paid = played.of(EventKind.FUNDING_PAID)
    assert [(event["pnl"], event["price"], event["limit"]) for event in paid] == [
        (-100, 1000, 10_000),
        (-101, 1010, 10_000),
    ]
    assert (paid[-1]["collateral"], paid[-1]["funding"]) == (99_799, -201)
    # 900,201 / 0.995 / 1,000 = 904.7: 905 still.
    assert paid[-1]["liquidation"] == 905
    [closed] = played.of(EventKind.TRADE_CLOSED)
    assert (closed["pnl"], closed["funding"], closed["cash"]) == (-201, -201, CASH - 201)


def test_payments_round_against_the_trader() -> None:
    # 0.00001 % of 1,000,000 is 0.1: a unit when paid, nothing when received.
    paid = trade(TEN, FLAT, Funded(10)).of(EventKind.FUNDING_PAID)
    assert [event["pnl"] for event in paid] == [-1]
    assert trade(TEN, FLAT, Funded(10), action=SHORT).of(EventKind.FUNDING_PAID) == []
    received = trade(TEN, FLAT, Funded(10_000), action=SHORT).of(EventKind.FUNDING_PAID)
    assert [(event["pnl"], event["collateral"]) for event in received] == [(100, 100_100)]


def test_funding_takes_no_more_than_the_margin_and_the_next_open_liquidates() -> None:
    played = trade(TEN, FLAT, Funded(100_000_000), FLAT)
    [paid] = played.of(EventKind.FUNDING_PAID)
    assert (paid["pnl"], paid["collateral"], paid["liquidation"]) == (-100_000, 0, 1006)
    assert only_exit(played) == (ExitReason.LIQUIDATION, 1000, 3)
    assert played.state[slot.CASH] == 900_000


def test_funding_passes_by_spot_and_flat() -> None:
    assert trade(Terms(), FLAT, Funded(10_000)).of(EventKind.FUNDING_PAID) == []
    flat = trade(TEN, Funded(10_000))
    assert flat.of(EventKind.FUNDING_PAID) == []


# ---- limits


def test_the_ceiling_is_of_what_is_set_aside() -> None:
    within = Terms(position=100_000, leverage=10, ceiling=100_000)
    assert fills(trade(within, FLAT))[0] == (BUY, 1_000, 1000)
    beyond = Terms(position=100_000, leverage=10, ceiling=99_999)
    assert refusals(trade(beyond, FLAT)) == [(Refusal.MAX_POSITION, 99_999, 100_000)]


def test_a_notional_beyond_the_money_limit_ends_the_session() -> None:
    terms = Terms(position=1_000_000, leverage=125)
    played = trade(terms, FLAT, cash=1 << 56)
    assert played.all()[-1]["code"] == EndReason.MONEY_OVERFLOW
    assert played.of(EventKind.INTENT) == []
