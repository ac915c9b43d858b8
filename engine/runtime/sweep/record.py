"""The history row of a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from engine.domain.sessions import FineShare
from engine.domain.sweeps import SweepRecord, SweepRow, SweepStatus
from engine.runtime.backtest.record import settings_of
from engine.runtime.sweep.planning import SweepPlan


def sweep_record(
    plan: SweepPlan,
    fine: FineShare | None,
    rows: Sequence[SweepRow],
    sweep_id: int,
    created_at: int,
) -> SweepRecord:
    """What was swept, how far it came, and the best of it; `fine` is how many of the bars finer
    candles decided."""
    returns = (row.return_pct for row in rows)
    whole = len(rows) == len(plan.sets)
    return SweepRecord(
        id=sweep_id,
        created_at=created_at,
        name=f"{plan.base.strategy.title} {plan.base.market.symbol}",
        settings=settings_of(plan.base, fine),
        grid=plan.grid,
        total=plan.total,
        done=len(rows),
        skipped=plan.skipped,
        seed=plan.seed,
        status=SweepStatus.FINISHED if whole else SweepStatus.CANCELLED,
        span=plan.span,
        best_pct=max((gain for gain in returns if gain is not None), default=None),
    )
