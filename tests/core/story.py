"""Events of a session told fill by fill: a small account kept in plain Python, so that figures can
be worked by hand for adds, partial exits, margin and funding."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, EndReason, ExitReason
from engine.domain.rows import RowKind
from engine.messages import events as column
from engine.messages.events import EVENT_WIDTH, EventKind

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
T0 = 1_640_995_200_000
"""2022-01-01 00:00 UTC, a Saturday."""


class Story:
    """Money in counts. `at` is ROW_AT of what happens; the moment it is known is the same."""

    def __init__(self, cash: int, at: int = T0, leverage: int = 0) -> None:
        self.cash, self.leverage = cash, leverage
        self.lots: list[list[int]] = []
        self.side = self.collateral = self.trade = self.funding = 0
        self.fees = self.gross = self.entered = self.entered_cost = self.value = self.exited = 0
        self.rows: list[list[int]] = []
        self._write(EventKind.SESSION_STARTED, at)

    @property
    def events(self) -> IntMatrix:
        return np.array(self.rows, np.int64)

    @property
    def cost(self) -> int:
        return sum(amount * price for amount, price in self.lots)

    @property
    def position(self) -> int:
        return self.side * sum(amount for amount, _ in self.lots)

    def enter(
        self, at: int, side: int, amount: int, price: int, fee: int = 0, *, limit: int = 0
    ) -> None:
        """Open a trade, or add to the open one. `limit` is the price before slippage."""
        adds = bool(self.lots)
        if not adds:
            self.side, self.trade = side, len(self.rows) + 2
            self.funding = self.fees = self.gross = self.value = self.exited = 0
            self.entered = self.entered_cost = 0
        held = amount * price
        margin = -(-held // self.leverage) if self.leverage else held
        self.cash -= margin + fee
        self.collateral += margin
        self.lots.append([amount, price])
        self.fees += fee
        self.entered += amount
        self.entered_cost += held
        action = Action.BUY if side > 0 else Action.SHORT
        told = {"ACTION": action, "PRICE": price, "AMOUNT": amount, "LIMIT": limit or price}
        self._write(EventKind.FILL, at, FEE=fee, **told)
        self._write(EventKind.POSITION_ADDED if adds else EventKind.TRADE_OPENED, at, **told)

    def leave(
        self,
        at: int,
        amount: int,
        price: int,
        reason: ExitReason = ExitReason.SIGNAL,
        fee: int = 0,
        *,
        limit: int = 0,
    ) -> None:
        """Close a part, oldest lots first; the trade ends with the last of them."""
        held, left, paid = abs(self.position), amount, 0
        while left:
            taken = min(left, self.lots[0][0])
            paid += taken * self.lots[0][1]
            self.lots[0][0] -= taken
            left -= taken
            if not self.lots[0][0]:
                self.lots.pop(0)
        gross = self.side * (amount * price - paid)
        freed = self.collateral * amount // held if self.leverage else paid
        self.collateral -= freed
        self.cash += freed + gross - fee
        self.fees += fee
        self.gross += gross
        self.value += amount * price
        self.exited += amount
        action = Action.SELL if self.side > 0 else Action.COVER
        told = {"ACTION": action, "CODE": reason}
        limit = limit or price
        entry, trade, funding = self.entry, self.trade, self.funding
        if not self.lots:
            self.side = self.trade = self.funding = 0
        self._write(
            EventKind.FILL,
            at,
            PRICE=price,
            AMOUNT=amount,
            FEE=fee,
            PNL=gross,
            LIMIT=limit,
            TRADE=trade,
            **told,
        )
        if not self.lots:
            self._write(
                EventKind.TRADE_CLOSED,
                at,
                PRICE=self.value // self.exited,
                AMOUNT=self.entered,
                PNL=self.gross - self.fees + funding,
                ACTUAL=self.fees,
                ENTRY=entry,
                FUNDING=funding,
                TRADE=trade,
                **told,
            )

    def fund(self, at: int, money: int) -> None:
        """Funding of the position, above zero when received."""
        self.collateral += money
        self.funding += money
        self._write(EventKind.FUNDING_PAID, at, PNL=money)

    def next_session(self, at: int, price: int, entered_at: int) -> None:
        """Leave the events behind and begin a session that brings the position along."""
        self.rows, self.trade = [], 1
        self._write(EventKind.SESSION_STARTED, at, PRICE=price, LIMIT=entered_at)

    def signal(self, at: int, action: Action, reason: int) -> None:
        self._write(EventKind.SIGNAL, at, ACTION=action, CODE=reason)

    def end(self, at: int) -> None:
        self._write(EventKind.SESSION_ENDED, at, CODE=EndReason.END_OF_DATA)

    def observe(self, at: int) -> None:
        """An observation: seen, not decided; its state columns are empty."""
        row = [0] * EVENT_WIDTH
        row[column.KIND], row[column.ROW_AT], row[column.AT] = EventKind.NOTE, at, at
        self.rows.append(row)

    @property
    def entry(self) -> int:
        return self.entered_cost // self.entered if self.entered else 0

    def _write(self, kind: EventKind, at: int, **told: int) -> None:
        row = [0] * EVENT_WIDTH
        state = {
            "KIND": kind,
            "NO": len(self.rows) + 1,
            "ROW_AT": at,
            "AT": at,
            "CASH": self.cash,
            "POSITION": self.position,
            "ENTRY": self.entry if self.lots else 0,
            "COST": self.cost,
            "COLLATERAL": self.collateral,
            "FUNDING": self.funding,
            "TRADE": self.trade,
        }
        for name, value in (state | told).items():
            row[getattr(column, name)] = int(value)
        self.rows.append(row)


def minutes(
    prices: Iterable[tuple[int, int, int, int]], *, start: int = T0, step: int = MINUTE
) -> IntMatrix:
    """BAR rows from (open, high, low, close), one every `step`."""
    table = [(RowKind.BAR, start + n * step, *row) for n, row in enumerate(prices)]
    return np.array(table, np.int64).reshape(-1, 6)


def flat(closes: Iterable[int], *, start: int = T0, step: int = MINUTE) -> IntMatrix:
    """BAR rows without a range: open, high, low and close are one price."""
    return minutes([(close,) * 4 for close in closes], start=start, step=step)
