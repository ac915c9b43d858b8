"""A finished portfolio on its way into the store: a session for each bot, all in one action."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.messages.progress import Report, Told
from engine.runtime.backtest.storing import (
    AFRESH,
    Batch,
    add_batch,
    batch_of,
    told_from_worker,
)
from engine.runtime.portfolio.planning import PortfolioPlan
from engine.runtime.portfolio.record import PortfolioNumbers
from engine.runtime.portfolio.run import PortfolioOutcome, run_portfolio
from engine.store.database import Store


def next_numbers(store: Store, bots: int) -> PortfolioNumbers:
    """New ones, never given to another."""
    sessions = tuple(store.next_id("sessions") for _ in range(bots))
    return PortfolioNumbers(store.next_id("portfolios"), sessions)


def portfolio_batches(
    outcome: PortfolioOutcome, numbers: PortfolioNumbers, created_at: int
) -> tuple[Batch, ...]:
    """Packed for their one action; takes a while, call it in a worker."""
    batches = []
    opening = replace(
        AFRESH,
        bots_together=len(outcome.bots),
        max_open_positions=outcome.plan.max_open_positions,
        max_exposure_pct=outcome.plan.max_exposure_pct,
    )
    parts = zip(outcome.bots, outcome.plan.names, numbers.sessions, strict=True)
    for bot, name, session_id in parts:
        batch = batch_of(bot, session_id, created_at)
        record = replace(batch.record, bot_name=name, portfolio_id=numbers.portfolio)
        batches.append(replace(batch, record=record, opening=opening))
    return tuple(batches)


async def portfolio_in_worker(
    plan: Callable[[], PortfolioPlan],
    numbers: PortfolioNumbers,
    created_at: int,
    report: Report | None,
) -> tuple[Batch, ...]:
    """Plan, run and pack a portfolio off the loop; cancelling the caller ends it soon."""

    def work(told: Told, stop: threading.Event) -> tuple[Batch, ...]:
        return portfolio_batches(run_portfolio(plan(), told, stop), numbers, created_at)

    return await told_from_worker("portfolio", work, report)


async def store_portfolio(store: Store, batches: Sequence[Batch]) -> None:
    """All sessions of a portfolio, or none."""
    async with store.action("store_portfolio") as db:
        for batch in batches:
            add_batch(db, batch)
