"""The history row of a sweep."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.sweeps import SweepRecord, SweepRow, SweepStatus
from engine.runtime.backtest.record import settings_of
from engine.runtime.sweep.planning import SweepPlan
from engine.runtime.sweep.run import SweepEnd


def sweep_record(
    plan: SweepPlan, end: SweepEnd, rows: Iterable[SweepRow], sweep_id: int, created_at: int
) -> SweepRecord:
    """What was swept, how far it came, and the best of it."""
    returns = (row.return_pct for row in rows)
    return SweepRecord(
        id=sweep_id,
        created_at=created_at,
        name=f"{plan.base.strategy.title} {plan.base.market.symbol}",
        settings=settings_of(plan.base, end.fine),
        grid=plan.grid,
        total=plan.total,
        done=end.done,
        skipped=plan.skipped,
        seed=plan.seed,
        status=SweepStatus.CANCELLED if end.cancelled else SweepStatus.FINISHED,
        span=plan.span,
        best_pct=max((gain for gain in returns if gain is not None), default=None),
    )
