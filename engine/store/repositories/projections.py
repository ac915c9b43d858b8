"""Signals, orders, fills and trades as tables: the same events, written in the same action.

projection = projections.fold(session_id, rows, notes, trade_session_id)   # pure, any thread
async with store.action("row") as db:
    events.append(db, session_id, first_seq, rows, notes)
    projections.write(db, projection)
trade_session_id = projection.trade_session_id
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from engine.language import tr
from engine.store.action import Action
from engine.store.projecting import TRADE_END, Projection, TradeChange, fold, misfit, trade_end
from engine.store.records import OrderStatus, TradeStatus
from engine.store.tables import FILLS, ORDERS, SIGNALS, TRADES

__all__ = ["Projection", "fold", "give_up_trade", "write"]

_NAMES: Final = {
    table.name: tuple(table.columns.keys()) for table in (SIGNALS, ORDERS, FILLS, TRADES)
}


def write(db: Action, projection: Projection) -> None:
    """Add a projection to the action that stores its events."""
    session_id = projection.session_id
    _write_late_news(db, projection)
    for table, values in (
        (SIGNALS, projection.signals),
        (ORDERS, projection.orders),
        (TRADES, projection.trades),
        (FILLS, projection.fills),
    ):
        if values:
            db.insert_many(table, _NAMES[table.name], values.copy)
    if projection.stored_run is not None:
        before, count, last_at = projection.stored_run
        first = (
            select(func.max(SIGNALS.c.no))
            .where(
                SIGNALS.c.session_id == session_id,
                SIGNALS.c.refusal.is_not(None),
                SIGNALS.c.no < before,
            )
            .scalar_subquery()
        )
        db.run(
            update(SIGNALS)
            .where(SIGNALS.c.session_id == session_id, SIGNALS.c.no == first)
            .values(count=count, last_at=last_at),
            refusal=misfit(session_id, tr("a refusal that was counted")),
        )


def _write_late_news(db: Action, projection: Projection) -> None:
    """Changes to orders and trades of earlier batches; before new ones of this batch exist."""
    session_id = projection.session_id
    if projection.stored_order is not None:
        fill_no, at = projection.stored_order
        db.run(
            update(ORDERS)
            .where(ORDERS.c.session_id == session_id, ORDERS.c.status == OrderStatus.SENT.value)
            .values(status=OrderStatus.FILLED.value, fill_no=fill_no, ended_at=at),
            refusal=misfit(session_id, tr("the order of a fill")),
        )
    for values in projection.carried_fills:
        known = dict(zip(_NAMES[FILLS.name], values, strict=False))
        trade_no = select(TRADES.c.no).where(_open_in(known["trade_session_id"])).scalar_subquery()
        db.run(
            insert(FILLS).values(**known, trade_no=trade_no),
            refusal=misfit(session_id, tr("the open trade of a fill")),
        )
    if projection.stored_trade is not None:
        owner, change = projection.stored_trade
        db.run(
            update(TRADES).where(_open_in(owner)).values(_changed(change, session_id)),
            refusal=misfit(session_id, tr("the open trade that was changed")),
        )


def _open_in(session_id: object) -> ColumnElement[bool]:
    # By status, not by number: a session numbers a position it was handed anew.
    return and_(TRADES.c.session_id == session_id, TRADES.c.status == TradeStatus.OPEN.value)


def _changed(change: TradeChange, session_id: int) -> dict[str, object]:
    values: dict[str, object] = {"exited": TRADES.c.exited + change.exited}
    if change.entered is not None:
        values["amount"] = TRADES.c.exited + change.entered
        values["entry_price"] = change.entry_price
    if change.closed is not None:
        values |= dict(zip(TRADE_END, trade_end(change.closed, session_id), strict=True))
    return values


def give_up_trade(db: Action, session_id: int) -> None:
    """The open trade of that session will never be closed: its position was dropped."""
    db.run(update(TRADES).where(_open_in(session_id)).values(status=TradeStatus.ERROR.value))
