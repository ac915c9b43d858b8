"""What the kernel really writes, through the store: tables agree with events and counters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.core import layout as slot
from engine.domain.reasons import REFUSAL_SLOTS, Refusal
from engine.messages import events as column
from engine.messages.events import EventKind
from engine.store.database import Store
from engine.store.records import OrderStatus, TradeStatus
from engine.store.repositories import events, history, projections
from tests.core.play import play
from tests.core.scenarios import long_scenario
from tests.store.samples import add_session
from tests.store.test_projections import everything, keep


@pytest.mark.parametrize("seed", range(8))
async def test_tables_tell_what_the_kernel_did(store: Store, seed: int) -> None:
    scenario = long_scenario(seed)
    played = play(scenario.terms, scenario.cash, scenario.rows, scenario.signals)
    rows = played.events
    async with store.action("fill") as db:
        add_session(db, 1)
        add_session(db, 2)
    await keep(store, rows)

    chance = np.random.default_rng(seed)
    cuts = sorted({0, len(rows), *chance.integers(0, len(rows), 40).tolist()})
    owner = None
    for start, stop in itertools.pairwise(cuts):
        owner = await keep(store, rows[start:stop], start, session_id=2, trade_session_id=owner)
    pieces = str(await everything(store, 2))
    assert pieces.replace("_id=2", "_id=1").replace("in=2", "in=1") == str(await everything(store))
    assert (await events.load(store, 2)).table.tobytes() == rows.tobytes()

    kinds = np.bincount(rows[:, column.KIND], minlength=200)
    counts = await history.counts(store, 1)
    assert counts.trades == kinds[EventKind.TRADE_OPENED]
    assert counts.fills == kinds[EventKind.FILL]
    assert counts.orders == kinds[EventKind.INTENT] + kinds[EventKind.EXPIRED]
    assert counts.signals == kinds[EventKind.SIGNAL] + kinds[EventKind.REFUSAL]
    refused = played.state[slot.REFUSALS : slot.REFUSALS + REFUSAL_SLOTS]
    assert await history.refusals(store, 1) == {
        Refusal(code): many for code, many in enumerate(refused.tolist()) if many
    }

    trades = await history.trades(store, 1)
    closed = rows[rows[:, column.KIND] == EventKind.TRADE_CLOSED]
    done = [trade for trade in trades if trade.status is TradeStatus.CLOSED]
    assert [trade.pnl for trade in done] == closed[:, column.PNL].tolist()
    assert [trade.no for trade in done] == closed[:, column.TRADE].tolist()
    assert {fill.trade_no for fill in await history.fills(store, 1)} == {t.no for t in trades}
    statuses = {order.status for order in await history.orders(store, 1)}
    assert OrderStatus.SENT not in statuses


async def test_a_position_handed_on_is_closed_by_the_next_session(store: Store) -> None:
    for seed in range(100):
        scenario = long_scenario(seed)
        first = play(scenario.terms, scenario.cash, scenario.rows, scenario.signals, end=None)
        if first.state[slot.POSITION] != 0:
            break
    second = play(
        scenario.terms, 0, scenario.rows, scenario.signals, state=first.state, begin_at=10**12
    )
    async with store.action("fill") as db:
        add_session(db, 1)
        add_session(db, 2)
    owner = await keep(store, first.events)
    assert owner == 1
    projection = projections.fold(2, second.events, None, owner)
    assert projection.stored_trade is not None
    await keep(store, second.events, session_id=2, trade_session_id=owner)
    carried = (await history.trades(store, 2, carried=True))[0]
    assert (carried.session_id, carried.closed_in) == (1, 2)
    assert await history.open_trade(store, 1) is None
