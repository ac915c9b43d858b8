"""Hand-worked cases for what is refused, at a close and with the price."""

from __future__ import annotations

import pytest

from engine.core import layout as slot
from engine.domain.reasons import Action, Refusal
from engine.messages.events import EventKind
from tests.core.play import MINUTE, T0, Played, at_closes, bars, play
from tests.core.reference import DAY, Terms
from tests.core.worked import CASH, FLAT, trade

BUY, SELL, SHORT, COVER = Action


# ---- signals at one close


def codes(played: Played) -> list[tuple[Refusal, Action]]:
    return [
        (Refusal(event["code"]), Action(event["action"])) for event in played.of(EventKind.REFUSAL)
    ]


def test_a_flip_leaves_and_enters_at_the_same_open() -> None:
    table = bars([FLAT, FLAT, (1100, 1100, 1100, 1100)])
    played = play(Terms(), CASH, table, at_closes(3, {0: [BUY], 1: [SELL, SHORT]}), end=None)
    fills = [(fill["action"], fill["price"]) for fill in played.of(EventKind.FILL)]
    assert fills == [(BUY, 1000), (SELL, 1100), (SHORT, 1100)]
    # Sized from the cash after the leave: 25 % of 1,025,000 / 1,100 = 232.9.
    assert played.state[slot.POSITION] == -232


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({0: [SELL]}, [(Refusal.NO_OPEN_POSITION, SELL)]),
        ({0: [BUY], 1: [BUY]}, [(Refusal.POSITION_ALREADY_OPEN, BUY)]),
        ({0: [BUY], 1: [SHORT]}, [(Refusal.POSITION_ALREADY_OPEN, SHORT)]),
        (
            {0: [BUY, SELL]},
            [(Refusal.NO_OPEN_POSITION, SELL), (Refusal.CONFLICTING_SIGNAL, BUY)],
        ),
        ({0: [BUY], 1: [BUY, SELL]}, [(Refusal.CONFLICTING_SIGNAL, BUY)]),
        (
            {0: [BUY, SHORT]},
            [(Refusal.CONFLICTING_SIGNAL, BUY), (Refusal.CONFLICTING_SIGNAL, SHORT)],
        ),
    ],
)
def test_who_is_refused_at_one_close(
    asked: dict[int, list[Action]], expected: list[tuple[Refusal, Action]]
) -> None:
    assert codes(play(Terms(), CASH, bars([FLAT] * 3), at_closes(3, asked))) == expected


def test_equal_refusals_only_count_until_something_else_happens() -> None:
    asked = at_closes(6, {0: [SELL], 1: [SELL], 2: [SELL], 4: [BUY]})
    played = play(Terms(), CASH, bars([FLAT] * 6), asked)
    [counted] = played.of(EventKind.REFUSALS_COUNTED)
    assert len(played.of(EventKind.REFUSAL)) == 1
    assert (counted["actual"], counted["row_at"]) == (3, T0 + 2 * MINUTE)
    assert counted["no"] + 1 == played.of(EventKind.SIGNAL)[0]["no"]
    assert played.state[slot.REFUSALS + Refusal.NO_OPEN_POSITION] == 3


# ---- rules with numbers


def test_cooldown_counts_from_the_bar_of_the_exit_to_the_decision() -> None:
    # The exit fills in bar 2; the closes of bars 2, 3, 4 are 1, 2, 3 minutes after its open.
    asked = at_closes(6, {0: [BUY], 1: [SELL], 2: [BUY], 3: [BUY], 4: [BUY]})
    played = play(Terms(cooldown_ms=3 * MINUTE), CASH, bars([FLAT] * 6), asked)
    [first] = played.of(EventKind.REFUSAL)
    assert (first["code"], first["limit"], first["actual"]) == (
        Refusal.COOLDOWN,
        3 * MINUTE,
        MINUTE,
    )
    assert played.state[slot.REFUSALS + Refusal.COOLDOWN] == 2
    assert len(played.of(EventKind.TRADE_OPENED)) == 2


def test_a_flip_is_refused_while_there_is_a_cooldown() -> None:
    asked = at_closes(3, {0: [BUY], 1: [SELL, SHORT]})
    played = play(Terms(cooldown_ms=MINUTE), CASH, bars([FLAT] * 3), asked)
    [refusal] = played.of(EventKind.REFUSAL)
    assert (refusal["code"], refusal["actual"]) == (Refusal.COOLDOWN, 0)


def test_trades_per_day_count_fills_of_the_utc_day_and_the_last_bar_decides_for_the_new_one() -> (
    None
):
    table = bars([FLAT] * 6, start=T0 + DAY - 4 * MINUTE)
    asked = at_closes(6, {0: [BUY], 1: [SELL], 2: [BUY], 3: [BUY]})
    played = play(Terms(max_trades=1), CASH, table, asked)
    [refusal] = played.of(EventKind.REFUSAL)
    assert (refusal["code"], refusal["limit"], refusal["actual"]) == (
        Refusal.MAX_TRADES_PER_DAY,
        1,
        1,
    )
    assert refusal["row_at"] == T0 + DAY - 2 * MINUTE
    # The bar of 23:59 closes at 00:00: its BUY belongs to the new day.
    assert [event["row_at"] for event in played.of(EventKind.TRADE_OPENED)] == [
        T0 + DAY - 3 * MINUTE,
        T0 + DAY,
    ]


@pytest.mark.parametrize(
    ("terms", "code", "limit", "actual"),
    [
        # 50 % wanted, 25 % allowed: 250,000 of 1,000,000.
        (Terms(position=500_000, ceiling=250_000), Refusal.MAX_POSITION, 250_000, 500_000),
        # A step of 300 at 1,000 is above a quarter of the cash.
        (Terms(order_step=300), Refusal.BELOW_MINIMUM, 300, 0),
        (Terms(min_amount=251), Refusal.BELOW_MINIMUM, 251, 250),
        (Terms(min_notional=250_001), Refusal.BELOW_MINIMUM, 251, 250),
        # All of it wanted and needed, but the fee of 0.1 % cannot be paid on top.
        (
            Terms(position=1_000_000, fee=1_000, min_amount=1_000),
            Refusal.INSUFFICIENT_CASH,
            1_001_000,
            CASH,
        ),
    ],
)
def test_refusals_with_the_price(terms: Terms, code: Refusal, limit: int, actual: int) -> None:
    [refusal] = trade(terms, FLAT).of(EventKind.REFUSAL)
    assert (refusal["code"], refusal["limit"], refusal["actual"]) == (code, limit, actual)
    assert (refusal["row_at"], refusal["price"]) == (T0 + MINUTE, 1000)
