"""Figures of a session from its events: trades, equity, drawdown. Money is counts of the
session's product unit, ratios are floats, what is undefined is None."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.money import MONEY_LIMIT
from engine.domain.sessions import SessionResult
from engine.messages import events as column
from engine.messages.events import EventKind


@dataclass(frozen=True, slots=True)
class TradeColumns:
    """One record per trade, in order of entry; columns of equal length.

    Times are ROW_AT of the row in which it happened. An open trade has zeros in its exit columns
    and `pnl`, -1 in `exit_row`, and the entry's fee in `fees`. `no` is the NO that the TRADE
    column of its events carries; `entry_row` and `exit_row` index the event matrix. A position
    that was brought along has the session's first event as its entry row and its own entry time.
    """

    no: IntColumn
    side: IntColumn
    amount: IntColumn
    entry_at: IntColumn
    entry_price: IntColumn
    exit_at: IntColumn
    exit_price: IntColumn
    exit_reason: IntColumn
    fees: IntColumn
    """Both sides."""
    pnl: IntColumn
    """Net of both fees."""
    entry_row: IntColumn
    exit_row: IntColumn

    def __len__(self) -> int:
        return len(self.no)

    @property
    def closed(self) -> BoolColumn:
        closed: BoolColumn = self.exit_row >= 0
        return closed


def trades_of(events: IntMatrix) -> TradeColumns:
    """Trades in an event matrix (n, EVENT_WIDTH). At most one is open at a time, so the k-th
    exit belongs to the k-th entry."""
    kind = events[:, column.KIND]
    brought = (kind == EventKind.SESSION_STARTED) & (events[:, column.POSITION] != 0)
    entry_row = np.flatnonzero((kind == EventKind.TRADE_OPENED) | brought)
    exits = np.flatnonzero(kind == EventKind.TRADE_CLOSED)
    exit_row = np.full(len(entry_row), -1, np.int64)
    exit_row[: len(exits)] = exits
    entry = events[entry_row]
    closing = np.zeros_like(entry)
    closing[: len(exits)] = events[exits]
    fees = closing[:, column.ACTUAL].copy()
    if len(exits) < len(entry_row):
        before = events[entry_row[-1] - 1]  # the FILL; SESSION_STARTED has none before it
        fees[-1] = before[column.FEE] if before[column.KIND] == EventKind.FILL else 0
    return TradeColumns(
        no=entry[:, column.NO],
        side=np.sign(entry[:, column.POSITION]),
        amount=np.abs(entry[:, column.POSITION]),
        entry_at=np.where(
            entry[:, column.KIND] == EventKind.SESSION_STARTED,
            entry[:, column.LIMIT],
            entry[:, column.ROW_AT],
        ),
        entry_price=entry[:, column.ENTRY],
        exit_at=closing[:, column.ROW_AT],
        exit_price=closing[:, column.PRICE],
        exit_reason=closing[:, column.CODE],
        fees=fees,
        pnl=closing[:, column.PNL],
        entry_row=entry_row,
        exit_row=exit_row,
    )


def _money_states(events: IntMatrix) -> IntMatrix:
    """Rows that changed what is held: cash, position and entry are the state after them."""
    kind = events[:, column.KIND]
    states: IntMatrix = events[(kind == EventKind.SESSION_STARTED) | (kind == EventKind.FILL)]
    return states


def _worth(states: IntMatrix, prices: IntColumn) -> IntColumn:
    """Cash plus the position's value at `prices`; a short is worth what it set aside plus its
    gain. Held at the money limit where a price makes it larger than int64 can say."""
    position = states[:, column.POSITION]
    each = np.where(position < 0, 2 * states[:, column.ENTRY] - prices, prices)
    amount = np.abs(position)
    fits = amount.astype(np.float64) * np.abs(each) < MONEY_LIMIT
    with np.errstate(over="ignore"):
        value = np.where(fits, amount * each, MONEY_LIMIT - states[:, column.CASH])
    worth: IntColumn = states[:, column.CASH] + value
    return worth


def equity_at_closes(events: IntMatrix, close_at: IntColumn, closes: IntColumn) -> IntColumn:
    """Equity at each candle close, after everything that happened in the rows before it.

    `close_at` int64 (n,) moments of the closes, increasing; `closes` int64 (n,) price counts.
    A fill at the open of the next bar shares its moment with this close and comes after it.
    """
    states = _money_states(events)
    if len(states) == 0:
        return np.zeros(len(close_at), np.int64)
    last = np.searchsorted(states[:, column.ROW_AT], close_at, side="left") - 1
    return _worth(states[np.maximum(last, 0)], np.asarray(closes, np.int64))


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one session. `trades` counts closed ones; drawdown is measured on the
    starting equity and the equity at candle closes, from the highest before."""

    net_profit: int
    return_pct: float | None
    trades: int
    wins: int
    win_rate_pct: float | None
    profit_factor: float | None
    max_drawdown_pct: float | None
    max_drawdown: int
    fees: int
    equity_first: int
    equity_last: int

    def result(self, bars: int) -> SessionResult:
        """What a row of the history keeps."""
        return SessionResult(
            bars=bars,
            trades=self.trades,
            wins=self.wins,
            net_pnl=self.net_profit,
            fees=self.fees,
            equity_first=self.equity_first,
            equity_last=self.equity_last,
            max_drawdown=self.max_drawdown,
            max_drawdown_pct=self.max_drawdown_pct,
        )


def _ratio(part: int, whole: int, times: float = 1.0) -> float | None:
    return times * part / whole if whole > 0 else None


def _ends(states: IntMatrix, closes: IntColumn) -> tuple[int, int]:
    """Equity at the start (a position brought along at the price its event carries) and now."""
    if len(states) == 0:
        return 0, 0
    first, last = states[:1], states[-1:]
    known = first[:, column.PRICE]
    start_price = np.where(known > 0, known, first[:, column.ENTRY])
    end_price = closes[-1:] if len(closes) else last[:, column.ENTRY]
    return int(_worth(first, start_price)[0]), int(_worth(last, end_price)[0])


def summary(events: IntMatrix, close_at: IntColumn, closes: IntColumn) -> Summary:
    """Figures up to the last of `events`, with the candle closes so far (as equity_at_closes)."""
    trades = trades_of(events)
    pnl = trades.pnl[trades.closed]
    gains, losses = int(pnl[pnl > 0].sum()), -int(pnl[pnl < 0].sum())
    wins = int(np.count_nonzero(pnl > 0))
    first, last = _ends(_money_states(events), closes)
    equity = np.concatenate(
        (np.array([first], np.int64), equity_at_closes(events, close_at, closes))
    )
    peak = np.maximum.accumulate(equity)
    fall = peak - equity
    return Summary(
        net_profit=last - first,
        return_pct=_ratio(last - first, first, 100.0),
        trades=len(pnl),
        wins=wins,
        win_rate_pct=_ratio(wins, len(pnl), 100.0),
        profit_factor=_ratio(gains, losses),
        max_drawdown_pct=float((fall / peak).max()) * 100.0 if first > 0 else None,
        max_drawdown=int(fall.max()),
        fees=int(events[events[:, column.KIND] == EventKind.FILL, column.FEE].sum()),
        equity_first=first,
        equity_last=last,
    )
