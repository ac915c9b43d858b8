"""The same events as rows of signals, orders, fills and trades, however they are cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, ExitReason, Refusal, Side
from engine.errors import RecordDamaged
from engine.messages import events as column
from engine.messages.events import EventKind as Kind
from engine.messages.events import observation
from engine.store.database import Store
from engine.store.records import OrderStatus, TradeStatus
from engine.store.repositories import events, history, projections
from tests.store.samples import add_session, event, events_of

BUY = {"action": Action.BUY, "side": Side.LONG}
SELL = {"action": Action.SELL, "side": Side.LONG}

OPENING = [
    event(Kind.SIGNAL, 1, **BUY, code=2, price=100),
    event(Kind.INTENT, 2, **BUY, price=101, limit=100, amount=7, trade=4),
    event(Kind.FILL, 3, **BUY, price=101, limit=100, amount=7, fee=1, cash=9, position=7, trade=4),
    event(
        Kind.TRADE_OPENED,
        4,
        **BUY,
        price=101,
        amount=7,
        position=7,
        entry=101,
        stop=90,
        target=120,
        trade=4,
    ),
    event(Kind.REFUSAL, 5, **BUY, code=Refusal.PAUSED, price=102, limit=3, actual=4),
    event(Kind.REFUSALS_COUNTED, 6, **BUY, code=Refusal.PAUSED, actual=25),
]
CLOSING = [
    event(Kind.INTENT, 7, **SELL, price=119, limit=120, amount=7, trade=4),
    event(Kind.FILL, 8, **SELL, price=119, limit=120, amount=7, fee=2, pnl=126, cash=30, trade=4),
    event(
        Kind.TRADE_CLOSED,
        9,
        **SELL,
        code=ExitReason.TAKE_PROFIT,
        price=119,
        amount=7,
        entry=101,
        pnl=123,
        actual=3,
        trade=4,
    ),
    event(Kind.EXPIRED, 10, **BUY),
]
IN_STEPS = [
    event(Kind.INTENT, 7, **BUY, price=91, limit=91, amount=5, trade=4),
    event(Kind.FILL, 8, **BUY, price=91, limit=91, amount=5, fee=1, position=12, entry=97, trade=4),
    event(Kind.POSITION_ADDED, 9, **BUY, price=91, amount=5, position=12, entry=97, trade=4),
    event(Kind.FUNDING_PAID, 10, pnl=-3, funding=-3, position=12, entry=97, trade=4),
    event(Kind.LEVEL_TOUCHED, 11, **SELL, code=ExitReason.PARTIAL_TARGET, position=12, trade=4),
    event(Kind.INTENT, 12, **SELL, price=110, limit=110, amount=4, trade=4),
    event(
        Kind.FILL,
        13,
        **SELL,
        code=ExitReason.PARTIAL_TARGET,
        price=110,
        limit=110,
        amount=4,
        fee=1,
        pnl=36,
        position=8,
        entry=97,
        trade=4,
    ),
    event(Kind.INTENT, 14, **BUY, price=85, limit=85, amount=2, trade=4),
    event(
        Kind.FILL, 15, **BUY, price=85, limit=85, amount=2, fee=1, position=10, entry=96, trade=4
    ),
    event(Kind.POSITION_ADDED, 16, **BUY, price=85, amount=2, position=10, entry=96, trade=4),
    event(Kind.EXPIRED, 17, **SELL, code=ExitReason.PARTIAL_TARGET, position=10, trade=4),
    event(Kind.TARGET_MOVED, 18, **SELL, target=99, limit=120, position=10, trade=4),
    event(Kind.INTENT, 19, **SELL, price=99, limit=99, amount=10, trade=4),
    event(Kind.FILL, 20, **SELL, price=99, limit=99, amount=10, fee=2, pnl=50, cash=30, trade=4),
    event(
        Kind.TRADE_CLOSED,
        21,
        **SELL,
        code=ExitReason.TARGET_STEP,
        price=102,
        amount=14,
        entry=96,
        pnl=77,
        actual=6,
        funding=-3,
        trade=4,
    ),
]
"""After OPENING: bought in twice, a share sold between, closed by a target of the table."""


async def keep(
    store: Store,
    rows: IntMatrix,
    first_seq: int = 0,
    *,
    session_id: int = 1,
    trade_session_id: int | None = None,
    notes: list[str] | None = None,
) -> int | None:
    projection = projections.fold(session_id, rows, notes, trade_session_id)
    async with store.action("events") as db:
        events.append(db, session_id, first_seq, rows, notes)
        projections.write(db, projection)
    return projection.trade_session_id


async def everything(store: Store, session_id: int = 1) -> list[object]:
    return [
        await history.signals(store, session_id),
        await history.orders(store, session_id),
        await history.fills(store, session_id),
        await history.trades(store, session_id),
        await history.counts(store, session_id),
    ]


@pytest.fixture
async def session(store: Store) -> Store:
    async with store.action("fill") as db:
        add_session(db, 1)
        add_session(db, 2)
    return store


async def test_a_round_trip_in_one_batch(session: Store) -> None:
    rows = events_of(*OPENING, *CLOSING)
    notes = [""] * 10
    notes[0] = "EMA 10 crossed above 30"
    assert await keep(session, rows, notes=notes) is None

    accepted, refused = await history.signals(session, 1)
    assert (accepted.no, accepted.reason, accepted.refusal, accepted.count) == (1, 2, None, 1)
    assert accepted.note == "EMA 10 crossed above 30"
    assert (accepted.row_at, accepted.at, accepted.price) == (1_000, 1_500, 100)
    assert (refused.refusal, refused.limit, refused.actual) == (Refusal.PAUSED, 3, 4)
    assert (refused.count, refused.at, refused.last_at) == (25, 5_500, 6_500)
    assert await history.refusals(session, 1) == {Refusal.PAUSED: 25}

    bought, sold, expired = await history.orders(session, 1)
    assert (bought.status, bought.fill_no, bought.amount) == (OrderStatus.FILLED, 3, 7)
    assert (sold.action, sold.price, sold.price_unslipped) == (Action.SELL, 119, 120)
    assert (sold.fill_no, sold.ended_at) == (8, 8_000)
    assert (expired.no, expired.status, expired.fill_no) == (10, OrderStatus.EXPIRED, None)

    first, last = await history.fills(session, 1)
    assert (first.fee, first.cash, first.position, first.trade_no) == (1, 9, 7, 4)
    assert (last.pnl, last.trade_session_id, last.trade_no) == (126, 1, 4)

    (trade,) = await history.trades(session, 1)
    assert trade.status is TradeStatus.CLOSED
    assert (trade.no, trade.side, trade.amount, trade.opened_at) == (4, Side.LONG, 7, 4_000)
    assert (trade.entry_price, trade.stop, trade.target) == (101, 90, 120)
    assert (trade.closed_in, trade.closed_at, trade.exit_price) == (1, 9_000, 119)
    assert (trade.reason, trade.fees, trade.pnl) == (ExitReason.TAKE_PROFIT, 3, 123)
    assert (trade.exited, trade.funding) == (7, 0)

    counts = await history.counts(session, 1)
    assert (counts.events, counts.signals, counts.refused) == (10, 2, 25)
    assert (counts.orders, counts.fills, counts.trades) == (3, 2, 1)


STORIES = {"once": [*OPENING, *CLOSING], "in steps": [*OPENING, *IN_STEPS]}


@pytest.mark.parametrize("story", STORIES)
async def test_any_cut_gives_the_same_tables(session: Store, story: str) -> None:
    rows = events_of(*STORIES[story])
    await keep(session, rows)
    whole = await everything(session)
    for cut in range(1, len(rows)):
        own = 2 + cut
        async with session.action("fill") as db:
            add_session(db, own)
        owner = await keep(session, rows[:cut], session_id=own)
        await keep(session, rows[cut:], cut, session_id=own, trade_session_id=owner)
        parts = str(await everything(session, own))
        assert parts.replace(f"_id={own}", "_id=1").replace(f"in={own}", "in=1") == str(whole)


async def test_a_trade_in_steps_is_one_trade_with_all_its_fills(session: Store) -> None:
    await keep(session, events_of(*OPENING, *IN_STEPS))
    (trade,) = await history.trades(session, 1)
    assert (trade.amount, trade.entry_price, trade.exited) == (14, 96, 14)
    assert (trade.exit_price, trade.reason) == (102, ExitReason.TARGET_STEP)
    assert (trade.fees, trade.funding, trade.pnl) == (6, -3, 77)
    assert (trade.stop, trade.target) == (90, 120)
    fills = await history.fills(session, 1)
    assert [fill.amount for fill in fills] == [7, 5, 4, 2, 10]
    assert {(fill.trade_session_id, fill.trade_no) for fill in fills} == {(1, 4)}
    *carried_out, expired, last = await history.orders(session, 1)
    assert [order.fill_no for order in (*carried_out, last)] == [3, 8, 13, 15, 20]
    assert (expired.action, expired.status) == (Action.SELL, OrderStatus.EXPIRED)


async def test_an_open_trade_shows_what_was_added_and_what_is_closed(session: Store) -> None:
    seen = []
    owner = None
    steps = [*OPENING, *IN_STEPS]
    for start, stop in itertools.pairwise((0, 4, 9, 13, 16)):
        owner = await keep(session, events_of(*steps[start:stop]), start, trade_session_id=owner)
        trade = await history.open_trade(session, 1)
        assert trade is not None
        seen.append((trade.amount, trade.entry_price, trade.exited))
    assert seen == [(7, 101, 0), (12, 97, 0), (12, 97, 4), (14, 96, 4)]


@pytest.mark.parametrize("sold_before", [False, True])
async def test_a_later_session_adds_to_the_trade_of_an_earlier_one_and_sells_a_part(
    session: Store, sold_before: bool
) -> None:
    cut = 13 if sold_before else 6
    steps = [*OPENING, *IN_STEPS]
    owner = await keep(session, events_of(*steps[:cut]))
    handed = events_of(*steps[cut:])
    handed[:, column.NO] -= cut - 1
    handed[:, column.TRADE] = 1
    before_the_end = len(handed) - 3
    owner = await keep(session, handed[:before_the_end], session_id=2, trade_session_id=owner)
    assert owner == 1
    still = await history.open_trade(session, 1)
    assert still is not None
    assert (still.amount, still.entry_price, still.exited) == (14, 96, 4)
    await keep(
        session, handed[before_the_end:], before_the_end, session_id=2, trade_session_id=owner
    )
    (trade,) = await history.trades(session, 1)
    assert (trade.closed_in, trade.amount, trade.entry_price) == (2, 14, 96)
    assert (trade.exited, trade.fees, trade.funding, trade.pnl) == (14, 6, -3, 77)
    later = await history.fills(session, 2)
    assert {(fill.trade_session_id, fill.trade_no) for fill in later} == {(1, 4)}
    assert sum(fill.amount for fill in later) == (12 if sold_before else 21)


async def test_a_later_session_closes_the_trade_of_an_earlier_one(session: Store) -> None:
    owner = await keep(session, events_of(*OPENING))
    assert owner == 1
    trade = await history.open_trade(session, 1)
    assert trade is not None
    assert trade.status is TradeStatus.OPEN
    # The new session numbers the position it was handed as 1, and opens a trade of its own.
    closing = events_of(*CLOSING[:3])
    closing[:, 1] -= 5
    closing[:, 16] = 1
    reopening = events_of(*OPENING[1:4])
    reopening[:, 1] += 5
    rows = np.concatenate([closing, reopening])
    owner = await keep(session, rows, session_id=2, trade_session_id=owner)
    assert owner == 2
    assert await history.open_trade(session, 1) is None
    (old,) = await history.trades(session, 1)
    assert (old.no, old.status, old.closed_in, old.pnl) == (4, TradeStatus.CLOSED, 2, 123)
    (new,) = await history.trades(session, 2)
    assert (new.no, new.status) == (9, TradeStatus.OPEN)
    assert await history.trades(session, 2, carried=True) == (old, new)
    sold, _ = await history.fills(session, 2)
    assert (sold.trade_session_id, sold.trade_no) == (1, 4)


@pytest.mark.parametrize("owner", [None, 2])
async def test_closing_a_trade_that_nobody_opened_stores_nothing(
    session: Store, owner: int | None
) -> None:
    with pytest.raises(RecordDamaged, match="open trade"):
        await keep(session, events_of(*CLOSING), trade_session_id=owner)
    assert (await history.counts(session, 1)).events == 0


async def test_observations_are_stored_but_not_projected(session: Store) -> None:
    rows = observation(Kind.NOTE, 5)
    assert await keep(session, rows, notes=["hello"], trade_session_id=2) == 2
    counts = await history.counts(session, 1)
    assert (counts.events, counts.signals, counts.orders, counts.trades) == (1, 0, 0, 0)


async def test_a_long_batch_of_every_kind(session: Store) -> None:
    rounds = []
    for turn in range(200):
        rows = events_of(*OPENING, *CLOSING)
        rows[:, 1] += 10 * turn
        rows[rows[:, 16] > 0, 16] += 10 * turn
        rounds.append(rows)
    await keep(session, np.concatenate(rounds))
    counts = await history.counts(session, 1)
    assert (counts.events, counts.signals, counts.orders) == (2_000, 400, 600)
    assert (counts.fills, counts.trades, counts.refused) == (400, 200, 5_000)
