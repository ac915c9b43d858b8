"""Rows, inputs, decisions: a whole session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.domain.reasons import (
    REFUSAL_SLOTS,
    Action,
    EndReason,
    ExitReason,
    Input,
    Refusal,
    StopSource,
    TargetSource,
)
from engine.domain.rows import RowKind
from engine.domain.settings import MAX_STOPS_GUARDED
from engine.messages.events import EventKind
from tests.core.reference.rounding import down, up
from tests.core.reference.sizing import Objection
from tests.core.reference.terms import DAY, LIMIT
from tests.core.reference.walk import Walk

FUNDING_PART = 10**8


class Reference(Walk):
    def begin(self, at: int) -> None:
        """A new session over the same money, position and past."""
        self.leave, self.enter = None, 0
        self.paused = self.closing_down = self.ended = False
        self.stale_ms, self.quoted_spread, self.room = 0, None, None
        self.events, self.refused, self.run = [], {}, []
        self.moment = self.last_price_at = at
        self.peak = self.equity(self.last_close)
        entered_at = 0
        if self.held is not None:
            self.held.trade = 1
            self.held.told_stop = self.held.stop
            entered_at = self.held.entered_at
        self.write(
            EventKind.SESSION_STARTED,
            at,
            at,
            price=self.last_close,
            limit=entered_at,
            actual=self.entries.get(at // DAY, 0),
            pnl=self.day_pnl.get(at // DAY, 0),
        )

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
            self.take_input(open_, at, high, low, close)
        if kind == RowKind.FUNDING:
            self.take_funding(at, open_, close)
        priced = open_ > 0 and low > 0
        if kind in (RowKind.BAR, RowKind.PRICE) and priced:
            self.last_price_at, self.last_close = at, close
            self.trade(at, open_, high, low, close)
        if kind in (RowKind.BAR, RowKind.CLOSED) and not self.ended:
            priced = priced if kind == RowKind.BAR else close > 0
            if priced:
                self.peak = max(self.peak, self.equity(close))
            self.tell_moved_stop(at)
            self.decide(at, self.moment, signal, close, priced)

    # ---- rows with prices

    def trade(self, at: int, open_: int, high: int, low: int, close: int) -> None:
        if self.day != at // DAY:
            self.day, self.day_equity = at // DAY, self.equity(open_)
        stepped = self.take_due_step(at)
        self.leave_at_open(at, open_, high - low)
        if self.enter and not self.ended:
            self.open(at, open_, high - low)
            held = self.held
            stepped = held is not None and held.target_by == TargetSource.STEP
        if self.held is not None and not self.ended:
            self.walk(at, open_, high, low, close, stepped)

    def leave_at_open(self, at: int, open_: int, row_range: int) -> None:
        held, limit = self.held, self.terms.time_limit_ms
        if held is None:
            return
        if self.leave is not None:
            self.leave_at_market(at, at, open_, self.leave, row_range)
        elif limit and at >= held.entered_at + limit:
            self.leave_at_market(at, at, open_, ExitReason.TIME_LIMIT, row_range)
        if self.held is None and self.closing_down and not self.ended:
            self.end(at, at, EndReason.CLOSED_AND_STOPPED)

    def take_funding(self, at: int, rate: int, mark: int) -> None:
        held = self.held
        mark = mark or self.last_close
        if held is None or not self.terms.leverage or mark <= 0:
            return
        notional = held.amount * mark
        if rate * held.side > 0:
            received = -min(up(notional * abs(rate), FUNDING_PART), max(0, held.margin))
        else:
            received = down(notional * abs(rate), FUNDING_PART)
        if notional >= LIMIT or held.margin + received >= LIMIT:
            self.end(at, at, EndReason.MONEY_OVERFLOW)
            return
        if received:
            held.margin += received
            held.funding += received
            self.write(EventKind.FUNDING_PAID, at, at, pnl=received, price=mark, limit=rate)

    def tell_moved_stop(self, row_at: int) -> None:
        held = self.held
        if held is not None and held.stop != held.told_stop:
            self.write(
                EventKind.LEVEL_MOVED,
                row_at,
                self.moment,
                action=held.leaves,
                price=held.stop,
                limit=held.told_stop,
                actual=0 if self.terms.trailing is None else held.best,
            )
            held.told_stop = held.stop

    # ---- inputs

    def take_input(self, code: int, at: int, high: int, low: int, close: int) -> None:
        if code == Input.SPREAD:
            self.quoted_spread = high if high >= 0 else None
        elif code == Input.ACCOUNT:
            self.take_account(at, high, low, close)
        elif code in (Input.MOVE_STOP, Input.MOVE_TARGET):
            self.move_level(code, at, high)
        elif code in (Input.FEED_STALE, Input.FEED_FRESH):
            self.stale_ms = max(1, high) if code == Input.FEED_STALE else 0
            self.write(EventKind.COMMANDED, at, at, code=code, actual=high)
        else:
            self.command(code, at)

    def take_account(self, at: int, code: int, limit: int, actual: int) -> None:
        if code == Refusal.MAX_EXPOSURE:
            self.room = max(limit, 0)
        elif 0 < code < REFUSAL_SLOTS and self.enter:
            action = Action.BUY if self.enter == 1 else Action.SHORT
            self.enter = 0
            self.refuse(code, action, at, at, self.last_close, limit, actual)

    def move_level(self, code: int, at: int, price: int) -> None:
        held = self.held
        if held is None or price <= 0:
            self.write(EventKind.COMMANDED, at, at, code=code)
        elif code == Input.MOVE_STOP:
            before, held.stop, held.stop_by = held.stop, price, StopSource.HAND
            held.told_stop = price
            self.write(EventKind.COMMANDED, at, at, code=code, price=price, limit=before)
        else:
            before, held.target, held.target_by = held.target, price, TargetSource.HAND
            held.told_stop = held.stop
            self.write(EventKind.COMMANDED, at, at, code=code, price=price, limit=before)

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

    # ---- rules

    def side_to_be(self) -> int:
        if self.enter:
            return self.enter
        if self.leave is not None or self.held is None:
            return 0
        return self.held.side

    def decide(self, row_at: int, at: int, signal: int, close: int, priced: bool) -> None:
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
            objection = self.objection(at, asked, opposite, close if priced else None)
            if objection is not None:
                code, limit, actual = objection
                self.refuse(code, action, row_at, at, close, limit, actual)
                continue
            self.write(EventKind.SIGNAL, row_at, at, action=action, code=reason, price=close)
            self.enter = int(action.side)

    def objection(
        self, at: int, asked: set[Action], opposite: Action, close: int | None
    ) -> Objection | None:
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
        objection = None if close is None else self.loss_objection(at, self.equity(close))
        objection = objection or self.guard_objection(at) or self.stale_objection()
        if objection is None and self.paused:
            return Refusal.PAUSED, 0, 0
        return objection

    def guard_objection(self, at: int) -> Objection | None:
        many = self.terms.guard_stops
        latest = self.losing_stops[-MAX_STOPS_GUARDED:]
        inside = sum(at - stopped_at < self.terms.guard_ms for stopped_at in latest)
        if many and inside >= many:
            return Refusal.STOP_GUARD, many, inside
        return None

    def finish(self, reason: EndReason) -> None:
        if self.ended:
            return
        row_at, at = self.last_price_at, self.moment
        if reason == EndReason.END_OF_DATA and self.held is not None and self.last_close > 0:
            self.expire_leave(row_at, at)
            self.expire_enter(row_at, at)
            self.leave_at_market(row_at, at, self.last_close, ExitReason.END_OF_DATA, 0)
        if not self.ended:
            self.end(row_at, at, reason)
