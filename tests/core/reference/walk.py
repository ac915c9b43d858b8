"""The way of the price inside one row, and every level it meets."""

from __future__ import annotations

from engine.domain.reasons import ExitReason, StopSource, TargetSource
from engine.domain.settings import PathRule
from engine.messages.events import EventKind
from tests.core.reference.fills import Fills
from tests.core.reference.holding import Held
from tests.core.reference.rounding import down
from tests.core.reference.terms import ADVERSE_FIRST, MILLION


class Walk(Fills):
    def take_due_step(self, at: int) -> bool:
        """A target that the table of ages sets from this row on; whether it moved."""
        held = self.held
        if held is None or held.target_by == TargetSource.HAND:
            return False
        away = self.step_in_force(held, at)
        if away is None:
            return False
        before = held.target
        held.target = held.target_at(held.entry, away)
        held.target_by = TargetSource.STEP
        if held.target == before:
            return False
        self.write(
            EventKind.TARGET_MOVED,
            at,
            at,
            code=TargetSource.STEP,
            action=held.leaves,
            price=held.target,
            limit=before,
        )
        return True

    def walk(self, at: int, open_: int, high: int, low: int, close: int, stepped: bool) -> None:
        self.look_at_open(at, open_, high - low, stepped)
        here = open_
        for adverse, point in self.way(open_, high, low, close):
            held = self.held
            if held is None or self.ended:
                return
            if adverse and point != here:
                self.go_against(held, at, here, point, high - low)
            if not adverse:
                self.go_along(held, at, here, point)
            here = point

    def way(self, open_: int, high: int, low: int, close: int) -> list[tuple[bool, int]]:
        """(adverse, to) for each move after the open."""
        if self.held is None:
            return []
        worst, best = (low, high) if self.held.long else (high, low)
        against, along = (True, worst), (False, best)
        path = self.terms.path
        if path == PathRule.CONSERVATIVE:
            return [against, along]
        if path == PathRule.NEAREST:
            against_first = abs(open_ - worst) <= abs(open_ - best)
        else:
            against_first = path == ADVERSE_FIRST
        if against_first:
            to_close = [(True, close)] if close != best else []
            return [against, along, *to_close]
        to_close = [(False, close)] if close != worst else []
        return [along, against, *to_close]

    def ruin(self, held: Held) -> int:
        """The liquidation price where it counts: a spot short's stop may come before."""
        level = held.liquidation(self.terms)
        if not self.terms.leverage and 0 < held.stop < level:
            return 0
        return level

    def adds_by(self, held: Held, point: int) -> bool:
        """Whether `point` meets the next level that adds, and no exit is as near."""
        add = self.add_level(held)
        for out in (held.stop, self.ruin(held)):
            if out and (add <= out if held.long else add >= out):
                return False
        return held.lost_to(add, point)

    def look_at_open(self, at: int, open_: int, row_range: int, stepped: bool) -> None:
        held = self.held
        assert held is not None
        ruin = self.ruin(held)
        if held.lost_to(ruin, open_):
            reason = ExitReason.LIQUIDATION
            self.leave_at_market(at, at, open_, reason, row_range, ruin, open_)
        elif held.lost_to(held.stop, open_):
            self.leave_at_market(at, at, open_, held.by_stop, row_range, held.stop, open_)
        elif stepped and held.gained_to(held.target, open_):
            reason = ExitReason.TARGET_STEP
            self.leave_at_market(at, at, open_, reason, row_range, held.target, open_)
        else:
            self.meet_targets(held, at, open_)
            while self.held is not None and not self.ended and self.adds_by(held, open_):
                self.add(held, at, self.add_level(held), open_)

    def meet_targets(self, held: Held, at: int, point: int) -> None:
        """Partial targets and the target up to `point`, nearest first."""
        while self.held is not None and not self.ended:
            partial = self.partial_level(held)
            by_partial = held.gained_to(partial, point)
            by_target = held.gained_to(held.target, point)
            if by_partial and by_target:
                by_partial = partial <= held.target if held.long else partial >= held.target
            if by_partial:
                self.meet_partial(held, at, partial, point)
            elif by_target:
                target = held.target
                self.leave_at_target(at, target, held.by_target, point, target)
            else:
                return

    def partial_level(self, held: Held) -> int:
        if held.partials_done >= len(self.terms.partials):
            return 0
        away, _ = self.terms.partials[held.partials_done]
        return held.target_at(held.entry, away)

    def meet_partial(self, held: Held, at: int, level: int, point: int) -> None:
        _, share = self.terms.partials[held.partials_done]
        held.partials_done += 1
        amount = self.whole_steps(down(held.entered * share, MILLION) - held.exited)
        reason = ExitReason.PARTIAL_TARGET
        if share == MILLION or held.amount - amount < self.terms.order_step:
            self.leave_at_target(at, level, reason, point, level)
        elif amount < self.least(level):
            self.write(EventKind.EXPIRED, at, at, code=reason, action=held.leaves)
        else:
            self.leave_partly(held, at, amount, level, point)

    def go_against(self, held: Held, at: int, here: int, point: int, row_range: int) -> None:
        while self.held is not None and not self.ended:
            level, reason = held.stop, held.by_stop
            ruin = self.ruin(held)
            if held.lost_to(ruin, point):
                level, reason = ruin, ExitReason.LIQUIDATION
            if self.adds_by(held, point):
                self.add(held, at, self.add_level(held), point)
            elif held.lost_to(level, point):
                price = min(level, here) if held.long else max(level, here)
                self.leave_at_market(at, at, price, reason, row_range, level, point)
            else:
                return

    def go_along(self, held: Held, at: int, here: int, point: int) -> None:
        if point != here:
            self.meet_targets(held, at, point)
        if self.held is None or self.ended:
            return
        terms = self.terms
        if terms.trailing is not None:
            held.best = max(held.best, point) if held.long else min(held.best, point)
        if terms.break_even is not None:
            enough = held.target_at(held.entry, terms.break_even)
            if held.gained_to(enough, point) and held.stop_is_better(held.entry):
                held.stop, held.stop_by = held.entry, StopSource.BREAK_EVEN
        distance = self.trailing_distance(held)
        if distance is not None:
            stop = held.stop_at(held.best, distance)
            if held.stop_is_better(stop):
                held.stop, held.stop_by = stop, StopSource.TRAILING

    def trailing_distance(self, held: Held) -> int | None:
        terms = self.terms
        if terms.trailing is None or terms.activation is None:
            return terms.trailing
        if held.long:
            activated = held.best * MILLION > held.entry * (MILLION + terms.activation)
        else:
            activated = held.best * MILLION < held.entry * (MILLION - terms.activation)
        return terms.trailing if activated else terms.trailing_before
