"""The kernel once more, slow and plain: whole numbers and fractions, one row after another.

Written from the specification and from none of the kernel's code, to be compared with it event
for event. A long and a short are spelled out separately here on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

import numpy as np

from engine.domain.reasons import Action, EndReason, ExitReason, Input, Refusal
from engine.domain.rows import RowKind
from engine.messages.events import EventKind

LIMIT = 2**62
MILLION = 1_000_000
DAY = 86_400_000
COLUMNS = (
    "kind no row_at at code action side price amount fee pnl cash position entry stop target "
    "trade limit actual trailing cost collateral liquidation funding"
).split()


@dataclass(frozen=True)
class Terms:
    """Settings in counts and parts per million; None is off."""

    fee: int = 0
    slippage: int = 0
    position: int = 250_000
    ceiling: int | None = None
    stop_loss: int | None = None
    take_profit: int | None = None
    trailing: int | None = None
    activation: int | None = None
    cooldown_ms: int = 0
    max_trades: int | None = None
    order_step: int = 1
    min_amount: int = 0
    min_notional: int = 0
    timeframe_ms: int = 60_000


@dataclass
class Held:
    side: int
    amount: int
    entry: int
    fee: int
    trade: int
    best: int
    stop: int = 0
    target: int = 0
    trailing: bool = False
    told_stop: int = 0


@dataclass
class Reference:
    terms: Terms
    cash: int
    held: Held | None = None
    leave: ExitReason | None = None
    enter: int = 0
    paused: bool = False
    closing_down: bool = False
    ended: bool = False
    last_exit: int | None = None
    entries: dict[int, int] = field(default_factory=dict)
    events: list[dict[str, int]] = field(default_factory=list)
    refused: dict[Refusal, int] = field(default_factory=dict)
    run: list[tuple[Refusal, Action, int, int]] = field(default_factory=list)
    last_price: tuple[int, int] | None = None
    moment: int = 0

    # ---- events

    def write(self, kind: EventKind, row_at: int, at: int, **columns: int) -> dict[str, int]:
        if kind != EventKind.REFUSALS_COUNTED:
            self.end_run()
        held = self.held
        event = dict.fromkeys(COLUMNS, 0)
        event |= {"kind": kind, "no": len(self.events) + 1, "row_at": row_at, "at": at}
        event["cash"] = self.cash
        if held is not None:
            event |= {
                "position": held.side * held.amount,
                "entry": held.entry,
                "stop": held.stop,
                "target": held.target,
                "trade": held.trade,
                "trailing": int(held.trailing),
                "cost": held.amount * held.entry,
                "collateral": held.amount * held.entry,
                "liquidation": 2 * held.entry if held.side == -1 else 0,
            }
        event |= columns
        if event["action"]:
            event["side"] = int(Action(event["action"]).side)
        self.events.append(event)
        return event

    def end_run(self) -> None:
        run, self.run = self.run, []
        if len(run) > 1:
            code, action, row_at, at = run[-1]
            self.write(
                EventKind.REFUSALS_COUNTED, row_at, at, code=code, action=action, actual=len(run)
            )

    def refuse(
        self,
        code: Refusal,
        action: Action,
        row_at: int,
        at: int,
        price: int,
        limit: int = 0,
        actual: int = 0,
    ) -> None:
        self.refused[code] = self.refused.get(code, 0) + 1
        if not (self.run and self.run[0][:2] == (code, action)):
            self.write(
                EventKind.REFUSAL,
                row_at,
                at,
                code=code,
                action=action,
                price=price,
                limit=limit,
                actual=actual,
            )
        self.run.append((code, action, row_at, at))

    def expire_leave(self, row_at: int, at: int) -> None:
        if self.leave is not None:
            assert self.held is not None
            action = Action.SELL if self.held.side == 1 else Action.COVER
            code, self.leave = self.leave, None
            self.write(EventKind.EXPIRED, row_at, at, code=code, action=action)

    def expire_enter(self, row_at: int, at: int) -> None:
        if self.enter:
            action = Action.BUY if self.enter == 1 else Action.SHORT
            self.enter = 0
            self.write(EventKind.EXPIRED, row_at, at, action=action)

    def end(self, row_at: int, at: int, reason: EndReason) -> None:
        self.expire_leave(row_at, at)
        self.expire_enter(row_at, at)
        self.write(EventKind.SESSION_ENDED, row_at, at, code=reason)
        self.ended = True

    # ---- money

    def fee_on(self, notional: int) -> int:
        return ceil(Fraction(notional * self.terms.fee, MILLION))

    def buy_price(self, price: int) -> int:
        return ceil(Fraction(price * (MILLION + self.terms.slippage), MILLION))

    def sell_price(self, price: int) -> int:
        return max(1, floor(Fraction(price * (MILLION - self.terms.slippage), MILLION)))

    def size(self, fill: int) -> tuple[int, tuple[Refusal, int, int] | None]:
        terms = self.terms
        step = terms.order_step
        by_percent = floor(Fraction(self.cash * terms.position, MILLION * fill * step)) * step
        by_cash = floor(Fraction(self.cash * MILLION, fill * (MILLION + terms.fee) * step)) * step
        minimum = step
        while minimum < terms.min_amount or minimum * fill < terms.min_notional:
            short_of = max(terms.min_amount, ceil(Fraction(terms.min_notional, fill)))
            minimum = ceil(Fraction(short_of, step)) * step
        if terms.ceiling is not None:
            allowed = Fraction(terms.ceiling * self.cash, MILLION)
            if by_percent * fill > allowed:
                return 0, (Refusal.MAX_POSITION, floor(allowed), by_percent * fill)
        if by_cash < minimum and by_cash < by_percent:
            needed = minimum * fill + self.fee_on(minimum * fill)
            if minimum * fill >= LIMIT:
                needed = LIMIT
            return 0, (Refusal.INSUFFICIENT_CASH, needed, self.cash)
        amount = min(by_percent, by_cash)
        if amount < minimum:
            return 0, (Refusal.BELOW_MINIMUM, minimum, amount)
        return amount, None

    def open(self, at: int, price: int) -> None:
        side = self.enter
        action = Action.BUY if side == 1 else Action.SHORT
        fill = self.buy_price(price) if side == 1 else self.sell_price(price)
        if fill >= LIMIT:
            self.end(at, at, EndReason.MONEY_OVERFLOW)
            return
        self.enter = 0
        amount, refusal = self.size(fill)
        if refusal is not None:
            code, limit, actual = refusal
            self.refuse(code, action, at, at, fill, limit, actual)
            return
        fee = self.fee_on(amount * fill)
        order = {"action": action, "price": fill, "limit": price, "amount": amount}
        intent = self.write(EventKind.INTENT, at, at, **order)
        intent["trade"] = intent["no"] + 2
        self.cash -= amount * fill + fee
        self.held = Held(side, amount, fill, fee, intent["trade"], best=fill)
        self.place_levels(self.held)
        self.entries[at // DAY] = self.entries.get(at // DAY, 0) + 1
        self.write(EventKind.FILL, at, at, fee=fee, **order)
        self.write(EventKind.TRADE_OPENED, at, at, action=action, price=fill, amount=amount)

    def place_levels(self, held: Held) -> None:
        terms, entry = self.terms, held.entry
        away = terms.stop_loss if terms.stop_loss is not None else terms.trailing
        if away is not None and held.side == 1:
            held.stop = max(0, floor(Fraction(entry * (MILLION - away), MILLION)))
        if away is not None and held.side == -1:
            held.stop = ceil(Fraction(entry * (MILLION + away), MILLION))
        if terms.take_profit is not None and held.side == 1:
            held.target = ceil(Fraction(entry * (MILLION + terms.take_profit), MILLION))
        if terms.take_profit is not None and held.side == -1:
            held.target = max(0, floor(Fraction(entry * (MILLION - terms.take_profit), MILLION)))
        for name in ("stop", "target"):
            if getattr(held, name) >= 2**63:  # no price can get there
                setattr(held, name, 0)
        held.trailing = terms.stop_loss is None and held.stop > 0
        held.told_stop = held.stop

    def close(
        self,
        row_at: int,
        at: int,
        price: int,
        reason: ExitReason,
        level: int = 0,
        touched: int = 0,
    ) -> None:
        held = self.held
        assert held is not None
        fill = price
        if reason not in (ExitReason.TAKE_PROFIT, ExitReason.LIQUIDATION):
            fill = self.sell_price(price) if held.side == 1 else self.buy_price(price)
        if held.side == -1:
            fill = min(fill, 2 * held.entry)
        set_aside = held.amount * held.entry
        gross = held.side * (fill - held.entry) * held.amount
        back = set_aside + gross
        if held.amount * fill >= LIMIT or back >= LIMIT or self.cash + back >= LIMIT:
            self.end(row_at, at, EndReason.MONEY_OVERFLOW)
            return
        fee = min(self.fee_on(held.amount * fill), self.cash + back)
        action = Action.SELL if held.side == 1 else Action.COVER
        if level:
            self.write(
                EventKind.LEVEL_TOUCHED,
                row_at,
                at,
                code=reason,
                action=action,
                price=touched,
                limit=level,
            )
        order = {
            "code": reason,
            "action": action,
            "price": fill,
            "limit": price,
            "amount": held.amount,
            "trade": held.trade,
        }
        self.write(EventKind.INTENT, row_at, at, **order)
        self.cash += back - fee
        self.held = None
        self.leave = None
        self.last_exit = row_at
        self.write(EventKind.FILL, row_at, at, fee=fee, pnl=gross, **order)
        order |= {"limit": 0, "entry": held.entry}
        pnl, fees = gross - held.fee - fee, held.fee + fee
        self.write(EventKind.TRADE_CLOSED, row_at, at, pnl=pnl, actual=fees, **order)

    # ---- rows

    def begin(self, at: int) -> None:
        self.moment = at
        self.write(EventKind.SESSION_STARTED, at, at)

    def play(self, rows: Iterable[Sequence[int]], signals: Iterable[int]) -> None:
        for row, signal in zip(rows, signals, strict=True):
            if not self.ended:
                self.one([int(number) for number in row], int(signal))

    def one(self, row: list[int], signal: int) -> None:
        kind, at, open_, high, low, close = row
        if kind == RowKind.HISTORY:
            return
        self.moment = at + self.terms.timeframe_ms if kind == RowKind.BAR else at
        if kind == RowKind.INPUT:
            self.command(open_, at)
            return
        if kind in (RowKind.BAR, RowKind.PRICE) and open_ > 0 and low > 0:
            self.last_price = (at, close)
            self.trade(at, open_, high, low)
        if kind in (RowKind.BAR, RowKind.CLOSED) and not self.ended:
            self.tell_moved_stop(at)
            self.decide(at, self.moment, signal, close)

    def command(self, code: int, at: int) -> None:
        self.write(EventKind.COMMANDED, at, at, code=code)
        if code == Input.PAUSE_ENTRIES:
            self.paused = True
        if code == Input.RESUME_ENTRIES:
            self.paused = False
        if code == Input.STOP:
            self.end(at, at, EndReason.STOPPED)
        if code in (Input.CLOSE_POSITION, Input.CLOSE_AND_STOP):
            self.expire_enter(at, at)
            if self.held is not None:
                self.leave = ExitReason.MANUAL
        if code == Input.CLOSE_AND_STOP:
            self.closing_down = True
            if self.held is None:
                self.end(at, at, EndReason.CLOSED_AND_STOPPED)

    def trade(self, at: int, open_: int, high: int, low: int) -> None:
        if self.leave is not None:
            self.close(at, at, open_, self.leave)
            if self.closing_down and not self.ended:
                self.end(at, at, EndReason.CLOSED_AND_STOPPED)
        if self.enter and not self.ended:
            self.open(at, open_)
        if self.held is None or self.ended:
            return
        hit = self.level_hit(self.held, open_, high, low)
        if hit is not None:
            reason, level, touched, price = hit
            self.close(at, at, price, reason, level, touched)
        elif self.terms.trailing is not None:
            self.trail(self.held, high, low)

    def level_hit(
        self, held: Held, open_: int, high: int, low: int
    ) -> tuple[ExitReason, int, int, int] | None:
        stop, target = held.stop, held.target
        by_stop = ExitReason.TRAILING_STOP if held.trailing else ExitReason.STOP_LOSS
        if held.side == 1:
            if stop and open_ <= stop:
                return by_stop, stop, open_, open_
            if target and open_ >= target:
                return ExitReason.TAKE_PROFIT, target, open_, target
            if stop and low <= stop:
                return by_stop, stop, low, stop
            if target and high >= target:
                return ExitReason.TAKE_PROFIT, target, high, target
            return None
        ruin = 2 * held.entry
        stop_is_nearer = 0 < stop < ruin
        if stop_is_nearer and open_ >= stop:
            return by_stop, stop, open_, open_
        if not stop_is_nearer and open_ >= ruin:
            return ExitReason.LIQUIDATION, ruin, open_, ruin
        if target and open_ <= target:
            return ExitReason.TAKE_PROFIT, target, open_, target
        if stop_is_nearer and high >= stop:
            return by_stop, stop, high, stop
        if not stop_is_nearer and high >= ruin:
            return ExitReason.LIQUIDATION, ruin, high, ruin
        if target and low <= target:
            return ExitReason.TAKE_PROFIT, target, low, target
        return None

    def trail(self, held: Held, high: int, low: int) -> None:
        away = self.terms.trailing
        needed = self.terms.activation
        assert away is not None
        if held.side == 1:
            held.best = max(held.best, high)
            if needed is not None and not held.best > Fraction(
                held.entry * (MILLION + needed), MILLION
            ):
                return
            stop = floor(Fraction(held.best * (MILLION - away), MILLION))
            better = stop > held.stop
        else:
            held.best = min(held.best, low)
            if needed is not None and not held.best < Fraction(
                held.entry * (MILLION - needed), MILLION
            ):
                return
            stop = ceil(Fraction(held.best * (MILLION + away), MILLION))
            better = held.stop == 0 or stop < held.stop
        if better and stop > 0:
            held.stop = stop
            held.trailing = True

    def tell_moved_stop(self, row_at: int) -> None:
        held = self.held
        if held is not None and held.stop != held.told_stop:
            self.write(
                EventKind.LEVEL_MOVED,
                row_at,
                self.moment,
                action=Action.SELL if held.side == 1 else Action.COVER,
                price=held.stop,
                limit=held.told_stop,
                actual=held.best,
            )
            held.told_stop = held.stop

    # ---- rules

    def side_to_be(self) -> int:
        if self.enter:
            return self.enter
        if self.leave is not None or self.held is None:
            return 0
        return self.held.side

    def decide(self, row_at: int, at: int, signal: int, close: int) -> None:
        asked = {action for action in Action if signal & (1 << (action - 1))}
        reason = signal >> 8
        for action in (Action.SELL, Action.COVER):
            if action not in asked:
                continue
            if self.side_to_be() != action.side:
                self.refuse(Refusal.NO_OPEN_POSITION, action, row_at, at, close)
                continue
            self.write(EventKind.SIGNAL, row_at, at, action=action, code=reason, price=close)
            if self.enter == action.side:
                self.expire_enter(row_at, at)
            else:
                self.leave = ExitReason.SIGNAL
        for action, opposite in ((Action.BUY, Action.SELL), (Action.SHORT, Action.COVER)):
            if action not in asked:
                continue
            objection = self.objection(at, asked, opposite)
            if objection is not None:
                code, limit, actual = objection
                self.refuse(code, action, row_at, at, close, limit, actual)
                continue
            self.write(EventKind.SIGNAL, row_at, at, action=action, code=reason, price=close)
            self.enter = int(action.side)

    def objection(
        self, at: int, asked: set[Action], opposite: Action
    ) -> tuple[Refusal, int, int] | None:
        if self.side_to_be() != 0:
            return Refusal.POSITION_ALREADY_OPEN, 0, 0
        if opposite in asked or {Action.BUY, Action.SHORT} <= asked:
            return Refusal.CONFLICTING_SIGNAL, 0, 0
        wait = self.terms.cooldown_ms
        if wait and self.leave is not None:
            return Refusal.COOLDOWN, wait, 0
        if wait and self.last_exit is not None and at - self.last_exit < wait:
            return Refusal.COOLDOWN, wait, at - self.last_exit
        most = self.terms.max_trades
        today = self.entries.get(at // DAY, 0)
        if most is not None and today >= most:
            return Refusal.MAX_TRADES_PER_DAY, most, today
        if self.paused:
            return Refusal.PAUSED, 0, 0
        return None

    def finish(self, reason: EndReason, begun_at: int) -> None:
        if self.ended:
            return
        row_at, close = self.last_price if self.last_price is not None else (begun_at, 0)
        if reason == EndReason.END_OF_DATA and self.held is not None and close > 0:
            self.expire_leave(row_at, self.moment)
            self.expire_enter(row_at, self.moment)
            self.close(row_at, self.moment, close, ExitReason.END_OF_DATA)
        if not self.ended:
            self.end(row_at, self.moment, reason)

    def matrix(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        rows = [[event[name] for name in COLUMNS] for event in self.events]
        return np.array(rows, np.int64).reshape(-1, len(COLUMNS))
