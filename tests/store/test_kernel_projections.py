"""What the kernel really writes, through the store: tables agree with events and counters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.core import layout as slot
from engine.domain.columns import IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Action, EndReason, ExitReason, Refusal
from engine.messages import events as column
from engine.messages.events import EventKind
from engine.store.database import Store
from engine.store.records import FillRecord, OrderStatus, TradeRecord, TradeStatus
from engine.store.repositories import events, history
from tests.messages.walks import Walk, walk
from tests.store.samples import add_session
from tests.store.test_projections import everything, keep

SEEDS = range(10)
LEAVES = (Action.SELL, Action.COVER)


def of_kind(rows: IntMatrix, kind: EventKind) -> IntMatrix:
    return rows[rows[:, column.KIND] == kind]


@pytest.mark.parametrize("seed", SEEDS)
async def test_tables_tell_what_the_kernel_did(store: Store, seed: int) -> None:
    done = walk(seed)
    rows = done.events
    async with store.action("fill") as db:
        add_session(db, 1)
        add_session(db, 2)
    await keep(store, rows)

    await keep_in_pieces(store, rows, 2, None, seed)
    pieces = str(await everything(store, 2))
    assert pieces.replace("_id=2", "_id=1").replace("in=2", "in=1") == str(await everything(store))
    assert (await events.load(store, 2)).table.tobytes() == rows.tobytes()

    kinds = np.bincount(rows[:, column.KIND], minlength=200)
    counts = await history.counts(store, 1)
    assert counts.trades == kinds[EventKind.TRADE_OPENED]
    assert counts.fills == kinds[EventKind.FILL]
    assert counts.orders == kinds[EventKind.INTENT] + kinds[EventKind.EXPIRED]
    assert counts.signals == kinds[EventKind.SIGNAL] + kinds[EventKind.REFUSAL]
    refused = done.state[slot.REFUSALS : slot.REFUSALS + REFUSAL_SLOTS]
    assert await history.refusals(store, 1) == {
        Refusal(code): many for code, many in enumerate(refused.tolist()) if many
    }
    statuses = {order.status for order in await history.orders(store, 1)}
    assert OrderStatus.SENT not in statuses


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_trade_is_the_sum_of_its_fills(store: Store, seed: int) -> None:
    rows = walk(seed).events
    async with store.action("fill") as db:
        add_session(db, 1)
    await keep(store, rows)
    trades = await history.trades(store, 1)
    fills = await history.fills(store, 1)
    assert {fill.trade_no for fill in fills} == {trade.no for trade in trades}
    done = [trade for trade in trades if trade.status is TradeStatus.CLOSED]
    closed = of_kind(rows, EventKind.TRADE_CLOSED)
    assert done
    assert [as_event(trade) for trade in done] == [as_columns(row) for row in closed]
    for trade in done:
        own = [fill for fill in fills if fill.trade_no == trade.no]
        assert trade.fees == sum(fill.fee for fill in own)
        assert trade.pnl == sum(fill.pnl - fill.fee for fill in own) + (trade.funding or 0)
        assert trade.exited == sum(fill.amount for fill in own if fill.action in LEAVES)


def as_event(trade: TradeRecord) -> tuple[int | None, ...]:
    return (
        trade.no,
        trade.amount,
        trade.entry_price,
        trade.exit_price,
        trade.fees,
        trade.funding,
        trade.pnl,
    )


def as_columns(row: IntMatrix) -> tuple[int, ...]:
    names = (column.TRADE, column.AMOUNT, column.ENTRY, column.PRICE, column.ACTUAL)
    return tuple(int(row[name]) for name in (*names, column.FUNDING, column.PNL))


def test_the_walks_meet_what_they_are_there_for() -> None:
    rows = np.concatenate([walk(seed).events for seed in SEEDS])
    for kind in (EventKind.POSITION_ADDED, EventKind.FUNDING_PAID, EventKind.TARGET_MOVED):
        assert len(of_kind(rows, kind)) > 3, kind
    fills = of_kind(rows, EventKind.FILL)
    shares = np.isin(fills[:, column.ACTION], LEAVES) & (fills[:, column.POSITION] != 0)
    assert np.count_nonzero(shares) > 20
    assert set(fills[shares, column.CODE].tolist()) == {ExitReason.PARTIAL_TARGET}


def handed_on(seed: int) -> list[tuple[Walk, Walk]]:
    """Sessions that stop with a position, each with the next one, which closes it."""
    found = []
    for rows in range(100, 700, 60):
        first = walk(seed, rows=rows, end=EndReason.STOPPED)
        if first.state[slot.POSITION]:
            found.append((first, walk(seed, rows=200, state=first.state)))
    return found[:4]


async def test_a_position_handed_on_is_added_to_and_closed_by_the_next_session(
    store: Store,
) -> None:
    added = shared = session_id = 0
    for seed in SEEDS[:6]:
        for first, second in handed_on(seed):
            session_id += 2
            async with store.action("fill") as db:
                add_session(db, session_id)
                add_session(db, session_id + 1)
            assert await keep(store, first.events, session_id=session_id) == session_id
            await keep_in_pieces(store, second.events, session_id + 1, session_id, seed)
            carried = (await history.trades(store, session_id + 1, carried=True))[0]
            closed = of_kind(second.events, EventKind.TRADE_CLOSED)[0]
            assert (carried.session_id, carried.closed_in) == (session_id, session_id + 1)
            assert await history.open_trade(store, session_id) is None
            assert as_event(carried)[1:] == as_columns(closed)[1:]
            own = await fills_of(store, carried)
            assert carried.fees == sum(fill.fee for fill in own)
            assert carried.exited == sum(fill.amount for fill in own if fill.action in LEAVES)
            late = [fill for fill in own if fill.session_id != session_id]
            shared += sum(fill.position != 0 for fill in late if fill.action in LEAVES)
            added += sum(fill.action not in LEAVES for fill in late)
    assert session_id > 10
    assert added > 3
    assert shared > 3


async def keep_in_pieces(
    store: Store, rows: IntMatrix, session_id: int, owner: int | None, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    cuts = sorted({0, len(rows), *chance.integers(0, len(rows), 40).tolist()})
    for start, stop in itertools.pairwise(cuts):
        owner = await keep(
            store, rows[start:stop], start, session_id=session_id, trade_session_id=owner
        )


async def fills_of(store: Store, trade: TradeRecord) -> list[FillRecord]:
    """From the session that opened it and the one that closed it."""
    assert trade.closed_in is not None
    fills = [
        *await history.fills(store, trade.session_id),
        *await history.fills(store, trade.closed_in),
    ]
    named = (trade.session_id, trade.no)
    return [fill for fill in fills if (fill.trade_session_id, fill.trade_no) == named]
