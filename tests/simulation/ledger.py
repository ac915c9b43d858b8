"""One bot's money from its fills alone, held against what its events say: an account of its own,
that shares no line with the kernel. Fees are counted, too, in whichever coin they are taken."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.domain.candles import DAY_MS
from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, ExitReason, Input
from engine.domain.settings import FeeCoin, TradeSettings
from engine.messages import events as ev
from engine.messages.events import OBSERVATIONS, EventKind

_ENTERS: Final = frozenset(int(action) for action in Action if action.enters)
_LONG: Final = frozenset((int(Action.BUY), int(Action.SELL)))


class BrokenError(Exception):
    """An invariant does not hold; the text says which, in words."""


class Ledger:
    """Follows the events of one bot through its sessions."""

    def __init__(self, bot: str) -> None:
        self._bot = bot
        self._lots: deque[list[int]] = deque()
        """[amount, price], oldest first."""
        self._side = 0
        self._total: int | None = None
        """Cash and what is set aside; None before the first session."""
        self._trade, self._order_step = TradeSettings(), 1
        self._share: int | None = None
        self._paused = self._stale = self._ended = False
        self._day = self._entries = 0
        self._no = 0
        self._reached_at = 0
        self._stops = self._targets = False
        """What the position that was opened in this session is promised."""

    def open(self, trade: TradeSettings, share: int, order_step: int, *, reset: bool) -> None:
        """A session begins under these settings. With another share than before, or after a
        `reset` of the account, it may begin anew with its `share`, in product units. Orders come
        in multiples of `order_step` units."""
        self._order_step = order_step
        self._share = share if reset or trade.cash != self._trade.cash else None
        self._trade = trade
        self._no = 0
        self._stops = self._targets = False
        self._paused = self._stale = self._ended = False

    def take(self, rows: IntMatrix) -> None:
        for row in rows.tolist():
            if row[ev.KIND] >= OBSERVATIONS:
                continue
            self._hold(row[ev.NO] == self._no + 1, row, "events are numbered one after the other")
            self._no = row[ev.NO]
            self._hold(not self._ended, row, "nothing happens after a session's end")
            self._one(row)

    def _one(self, row: list[int]) -> None:
        kind = row[ev.KIND]
        if kind == EventKind.SESSION_STARTED:
            self._start(row)
        elif kind == EventKind.SIGNAL:
            self._signal(row)
        elif kind == EventKind.FILL:
            self._fill(row)
        elif kind == EventKind.TRADE_OPENED:
            self._opened(row)
        elif kind == EventKind.COMMANDED:
            self._commanded(row)
        elif kind == EventKind.FUNDING_PAID and self._total is not None:
            self._total += row[ev.PNL]
        elif kind == EventKind.SESSION_ENDED:
            self._ended = True
        self._stands(row)

    def _start(self, row: list[int]) -> None:
        total = row[ev.CASH] + row[ev.COLLATERAL]
        if self._total is None or (total == self._share and not row[ev.POSITION]):
            self._lots.clear()
            self._side, self._total = 0, total
        if row[ev.AT] < self._reached_at:
            self._day = 0  # a file that is played again
        self._hold(total == self._total, row, "a session begins with what the one before left")

    def _signal(self, row: list[int]) -> None:
        if row[ev.ACTION] in _ENTERS:
            self._hold(not self._paused, row, "no entry is decided while entries are paused")
            self._hold(not self._stale, row, "no entry is decided while the feed is stale")

    def _fill(self, row: list[int]) -> None:
        assert self._total is not None
        amount, price = row[ev.AMOUNT], row[ev.PRICE]
        self._hold(amount > 0 and price > 0, row, "a fill has an amount and a price")
        pnl = 0
        if row[ev.ACTION] in _ENTERS:
            side = 1 if row[ev.ACTION] in _LONG else -1
            self._hold(self._side in (0, side), row, "an entry does not turn a position round")
            self._side = side
            kept = self._kept_back(side, amount)
            self._lots.append([amount - kept, price])
            taker = self._part(amount * price, self._trade.fee_pct)
            self._fee_is(row, {kept * price if kept else taker})
        else:
            pnl = self._sold(row, amount, price)
            self._fee_is(row, self._exit_fees(row, amount * price))
        self._hold(row[ev.PNL] == pnl, row, f"the fill's PnL is {pnl}, counted lot by lot")
        self._total += pnl - row[ev.FEE]

    def _sold(self, row: list[int], amount: int, price: int) -> int:
        side, pnl = self._side, 0
        while amount and self._lots:
            lot = self._lots[0]
            taken = min(amount, lot[0])
            pnl += side * taken * (price - lot[1])
            lot[0] -= taken
            amount -= taken
            if not lot[0]:
                self._lots.popleft()
        self._hold(not amount, row, "no more is sold than is held")
        if self._lots and not row[ev.POSITION]:
            pnl += side * self._written_off(row)
        if not self._lots:
            self._side = 0
        return pnl

    def _written_off(self, row: list[int]) -> int:
        """What is less than an order takes cannot be sold: what it cost is lost, or won."""
        rest = sum(amount for amount, _ in self._lots)
        self._hold(rest < self._order_step, row, f"{rest} units could have been sold")
        lost = sum(amount * price for amount, price in self._lots)
        self._lots.clear()
        return -lost

    def _kept_back(self, side: int, amount: int) -> int:
        """Of a buy's coins, those that are its fee."""
        trade = self._trade
        if trade.fee_coin is not FeeCoin.BASE or trade.leverage is not None or side < 0:
            return 0
        return self._part(amount, trade.fee_pct)

    def _exit_fees(self, row: list[int], value: int) -> set[int]:
        """What an exit may cost: less where an order rested, and never more than is there."""
        trade = self._trade
        rested = trade.fee_pct if trade.maker_fee_pct is None else trade.maker_fee_pct
        resting, market = self._part(value, rested), self._part(value, trade.fee_pct)
        all_there_is = {row[ev.FEE]} if row[ev.CASH] == 0 else set()
        if row[ev.CODE] == ExitReason.PARTIAL_TARGET:
            return {resting} | all_there_is
        targets = (ExitReason.TAKE_PROFIT, ExitReason.TARGET_STEP)
        return {market} | all_there_is | ({resting} if row[ev.CODE] in targets else set())

    @staticmethod
    def _part(whole: int, percent: Decimal) -> int:
        """So many percent of it, rounded up."""
        return int(-(-whole * Fraction(percent) // 100))

    def _fee_is(self, row: list[int], right: set[int]) -> None:
        self._hold(row[ev.FEE] in right, row, f"the fee is one of {right}")

    def _opened(self, row: list[int]) -> None:
        trade, day = self._trade, row[ev.AT] // DAY_MS
        self._entries = self._entries + 1 if day == self._day else 1
        self._day = day
        most = trade.max_trades_per_day
        self._hold(most is None or self._entries <= most, row, f"at most {most} entries a day")
        self._stops = trade.stop_loss_pct is not None or (
            trade.trailing_pct is not None and trade.trailing_activate_pct is None
        )
        self._targets = trade.take_profit_pct is not None

    def _commanded(self, row: list[int]) -> None:
        code = row[ev.CODE]
        if code in (Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES):
            self._paused = code == Input.PAUSE_ENTRIES
        elif code in (Input.FEED_STALE, Input.FEED_FRESH):
            self._stale = code == Input.FEED_STALE

    def _stands(self, row: list[int]) -> None:
        held = self._side * sum(amount for amount, _ in self._lots)
        cost = sum(amount * price for amount, price in self._lots)
        total = row[ev.CASH] + row[ev.COLLATERAL]
        self._hold(row[ev.POSITION] == held, row, f"the position is what was filled, {held}")
        self._hold(row[ev.COST] == cost, row, f"its cost is that of its lots, {cost}")
        self._hold(total == self._total, row, f"no money appears or vanishes: {self._total}")
        self._hold(row[ev.CASH] >= 0, row, "cash is never below zero")
        self._reached_at = max(self._reached_at, row[ev.AT])
        if held:
            stands = bool(row[ev.STOP]) or not self._stops
            self._hold(stands, row, "a position has the stop it is promised")
            stands = bool(row[ev.TARGET]) or not self._targets
            self._hold(stands, row, "a position has the target it is promised")
        else:
            self._stops = self._targets = False

    def _hold(self, holds: bool, row: list[int], words: str) -> None:
        if not holds:
            kind = EventKind(row[ev.KIND]).name
            facts = ", ".join(f"{name} {row[at]}" for name, at in _SHOWN)
            raise BrokenError(f"{self._bot}: {words}; but {kind} number {row[ev.NO]} says {facts}")


_SHOWN: Final = (
    ("at", ev.AT),
    ("code", ev.CODE),
    ("action", ev.ACTION),
    ("price", ev.PRICE),
    ("amount", ev.AMOUNT),
    ("fee", ev.FEE),
    ("pnl", ev.PNL),
    ("cash", ev.CASH),
    ("collateral", ev.COLLATERAL),
    ("position", ev.POSITION),
    ("cost", ev.COST),
    ("stop", ev.STOP),
    ("target", ev.TARGET),
)
