"""What a session's events mean for the tables of signals, orders, fills and trades. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action as TradeAction
from engine.errors import RecordDamaged
from engine.language import tr
from engine.messages import events as column
from engine.messages.events import EventKind
from engine.store.records import OrderStatus, TradeStatus

Values = tuple[object, ...]

TRADE_END: Final = (
    "status",
    "closed_in",
    "closed_at",
    "exit_price",
    "reason",
    "fees",
    "pnl",
    "funding",
)
_OPEN: Final[Values] = (TradeStatus.OPEN.value, *[None] * 7)


@dataclass(slots=True)
class TradeChange:
    """What became of the open trade since its entry, or since the events stored before."""

    exited: int = 0
    """Amount that exits closed."""
    entered: int | None = None
    """All that was bought in, less what had been closed before; None without adding."""
    entry_price: int = 0
    """The average then."""
    closed: list[int] | None = None
    """Its last event."""

    def __bool__(self) -> bool:
        return bool(self.exited) or self.entered is not None or self.closed is not None


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
    carried_fills: list[Values] = field(default_factory=list)
    """Fills of a trade that an earlier session opened, without the number it has there."""
    stored_trade: tuple[int, TradeChange] | None = None
    """What became of a trade that is stored: (session that opened it, change)."""


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


def trade_end(closed: list[int], session_id: int) -> Values:
    """The values of TRADE_END."""
    return (
        TradeStatus.CLOSED.value,
        session_id,
        closed[column.ROW_AT],
        closed[column.PRICE],
        closed[column.CODE],
        closed[column.ACTUAL],
        closed[column.PNL],
        closed[column.FUNDING],
    )


def misfit(session_id: int, what: str) -> RecordDamaged:
    return RecordDamaged(
        tr(
            "The store does not know {what} in session {session_id}. Nothing of this "
            "step was stored. Stop the bot, check its position, and start it again.",
            what=what,
            session_id=session_id,
        ),
    )


class _Folding:
    """Walks over the events; remembers what a later one of the same batch completes."""

    def __init__(self, projection: Projection) -> None:
        self._out = projection
        self._refusal: list[object] | None = None
        self._intent: list[int] | None = None
        self._opened: list[int] | None = None
        self._change = TradeChange()

    def finished(self) -> Projection:
        self._end_refusal()
        self._end_intent(OrderStatus.SENT)
        self._end_change()
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
        entering = row[column.ACTION] in _ENTERS
        owner = self._out.trade_session_id
        if owner is None and entering:
            owner = self._out.session_id  # its TRADE_OPENED comes next
        if not entering:
            self._change.exited += row[column.AMOUNT]
        if owner is None:
            raise misfit(self._out.session_id, tr("the open trade of a fill"))
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
        if owner == self._out.session_id:
            self._out.fills.append((*values, row[column.TRADE]))
        else:
            self._out.carried_fills.append(values)

    def opened(self, row: list[int], _note: str) -> None:
        self._opened = row
        self._out.trade_session_id = self._out.session_id

    def added(self, row: list[int], _note: str) -> None:
        self._change.entered = abs(row[column.POSITION]) + self._change.exited
        self._change.entry_price = row[column.ENTRY]

    def closed(self, row: list[int], _note: str) -> None:
        self._change.closed = row
        self._end_change()
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

    def _end_change(self) -> None:
        opened, change = self._opened, self._change
        owner, session_id = self._out.trade_session_id, self._out.session_id
        if opened is not None:
            entered = abs(opened[column.POSITION]), opened[column.ENTRY]
            if change.entered is not None:
                entered = change.entered, change.entry_price
            end = _OPEN if change.closed is None else trade_end(change.closed, session_id)
            self._out.trades.append(
                (
                    session_id,
                    opened[column.NO],
                    opened[column.SIDE],
                    entered[0],
                    opened[column.ROW_AT],
                    entered[1],
                    opened[column.STOP],
                    opened[column.TARGET],
                    *end,
                    change.exited,
                )
            )
        elif change:
            if owner is None:
                raise misfit(session_id, tr("the open trade that was changed"))
            self._out.stored_trade = (owner, change)
        self._opened, self._change = None, TradeChange()


_ENTERS: Final = frozenset(int(action) for action in TradeAction if action.enters)
_STEPS: Final = {
    int(EventKind.SIGNAL): _Folding.signal,
    int(EventKind.REFUSAL): _Folding.refusal,
    int(EventKind.REFUSALS_COUNTED): _Folding.counted,
    int(EventKind.INTENT): _Folding.intent,
    int(EventKind.FILL): _Folding.fill,
    int(EventKind.TRADE_OPENED): _Folding.opened,
    int(EventKind.POSITION_ADDED): _Folding.added,
    int(EventKind.TRADE_CLOSED): _Folding.closed,
    int(EventKind.EXPIRED): _Folding.expired,
}
_KINDS: Final = np.array(sorted(_STEPS), np.int64)
