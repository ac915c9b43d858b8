"""The same events as rows of signals, orders, fills and trades, however they are cut."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, ExitReason, Refusal, Side
from engine.errors import RecordDamaged
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
    event(Kind.TRADE_OPENED, 4, **BUY, price=101, amount=7, stop=90, target=120, trade=4),
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

    counts = await history.counts(session, 1)
    assert (counts.events, counts.signals, counts.refused) == (10, 2, 25)
    assert (counts.orders, counts.fills, counts.trades) == (3, 2, 1)


@pytest.mark.parametrize("cut", range(1, 10))
async def test_any_cut_gives_the_same_tables(session: Store, cut: int) -> None:
    rows = events_of(*OPENING, *CLOSING)
    await keep(session, rows)
    whole = await everything(session)
    async with session.action("fill") as db:
        add_session(db, 3)
    owner = await keep(session, rows[:cut], session_id=3)
    await keep(session, rows[cut:], cut, session_id=3, trade_session_id=owner)
    parts = await everything(session, 3)
    assert str(parts).replace("_id=3", "_id=1").replace("in=3", "in=1") == str(whole)


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
