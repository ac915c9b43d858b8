"""Signals, orders, fills and trades as tables: the same events, written in the same action.

projection = projections.fold(session_id, rows, notes, trade_session_id)   # pure, any thread
async with store.action("row") as db:
    events.append(db, session_id, first_seq, rows, notes)
    projections.write(db, projection)
trade_session_id = projection.trade_session_id
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from sqlalchemy import func, insert, select, update

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action as TradeAction
from engine.errors import RecordDamaged
from engine.messages import events as column
from engine.messages.events import EventKind
from engine.store.action import Action
from engine.store.records import OrderStatus, TradeStatus
from engine.store.tables import FILLS, ORDERS, SIGNALS, TRADES

Values = tuple[object, ...]

_NAMES: Final = {
    table.name: tuple(table.columns.keys()) for table in (SIGNALS, ORDERS, FILLS, TRADES)
}


@dataclass(slots=True)
class Projection:
    """What `rows` add to each table, and the few changes to what is stored already."""

    session_id: int
    trade_session_id: int | None
    """The session of the trade that is open after these events; None when flat."""
    signals: list[Values] = field(default_factory=list)
    orders: list[Values] = field(default_factory=list)
    fills: list[Values] = field(default_factory=list)
    trades: list[Values] = field(default_factory=list)
    stored_run: tuple[int, int, int] | None = None
    """A run of refusals whose first is stored: (numbers before this one, count, last time)."""
    stored_order: tuple[int, int] | None = None
    """The fill of an order that is stored: (fill number, time)."""
    stored_trade: tuple[int, list[int]] | None = None
    """The end of a trade that is stored: (session that opened it, event)."""
    stored_trade_fill: tuple[int, Values] | None = None
    """Its last fill: (session that opened the trade, values without the trade's number)."""


def fold(
    session_id: int,
    rows: IntMatrix,
    notes: Sequence[str] | None = None,
    trade_session_id: int | None = None,
) -> Projection:
    """What these events mean for the tables. Pure: call it in a worker thread for large ones.

    `trade_session_id` is the session that opened the trade which is open before `rows`.
    """
    folding = _Folding(Projection(session_id, trade_session_id))
    kinds = rows[:, column.KIND]
    places = np.flatnonzero((kinds < column.OBSERVATIONS) & np.isin(kinds, _KINDS))
    for place, row in zip(places.tolist(), rows[places].tolist(), strict=True):
        _STEPS[row[column.KIND]](folding, row, notes[place] if notes else "")
    return folding.finished()


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
            refusal=_misfit(session_id, "a refusal that was counted"),
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
            refusal=_misfit(session_id, "the order of a fill"),
        )
    if projection.stored_trade_fill is not None:
        owner, values = projection.stored_trade_fill
        trade_no = (
            select(TRADES.c.no)
            .where(TRADES.c.session_id == owner, TRADES.c.status == TradeStatus.OPEN.value)
            .scalar_subquery()
        )
        known = dict(zip(_NAMES[FILLS.name], values, strict=False))
        db.run(
            insert(FILLS).values(**known, trade_no=trade_no),
            refusal=_misfit(session_id, "the open trade of a fill"),
        )
    if projection.stored_trade is not None:
        owner, row = projection.stored_trade
        # By status, not by number: a session numbers a position it was handed anew.
        db.run(
            update(TRADES)
            .where(TRADES.c.session_id == owner, TRADES.c.status == TradeStatus.OPEN.value)
            .values(
                status=TradeStatus.CLOSED.value,
                closed_in=session_id,
                closed_at=row[column.ROW_AT],
                exit_price=row[column.PRICE],
                reason=row[column.CODE],
                fees=row[column.ACTUAL],
                pnl=row[column.PNL],
                exited=row[column.AMOUNT],
                funding=row[column.FUNDING],
            ),
            refusal=_misfit(session_id, "the open trade that was closed"),
        )


def give_up_trade(db: Action, session_id: int) -> None:
    """The open trade of that session will never be closed: its position was dropped."""
    db.run(
        update(TRADES)
        .where(TRADES.c.session_id == session_id, TRADES.c.status == TradeStatus.OPEN.value)
        .values(status=TradeStatus.ERROR.value)
    )


def _misfit(session_id: int, what: str) -> RecordDamaged:
    return RecordDamaged(
        f"The store does not know {what} in session {session_id}. Nothing of this step was "
        "stored. Stop the bot, check its position, and start it again.",
    )


class _Folding:
    """Walks over the events; remembers what a later one of the same batch completes."""

    def __init__(self, projection: Projection) -> None:
        self._out = projection
        self._refusal: list[object] | None = None
        self._intent: list[int] | None = None
        self._opened: list[int] | None = None

    def finished(self) -> Projection:
        self._end_refusal()
        self._end_intent(OrderStatus.SENT)
        if self._opened is not None:
            self._add_trade(self._opened, None)
        return self._out

    def signal(self, row: list[int], note: str) -> None:
        self._end_refusal()
        self._out.signals.append(tuple(self._opinion(row, note, refused=False)))

    def refusal(self, row: list[int], note: str) -> None:
        self._end_refusal()
        self._refusal = self._opinion(row, note, refused=True)

    def counted(self, row: list[int], _note: str) -> None:
        if self._refusal is None:
            self._out.stored_run = (row[column.NO], row[column.ACTUAL], row[column.AT])
        else:
            self._refusal[-3:-1] = [row[column.ACTUAL], row[column.AT]]

    def intent(self, row: list[int], _note: str) -> None:
        self._end_intent(OrderStatus.SENT)
        self._intent = row

    def fill(self, row: list[int], _note: str) -> None:
        if self._intent is None:
            self._out.stored_order = (row[column.NO], row[column.ROW_AT])
        else:
            self._end_intent(OrderStatus.FILLED, row[column.NO], row[column.ROW_AT])
        own = row[column.ACTION] in _ENTERS or self._opened is not None
        owner = self._out.session_id if own else self._out.trade_session_id
        if owner is None:
            raise _misfit(self._out.session_id, "the open trade of a fill")
        values = (
            *self._moment(row),
            row[column.AMOUNT],
            row[column.PRICE],
            row[column.LIMIT],
            row[column.FEE],
            row[column.PNL],
            row[column.CASH],
            row[column.POSITION],
            owner,
        )
        if own:
            self._out.fills.append((*values, row[column.TRADE]))
        else:
            self._out.stored_trade_fill = (owner, values)

    def opened(self, row: list[int], _note: str) -> None:
        self._opened = row
        self._out.trade_session_id = self._out.session_id

    def closed(self, row: list[int], _note: str) -> None:
        owner = self._out.trade_session_id
        if self._opened is not None:
            self._add_trade(self._opened, row)
        elif owner is None:
            raise _misfit(self._out.session_id, "the open trade that was closed")
        else:
            self._out.stored_trade = (owner, row)
        self._opened = None
        self._out.trade_session_id = None

    def expired(self, row: list[int], _note: str) -> None:
        if self._intent is not None:
            self._end_intent(OrderStatus.EXPIRED, None, row[column.ROW_AT])
            return
        # Decided, but no row came that could carry it out: no amount, no price.
        self._out.orders.append(
            (*self._moment(row), 0, 0, 0, OrderStatus.EXPIRED.value, None, row[column.ROW_AT])
        )

    def _moment(self, row: list[int]) -> Values:
        return (
            self._out.session_id,
            row[column.NO],
            row[column.ROW_AT],
            row[column.AT],
            row[column.ACTION],
            row[column.SIDE],
        )

    def _opinion(self, row: list[int], note: str, *, refused: bool) -> list[object]:
        return [
            *self._moment(row),
            row[column.PRICE],
            0 if refused else row[column.CODE],
            row[column.CODE] if refused else None,
            row[column.LIMIT],
            row[column.ACTUAL],
            1,
            row[column.AT],
            note or None,
        ]

    def _end_refusal(self) -> None:
        if self._refusal is not None:
            self._out.signals.append(tuple(self._refusal))
            self._refusal = None

    def _end_intent(
        self, status: OrderStatus, fill_no: int | None = None, at: int | None = None
    ) -> None:
        row, self._intent = self._intent, None
        if row is not None:
            amounts = (row[column.AMOUNT], row[column.PRICE], row[column.LIMIT])
            self._out.orders.append((*self._moment(row), *amounts, status.value, fill_no, at))

    def _add_trade(self, opened: list[int], closed: list[int] | None) -> None:
        end: Values = (TradeStatus.OPEN.value, None, None, None, None, None, None, 0, None)
        if closed is not None:
            end = (
                TradeStatus.CLOSED.value,
                self._out.session_id,
                closed[column.ROW_AT],
                closed[column.PRICE],
                closed[column.CODE],
                closed[column.ACTUAL],
                closed[column.PNL],
                closed[column.AMOUNT],
                closed[column.FUNDING],
            )
        entry = (
            opened[column.SIDE],
            opened[column.AMOUNT],
            opened[column.ROW_AT],
            opened[column.PRICE],
            opened[column.STOP],
            opened[column.TARGET],
        )
        self._out.trades.append((self._out.session_id, opened[column.NO], *entry, *end))


_ENTERS: Final = frozenset(int(action) for action in TradeAction if action.enters)
_STEPS: Final = {
    int(EventKind.SIGNAL): _Folding.signal,
    int(EventKind.REFUSAL): _Folding.refusal,
    int(EventKind.REFUSALS_COUNTED): _Folding.counted,
    int(EventKind.INTENT): _Folding.intent,
    int(EventKind.FILL): _Folding.fill,
    int(EventKind.TRADE_OPENED): _Folding.opened,
    int(EventKind.TRADE_CLOSED): _Folding.closed,
    int(EventKind.EXPIRED): _Folding.expired,
}
_KINDS: Final = np.array(sorted(_STEPS), np.int64)
