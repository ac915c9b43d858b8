"""Trades of two runs paired one to one: each told once, and the classes are the difference."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.reasons import ExitReason, Side
from engine.messages.same_period import Kind, TradeSeen, shares_of
from engine.runtime.same_period.matching import Grid, compared, paired
from tests.runtime.support import (
    BEGINS_AT,
    MINUTE,
)

GRID = Grid(MINUTE, BEGINS_AT % MINUTE)

PRICES = st.decimals(90, 110, places=1)


@st.composite
def trades(draw: st.DrawFn) -> list[TradeSeen]:
    """Trades one after the other, the last perhaps open; PnL has nothing to do with prices."""
    found: list[TradeSeen] = []
    at = BEGINS_AT + draw(st.integers(0, 5)) * MINUTE
    for _ in range(draw(st.integers(0, 8))):
        entry_at = at + draw(st.integers(0, 59_999))
        at = entry_at + draw(st.integers(0, 5)) * MINUTE
        found.append(
            TradeSeen(
                draw(st.sampled_from(list(Side))),
                entry_at,
                draw(PRICES),
                at,
                draw(PRICES),
                draw(st.sampled_from(list(ExitReason)[:4])),
                Decimal(draw(st.integers(0, 4))) / 8,
                draw(st.integers(-(10**17), 10**17)),
            )
        )
        at += MINUTE
    if draw(st.booleans()) and found:
        found[-1] = replace(found[-1], exit_at=None, exit_price=None, reason=None)
    return found


@given(here=trades(), there=trades())
@settings(max_examples=60, deadline=None)
def test_each_trade_is_told_once_and_the_classes_are_the_difference(
    here: list[TradeSeen], there: list[TradeSeen]
) -> None:
    places = paired(here, there, GRID)
    assert sorted(mine for mine, _ in places if mine is not None) == list(range(len(here)))
    assert sorted(other for _, other in places if other is not None) == list(range(len(there)))
    pairs = [
        compared(
            None if mine is None else here[mine], None if other is None else there[other], GRID
        )
        for mine, other in places
    ]
    shares = shares_of(pairs)
    difference = sum(trade.pnl for trade in here) - sum(trade.pnl for trade in there)
    assert sum(share.money for share in shares) == difference
    for pair in pairs:
        if pair.here is not None and pair.there is not None:
            assert pair.here.side is pair.there.side
        if pair.kind is Kind.SAME:
            assert pair.difference == 0


@given(one=trades())
@settings(max_examples=20, deadline=None)
def test_the_same_trades_are_the_same(one: list[TradeSeen]) -> None:
    assert paired(one, one, GRID) == [(place, place) for place in range(len(one))]
    pairs = [compared(trade, trade, GRID) for trade in one]
    assert {pair.kind for pair in pairs} <= {Kind.SAME}


def seen(entry: int, left: int, **other: object) -> TradeSeen:
    """Candle numbers of entry and exit."""
    at = BEGINS_AT + entry * MINUTE, BEGINS_AT + left * MINUTE
    plain = TradeSeen(
        Side.LONG,
        at[0],
        Decimal(100),
        at[1],
        Decimal(101),
        ExitReason.SIGNAL,
        Decimal(2),
        200,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("here", "kind", "by_size", "at"),
    [
        (seen(1, 9), Kind.SAME, 0, 1),
        (seen(1, 9, amount=Decimal(3), pnl=301), Kind.SIZE, 101, 1),
        (seen(1, 9, amount=Decimal(3), exit_price=Decimal(102), pnl=600), Kind.PRICE, 100, 9),
        (seen(1, 9, entry_price=Decimal(99)), Kind.PRICE, 0, 1),
        (seen(1, 9, pnl=190), Kind.PRICE, 0, 9),
        (seen(2, 9), Kind.TIME, 0, 1),
        (seen(1, 7), Kind.TIME, 0, 7),
        (seen(1, 9, reason=ExitReason.MANUAL), Kind.REASON, 0, 9),
        (seen(1, 9, exit_at=None, exit_price=None, reason=None), Kind.REASON, 0, 9),
    ],
)
def test_the_heaviest_difference_names_a_pair(
    here: TradeSeen, kind: Kind, by_size: int, at: int
) -> None:
    pair = compared(here, seen(1, 9), GRID)
    assert (pair.kind, pair.by_size) == (kind, by_size)
    assert pair.at == BEGINS_AT + at * MINUTE
    assert sum(pair.shares.values()) == pair.difference


def test_the_nearest_entries_are_paired_where_trades_overlap() -> None:
    here = [seen(1, 4), seen(6, 20)]
    there = [seen(7, 9), seen(11, 12), seen(30, 40)]
    assert paired(here, there, GRID) == [(0, None), (1, 0), (None, 1), (None, 2)]
    short = [seen(7, 9, side=Side.SHORT)]
    assert paired(here, short, GRID) == [(0, None), (1, None), (None, 0)]


def test_the_common_unit_divides_both() -> None:
    from engine.domain.money import Scale
    from engine.runtime.same_period.side import common_unit, in_units

    halves, tens = Scale(Decimal("0.5"), Decimal("0.001")), Scale(Decimal(10), Decimal("0.00001"))
    unit = common_unit(halves, tens)
    for scale in (halves, tens):
        for count in np.array([-7, 0, 10**17]).tolist():
            assert in_units(count, scale, unit) * unit == scale.money(count)
