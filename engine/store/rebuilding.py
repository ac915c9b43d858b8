"""What the tables of signals, orders, fills and trades must hold, from nothing but events. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.domain.columns import IntMatrix
from engine.store.projecting import TRADE_END, TradeChange, Values, fold, trade_end
from engine.store.records import TradeStatus
from engine.store.tables import FILLS, ORDERS, SIGNALS, TRADES

PROJECTED: Final = (SIGNALS, ORDERS, FILLS, TRADES)
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {table.name: tuple(table.columns.keys()) for table in PROJECTED}
)

Tables = Mapping[str, tuple[Values, ...]]
"""Rows of one session by the table's name, in order of their number; values as in COLUMNS."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One session's tables by its events."""

    session_id: int
    tables: Tables


class Rebuilding:
    """Walks through sessions of one bot, oldest first, the first of which began flat: a trade
    lives on in later sessions, and belongs to the one that opened it."""

    def __init__(self) -> None:
        self._signals: dict[int, tuple[Values, ...]] = {}
        self._orders: dict[int, tuple[Values, ...]] = {}
        self._fills: dict[int, tuple[Values, ...]] = {}
        self._trades: dict[int, list[Values]] = {}
        self.trade_session_id: int | None = None
        """The session of the trade that is open after what was taken so far."""

    def take(self, session_id: int, rows: IntMatrix, notes: Sequence[str]) -> None:
        """The next session; RecordDamaged if its events close a trade that nobody opened."""
        made = fold(session_id, rows, notes, self.trade_session_id)
        carried_no = self._open_trade(self.trade_session_id)
        carried = [(*values, carried_no) for values in made.carried_fills]
        if made.stored_trade is not None:
            self._change(made.stored_trade, session_id)
        self._signals[session_id] = tuple(made.signals)
        self._orders[session_id] = tuple(made.orders)
        self._fills[session_id] = (*carried, *made.fills)
        self._trades[session_id] = made.trades
        self.trade_session_id = made.trade_session_id

    def rebuilt(self) -> tuple[Rebuilt, ...]:
        """All sessions taken."""
        return tuple(
            Rebuilt(
                session_id,
                MappingProxyType(
                    {
                        SIGNALS.name: self._signals[session_id],
                        ORDERS.name: self._orders[session_id],
                        FILLS.name: self._fills[session_id],
                        TRADES.name: tuple(self._trades[session_id]),
                    }
                ),
            )
            for session_id in self._signals
        )

    def _open_trade(self, owner: int | None) -> object:
        """The number of the trade that is open in `owner`."""
        trades = self._trades.get(owner, []) if owner is not None else []
        return trades[-1][_NO] if trades else None

    def _change(self, stored: tuple[int, TradeChange], session_id: int) -> None:
        owner, change = stored
        trade = dict(zip(COLUMNS[TRADES.name], self._trades[owner][-1], strict=True))
        before = trade["exited"]
        assert isinstance(before, int)
        if change.entered is not None:
            trade |= {"amount": before + change.entered, "entry_price": change.entry_price}
        trade["exited"] = before + change.exited
        if change.closed is not None:
            trade |= dict(zip(TRADE_END, trade_end(change.closed, session_id), strict=True))
        self._trades[owner][-1] = tuple(trade.values())


_NO: Final = COLUMNS[TRADES.name].index("no")
_STATUS: Final = COLUMNS[TRADES.name].index("status")


def given_up(rebuilt: Values, stored: Values) -> bool:
    """Whether `stored` is the trade that stands open by its events and was dropped with its
    account: that is written beside the events, not in them."""
    row = list(rebuilt)
    row[_STATUS] = TradeStatus.ERROR.value
    return rebuilt[_STATUS] == TradeStatus.OPEN.value and tuple(row) == stored
