"""A slow, plain telling of how bots share one balance; none of the kernel's code.

Spot, bars, one order step, no slippage: what is told here is the order of things and the money.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

BUY, SELL, SHORT, COVER = 1, 2, 4, 8
Bar = tuple[int, int, int, int, int, int]
"""(moment of the open, open, high, low, close, signal at the close)"""


@dataclass(frozen=True)
class Rules:
    """Of one bot; shares are parts per million."""

    size: int
    fee: int
    stop: int = 0
    target: int = 0
    timeframe: int = 60_000


@dataclass(eq=False)  # two that trade alike are still two
class Trader:
    rules: Rules
    bars: list[Bar]
    side: int = 0
    amount: int = 0
    entry: int = 0
    leaves: bool = False
    enters: int = 0
    price: int = 0
    held: int = 0
    entered_at: int = -1
    current: Bar | None = None
    done: int = 0
    fills: list[tuple[int, ...]] = field(default_factory=list)
    """(moment, action, price, amount, fee, cash of the account after it)"""
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        return self.amount * self.entry

    @property
    def worth(self) -> int:
        return self.cost + self.side * (self.amount * self.price - self.cost) if self.side else 0

    def say_no(self, rule: str) -> None:
        self.refused[rule] = self.refused.get(rule, 0) + 1


def share(money: int, ppm: int) -> int:
    return floor(Fraction(money * ppm, 1_000_000))


def fee_of(money: int, ppm: int) -> int:
    return ceil(Fraction(money * ppm, 1_000_000))


@dataclass
class Account:
    cash: int
    traders: list[Trader]
    most_open: int | None = None
    exposure: int | None = None
    curve: list[tuple[int, int]] = field(default_factory=list)

    @property
    def equity(self) -> int:
        return self.cash + sum(one.held + one.worth for one in self.traders)

    def play(self) -> None:
        opens = {bar[0] for one in self.traders for bar in one.bars}
        closes = {bar[0] + one.rules.timeframe for one in self.traders for bar in one.bars}
        for now in sorted(opens | closes):
            self._close(now)
            self._open(now)

    def _close(self, now: int) -> None:
        ending = [one for one in self.traders if _ends(one, now)]
        for one in ending:
            assert one.current is not None
            self.cash += one.held
            one.held, one.price = 0, one.current[4]
        for one in ending:
            assert one.current is not None
            _decide(one, one.current[5])
            one.current = None
        if ending:
            self.curve.append((now, self.equity))
        for one in ending:
            if one.done == len(one.bars) and one.side:
                self._leave(one, one.bars[-1][0], one.price)

    def _open(self, now: int) -> None:
        opening = [one for one in self.traders if one.current is None and _begins(one, now)]
        for one in opening:
            if one.leaves:
                self._leave(one, now, one.bars[one.done][1])
        for one in sorted(opening, key=lambda one: (one.entered_at, self.traders.index(one))):
            if one.enters:
                self._enter(one, now, one.bars[one.done][1])
        for one in opening:
            one.current = one.bars[one.done]
            one.done += 1
            before = self.cash
            exit_at = _exit(one, one.current)
            if exit_at:
                self._leave(one, now, exit_at)
                if self.cash > before:
                    one.held, self.cash = self.cash - before, before

    def _enter(self, one: Trader, now: int, price: int) -> None:
        side, rules, one.enters = one.enters, one.rules, 0
        others = [other for other in self.traders if other is not one and other.side]
        if self.most_open is not None and len(others) >= self.most_open:
            one.say_no("max_open_positions")
            return
        wanted = share(self.equity, rules.size) // price
        payable = self.cash // price
        while payable and payable * price + fee_of(payable * price, rules.fee) > self.cash:
            payable -= 1
        amount = min(wanted, payable)
        if payable < 1 and payable < wanted:
            one.say_no("insufficient_cash")
            return
        if amount < 1:
            one.say_no("below_minimum")
            return
        if self.exposure is not None:
            room = share(self.equity, self.exposure) - sum(other.cost for other in others)
            if amount * price > max(room, 0):
                one.say_no("max_exposure")
                return
        fee = fee_of(amount * price, rules.fee)
        self.cash -= amount * price + fee
        one.side, one.amount, one.entry, one.entered_at = side, amount, price, now
        action = 1 if side > 0 else 3
        one.fills.append((now, action, price, amount, fee, self.cash))

    def _leave(self, one: Trader, now: int, price: int) -> None:
        back = one.cost + one.side * (one.amount * price - one.cost)
        fee = fee_of(one.amount * price, one.rules.fee)
        self.cash += back - fee
        action = 2 if one.side > 0 else 4
        one.fills.append((now, action, price, one.amount, fee, self.cash))
        one.side = one.amount = one.entry = 0
        one.leaves = False


def _begins(one: Trader, now: int) -> bool:
    return one.done < len(one.bars) and one.bars[one.done][0] == now


def _ends(one: Trader, now: int) -> bool:
    return one.current is not None and one.current[0] + one.rules.timeframe == now


def _exit(one: Trader, bar: Bar) -> int:
    """The price of the exit inside the bar; 0 for none."""
    if not one.side:
        return 0
    _, open_, high, low, _, _ = bar
    side, rules = one.side, one.rules
    down, up = (floor, ceil) if side > 0 else (ceil, floor)
    stop = down(Fraction(one.entry * (1_000_000 - side * rules.stop), 1_000_000))
    target = up(Fraction(one.entry * (1_000_000 + side * rules.target), 1_000_000))
    adverse, favourable = (low, high) if side > 0 else (high, low)
    if rules.stop and side * (open_ - stop) <= 0:
        return open_
    if rules.target and side * (open_ - target) >= 0:
        return target
    if rules.stop and side * (adverse - stop) <= 0:
        return stop
    if rules.target and side * (favourable - target) >= 0:
        return target
    return 0


def _decide(one: Trader, signal: int) -> None:
    held = one.side
    for wish, side in ((SELL, 1), (COVER, -1)):
        if signal & wish:
            if held == side:
                one.leaves, held = True, 0
            else:
                one.say_no("no_open_position")
    for wish, leave, side in ((BUY, SELL, 1), (SHORT, COVER, -1)):
        if signal & wish:
            if held:
                one.say_no("position_already_open")
            elif signal & leave or signal & (BUY | SHORT) == BUY | SHORT:
                one.say_no("conflicting_signal")
            else:
                one.enters = held = side
