"""Entering, adding, and leaving in part or whole: lots, fees, and cash."""

from __future__ import annotations

from engine.domain.reasons import (
    Action,
    EndReason,
    ExitReason,
    Refusal,
    StopSource,
    TargetSource,
)
from engine.messages.events import EventKind
from tests.core.reference.holding import Held, Lot
from tests.core.reference.rounding import down, up
from tests.core.reference.sizing import Objection, Sizes
from tests.core.reference.terms import DAY, LIMIT, MILLION

LOSING_STOPS = (
    ExitReason.STOP_LOSS,
    ExitReason.TRAILING_STOP,
    ExitReason.BREAK_EVEN,
    ExitReason.LIQUIDATION,
)


class Fills(Sizes):
    # ---- entering

    def open(self, at: int, price: int, row_range: int) -> None:
        side = self.enter
        action = Action.BUY if side == 1 else Action.SHORT
        fill = self.buy_price(price, row_range) if side == 1 else self.sell_price(price, row_range)
        if fill >= LIMIT:
            self.end(at, at, EndReason.MONEY_OVERFLOW)
            return
        self.enter = 0
        equity = self.equity(price)
        amount, refusal = self.size(side, self.wanted(side, fill, equity), fill, equity, 0)
        if refusal is None and self.room is not None and self.margin(amount, fill) > self.room:
            refusal = Refusal.MAX_EXPOSURE, self.room, self.margin(amount, fill)
        self.room = None
        if refusal is not None:
            code, limit, actual = refusal
            self.refuse(code, action, at, at, fill, limit, actual)
            return
        if amount * fill >= LIMIT:
            self.end(at, at, EndReason.MONEY_OVERFLOW)
            return
        order = {"action": action, "price": fill, "limit": price, "amount": amount}
        intent = self.write(EventKind.INTENT, at, at, **order)
        intent["trade"] = intent["no"] + 2
        held = Held(side, intent["trade"], at, fill, amount, best=fill)
        fee = self.take_lot(held, amount, fill)
        self.held = held
        self.place_first_levels(held, at)
        self.entries[at // DAY] = self.entries.get(at // DAY, 0) + 1
        self.write(EventKind.FILL, at, at, fee=fee, **order)
        self.write(EventKind.TRADE_OPENED, at, at, action=action, price=fill, amount=amount)

    def take_lot(self, held: Held, amount: int, fill: int) -> int:
        """Money for a new lot; its fee."""
        if self.fee_in_base(held.side):
            kept = self.kept_as_fee(amount)
            lot = Lot(amount - kept, fill, kept * fill)
            self.cash -= amount * fill
        else:
            lot = Lot(amount, fill, self.taker_fee(amount * fill))
            self.cash -= self.margin(amount, fill) + lot.fee
        held.lots.append(lot)
        held.margin += self.margin(lot.amount, fill)
        held.entered += lot.amount
        held.entered_cost += lot.amount * fill
        held.fees += lot.fee
        return lot.fee

    def place_first_levels(self, held: Held, at: int) -> None:
        away = self.first_stop_distance()
        if away is not None:
            held.stop = held.stop_at(held.entry, away)
        if held.stop and self.terms.stop_loss is None:
            held.stop_by = StopSource.TRAILING
        held.told_stop = held.stop
        held.target = self.target_in_force(held, at)
        if self.step_in_force(held, at) is not None:
            held.target_by = TargetSource.STEP

    def step_in_force(self, held: Held, at: int) -> int | None:
        """The target distance that the table of ages sets by now."""
        due = [away for age, away in self.terms.target_steps if at >= held.entered_at + age]
        return due[-1] if due else None

    def target_in_force(self, held: Held, at: int) -> int:
        away = self.step_in_force(held, at)
        if away is None:
            away = self.terms.take_profit
        return 0 if away is None else held.target_at(held.entry, away)

    # ---- adding

    def add_level(self, held: Held) -> int:
        """The next level that adds, 0 for none."""
        if held.adds_done >= len(self.terms.adds):
            return 0
        away, _ = self.terms.adds[held.adds_done]
        return held.stop_at(held.first_price, away)

    def add(self, held: Held, at: int, level: int, touched: int) -> None:
        _, times = self.terms.adds[held.adds_done]
        held.adds_done += 1
        action, equity = held.enters, self.equity(level)
        want = self.whole_steps(down(held.first_amount * times, MILLION))
        refusal = self.add_objection(at, equity)
        if refusal is None:
            set_aside = held.collateral(self.terms)
            amount, refusal = self.size(held.side, want, level, equity, set_aside)
        if refusal is not None:
            code, limit, actual = refusal
            self.refuse(code, action, at, at, level, limit, actual)
            return
        if amount * level + max(held.cost, held.entered_cost) >= LIMIT:
            self.end(at, at, EndReason.MONEY_OVERFLOW)
            return
        self.write(EventKind.LEVEL_TOUCHED, at, at, action=action, price=touched, limit=level)
        order = {"action": action, "price": level, "limit": level, "amount": amount}
        self.write(EventKind.INTENT, at, at, **order)
        fee = self.take_lot(held, amount, level)
        if held.target_by != TargetSource.HAND:
            held.target = self.target_in_force(held, at)
        if held.stop_by == StopSource.STOP_LOSS and self.terms.stop_loss is not None:
            held.stop = held.stop_at(held.entry, self.terms.stop_loss)
        held.told_stop = held.stop
        self.write(EventKind.FILL, at, at, fee=fee, **order)
        self.write(EventKind.POSITION_ADDED, at, at, **order)

    def add_objection(self, at: int, equity: int) -> Objection | None:
        if self.paused:
            return Refusal.PAUSED, 0, 0
        return self.loss_objection(at, equity) or self.stale_objection()

    def loss_objection(self, at: int, equity: int) -> Objection | None:
        daily, deepest = self.terms.daily_loss, self.terms.max_drawdown
        if daily is not None and self.day == at // DAY:
            limit, lost = up(self.day_equity * daily, MILLION), self.day_equity - equity
            if lost >= limit:
                return Refusal.DAILY_LOSS, limit, lost
        if deepest is not None:
            limit, lost = up(self.peak * deepest, MILLION), self.peak - equity
            if lost >= limit:
                return Refusal.MAX_DRAWDOWN, limit, lost
        return None

    def stale_objection(self) -> Objection | None:
        return (Refusal.STALE_FEED, 0, self.stale_ms) if self.stale_ms else None

    # ---- leaving

    def leave_at_market(
        self,
        row_at: int,
        at: int,
        price: int,
        reason: ExitReason,
        row_range: int,
        level: int = 0,
        touched: int = 0,
    ) -> None:
        held = self.held
        assert held is not None
        fill = self.sell_price(price, row_range) if held.long else self.buy_price(price, row_range)
        self.leave_whole(row_at, at, price, fill, reason, level, touched, maker=False)

    def leave_at_target(
        self, at: int, target: int, reason: ExitReason, touched: int, level: int
    ) -> None:
        self.leave_whole(at, at, target, target, reason, level, touched, maker=True)

    def leave_whole(
        self,
        row_at: int,
        at: int,
        price: int,
        fill: int,
        reason: ExitReason,
        level: int,
        touched: int,
        *,
        maker: bool,
    ) -> None:
        held = self.held
        assert held is not None
        fill = held.bounded(self.terms, fill)
        amount = self.whole_steps(held.amount) or held.amount
        notional, gross = self.notional_and_gross(held, amount, fill, held.cost)
        back = max(0, held.collateral(self.terms) + gross)
        if self.overflows(held, notional, back):
            self.end(row_at, at, EndReason.MONEY_OVERFLOW)
            return
        fee = min(self.exit_fee(notional, maker), self.cash + back)
        if level:
            self.tell_touched(held, row_at, at, reason, level, touched)
        order = {"code": reason, "action": held.leaves, "price": fill, "limit": price}
        order |= {"amount": amount, "trade": held.trade}
        self.write(EventKind.INTENT, row_at, at, **order)
        self.cash += back - fee
        self.count_exit(held, amount, fill, gross, fee)
        pnl = held.gross - held.fees + held.funding
        self.held, self.leave, self.last_exit = None, None, row_at
        self.day_pnl = {at // DAY: self.day_pnl.get(at // DAY, 0) + pnl}
        if reason in LOSING_STOPS and pnl < 0:
            self.losing_stops.append(row_at)
        self.write(EventKind.FILL, row_at, at, fee=fee, pnl=gross, **order)
        order |= {"limit": 0, "amount": held.entered, "price": held.average_exit}
        order |= {"entry": held.entry, "actual": held.fees, "funding": held.funding}
        self.write(EventKind.TRADE_CLOSED, row_at, at, pnl=pnl, **order)

    def leave_partly(self, held: Held, at: int, amount: int, level: int, touched: int) -> None:
        cost = sum(taken * lot.price for lot, taken in self.oldest(held, amount))
        notional, gross = self.notional_and_gross(held, amount, level, cost)
        freed = down(held.margin * amount, held.amount) if self.terms.leverage else cost
        back = max(0, freed + gross)
        if self.overflows(held, notional, back):
            self.end(at, at, EndReason.MONEY_OVERFLOW)
            return
        fee = min(self.exit_fee(notional, True), self.cash + back)
        reason = ExitReason.PARTIAL_TARGET
        self.tell_touched(held, at, at, reason, level, touched)
        order = {"code": reason, "action": held.leaves, "price": level, "limit": level}
        order |= {"amount": amount}
        self.write(EventKind.INTENT, at, at, **order)
        self.cash += back - fee
        held.margin -= back - gross
        for lot, taken in self.oldest(held, amount):
            lot.fee -= down(lot.fee * taken, lot.amount)
            lot.amount -= taken
        held.lots = [lot for lot in held.lots if lot.amount]
        self.count_exit(held, amount, level, gross, fee)
        held.told_stop = held.stop
        self.write(EventKind.FILL, at, at, fee=fee, pnl=gross, **order)

    def oldest(self, held: Held, amount: int) -> list[tuple[Lot, int]]:
        """(lot, what is taken of it), oldest first."""
        taken = []
        for lot in held.lots:
            part = min(lot.amount, amount)
            amount -= part
            taken.append((lot, part))
        return taken

    def notional_and_gross(self, held: Held, amount: int, fill: int, cost: int) -> tuple[int, int]:
        notional = amount * fill
        return notional, notional - cost if held.long else cost - notional

    def overflows(self, held: Held, notional: int, back: int) -> bool:
        exited = held.exited_value + notional
        return exited >= LIMIT or back >= LIMIT or self.cash + back >= LIMIT

    def exit_fee(self, notional: int, maker: bool) -> int:
        return self.maker_fee(notional) if maker else self.taker_fee(notional)

    def count_exit(self, held: Held, amount: int, fill: int, gross: int, fee: int) -> None:
        held.exited += amount
        held.exited_value += amount * fill
        held.gross += gross
        held.fees += fee

    def tell_touched(
        self, held: Held, row_at: int, at: int, reason: ExitReason, level: int, touched: int
    ) -> None:
        self.write(
            EventKind.LEVEL_TOUCHED,
            row_at,
            at,
            code=reason,
            action=held.leaves,
            price=touched,
            limit=level,
        )
