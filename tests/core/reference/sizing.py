"""Prices after slippage, fees, and how much may be bought at a price."""

from __future__ import annotations

from engine.domain.reasons import Refusal
from engine.domain.settings import Sizing
from tests.core.reference.record import Record
from tests.core.reference.rounding import as_level, away_down, away_up, down, up
from tests.core.reference.terms import LIMIT, MILLION

HIGHEST = 2**63 - 1
Objection = tuple[Refusal, int, int]
"""(code, limit, what was found)"""


class Sizes(Record):
    @property
    def spread(self) -> int:
        return self.terms.spread if self.quoted_spread is None else self.quoted_spread

    @property
    def times(self) -> int:
        """How much may be held per unit set aside."""
        return max(self.terms.leverage, 1)

    def buy_price(self, price: int, row_range: int) -> int:
        shift = self.terms.slippage + up(self.spread, 2)
        return away_up(price, shift) + up(row_range * self.terms.slippage_range, MILLION)

    def sell_price(self, price: int, row_range: int) -> int:
        shift = self.terms.slippage + up(self.spread, 2)
        slipped = away_down(price, -shift)
        return max(1, slipped - up(row_range * self.terms.slippage_range, MILLION))

    def taker_fee(self, notional: int) -> int:
        return up(notional * self.terms.fee, MILLION)

    def maker_fee(self, notional: int) -> int:
        rate = self.terms.fee if self.terms.maker is None else self.terms.maker
        return up(notional * rate, MILLION)

    def first_stop_distance(self) -> int | None:
        terms = self.terms
        if terms.stop_loss is not None:
            return terms.stop_loss
        if terms.trailing is None or terms.trailing_before is None:
            return terms.trailing
        return terms.trailing_before

    def margin(self, amount: int, fill: int) -> int:
        return min(LIMIT, up(amount * fill, self.times))

    def whole_steps(self, amount: int) -> int:
        amount = min(amount, HIGHEST)
        return amount // self.terms.order_step * self.terms.order_step

    def wanted(self, side: int, fill: int, equity: int) -> int:
        terms = self.terms
        if terms.sizing == Sizing.RISK:
            away = self.first_stop_distance()
            stop = 0
            if away is not None and side == 1:
                stop = as_level(away_down(fill, -away))
            if away is not None and side == -1:
                stop = as_level(away_up(fill, away))
            risked = down(equity * terms.risk, MILLION)
            amount = self.whole_steps(down(risked, abs(fill - stop)))
            if terms.ceiling is not None:
                most = down(equity * terms.ceiling, MILLION)
                amount = min(amount, self.whole_steps(down(most * self.times, fill)))
            return amount
        margin = terms.size_quote
        if terms.sizing == Sizing.PERCENT:
            margin = down(equity * terms.position, MILLION)
        return self.whole_steps(down(margin * self.times, fill))

    def fee_in_base(self, side: int) -> bool:
        return self.terms.fee_in_base and not self.terms.leverage and side == 1

    def needed(self, amount: int, fill: int, in_base: bool) -> int:
        """Cash that an entering fill of `amount` takes."""
        notional = amount * fill
        return up(notional, self.times) + (0 if in_base else self.taker_fee(notional))

    def payable(self, fill: int, in_base: bool) -> int:
        """The most whole order steps that the cash pays."""
        step = self.terms.order_step
        payable = min(self.cash * self.times, HIGHEST)
        fits, too_many = 0, payable // (fill * step) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            if self.needed(middle * step, fill, in_base) <= self.cash:
                fits = middle
            else:
                too_many = middle
        return fits * step

    def least(self, fill: int) -> int:
        terms = self.terms
        short_of = max(terms.order_step, terms.min_amount, up(terms.min_notional, fill))
        return up(short_of, terms.order_step) * terms.order_step

    def kept_as_fee(self, amount: int) -> int:
        return up(amount * self.terms.fee, MILLION)

    def size(
        self, side: int, want: int, fill: int, equity: int, set_aside: int
    ) -> tuple[int, Objection | None]:
        """How much of `want` may be bought, or why nothing may."""
        terms = self.terms
        in_base = self.fee_in_base(side)
        margin = set_aside + self.margin(want, fill)
        if terms.ceiling is not None and margin > down(equity * terms.ceiling, MILLION):
            return 0, (Refusal.MAX_POSITION, down(equity * terms.ceiling, MILLION), margin)
        by_cash, least = self.payable(fill, in_base), self.least(fill)
        if by_cash < least and by_cash < want:
            fits = least * fill < LIMIT
            limit = self.needed(least, fill, in_base) if fits else LIMIT
            return 0, (Refusal.INSUFFICIENT_CASH, min(limit, LIMIT), self.cash)
        amount = min(want, by_cash)
        nothing_left = in_base and self.whole_steps(amount - self.kept_as_fee(amount)) == 0
        if amount < least or nothing_left:
            return 0, (Refusal.BELOW_MINIMUM, least, amount)
        if terms.max_spread is not None and self.spread > terms.max_spread:
            return 0, (Refusal.MAX_SPREAD, terms.max_spread, self.spread)
        return amount, None
