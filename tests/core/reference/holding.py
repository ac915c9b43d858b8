"""An open position: its lots, what they cost, and the levels that watch it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.domain.reasons import Action, ExitReason, StopSource, TargetSource
from tests.core.reference.rounding import as_level, away_down, away_up, down, up
from tests.core.reference.terms import MILLION, Terms


@dataclass
class Lot:
    amount: int
    price: int
    fee: int


@dataclass
class Held:
    side: int
    trade: int
    entered_at: int
    first_price: int
    first_amount: int
    best: int
    lots: list[Lot] = field(default_factory=list)
    margin: int = 0
    """Only counted with leverage."""
    stop: int = 0
    target: int = 0
    stop_by: StopSource = StopSource.STOP_LOSS
    target_by: TargetSource = TargetSource.TAKE_PROFIT
    told_stop: int = 0
    entered: int = 0
    entered_cost: int = 0
    exited: int = 0
    exited_value: int = 0
    fees: int = 0
    gross: int = 0
    funding: int = 0
    partials_done: int = 0
    adds_done: int = 0

    @property
    def long(self) -> bool:
        return self.side == 1

    @property
    def enters(self) -> Action:
        return Action.BUY if self.long else Action.SHORT

    @property
    def leaves(self) -> Action:
        return Action.SELL if self.long else Action.COVER

    @property
    def amount(self) -> int:
        return sum(lot.amount for lot in self.lots)

    @property
    def cost(self) -> int:
        return sum(lot.amount * lot.price for lot in self.lots)

    @property
    def entry(self) -> int:
        if self.long:
            return up(self.entered_cost, self.entered)
        return down(self.entered_cost, self.entered)

    @property
    def average_exit(self) -> int:
        if self.long:
            return down(self.exited_value, self.exited)
        return up(self.exited_value, self.exited)

    def collateral(self, terms: Terms) -> int:
        return self.margin if terms.leverage else self.cost

    def worth(self, terms: Terms, price: int) -> int:
        moved = self.amount * price - self.cost if self.long else self.cost - self.amount * price
        return max(0, self.collateral(terms) + moved)

    def liquidation(self, terms: Terms) -> int:
        kept = terms.maintenance if terms.leverage else 0
        cost, collateral = self.cost, self.collateral(terms)
        if self.long:
            if cost <= collateral:
                return 0
            return as_level(up(up((cost - collateral) * MILLION, MILLION - kept), self.amount))
        return as_level(down(down((cost + collateral) * MILLION, MILLION + kept), self.amount))

    def bounded(self, terms: Terms, fill: int) -> int:
        """A whole exit never loses more than what was set aside."""
        cost, collateral = self.cost, self.collateral(terms)
        if not self.long:
            return min(fill, down(cost + collateral, self.amount))
        if terms.leverage:
            return max(fill, up(cost - collateral, self.amount))
        return fill

    # ---- levels

    def stop_at(self, price: int, distance: int) -> int:
        """A stop so far on the losing side of `price`."""
        if self.long:
            return as_level(away_down(price, -distance))
        return as_level(away_up(price, distance))

    def target_at(self, price: int, distance: int) -> int:
        if self.long:
            return as_level(away_up(price, distance))
        return as_level(away_down(price, -distance))

    def lost_to(self, level: int, price: int) -> bool:
        """`price` is at the level or worse."""
        return level > 0 and (price <= level if self.long else price >= level)

    def gained_to(self, level: int, price: int) -> bool:
        """`price` is at the level or better."""
        return level > 0 and (price >= level if self.long else price <= level)

    def stop_is_better(self, stop: int) -> bool:
        if stop == 0:
            return False
        if self.stop == 0:
            return True
        return stop > self.stop if self.long else stop < self.stop

    @property
    def by_stop(self) -> ExitReason:
        if self.stop_by == StopSource.TRAILING:
            return ExitReason.TRAILING_STOP
        if self.stop_by == StopSource.BREAK_EVEN:
            return ExitReason.BREAK_EVEN
        return ExitReason.STOP_LOSS

    @property
    def by_target(self) -> ExitReason:
        if self.target_by == TargetSource.STEP:
            return ExitReason.TARGET_STEP
        return ExitReason.TAKE_PROFIT
