"""The history rows of a portfolio that has run, one for each bot."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.domain.sessions import SessionRecord
from engine.runtime.backtest.record import backtest_record
from engine.runtime.portfolio.run import PortfolioOutcome


@dataclass(frozen=True, slots=True)
class PortfolioNumbers:
    """The ids under which a portfolio is stored."""

    portfolio: int
    sessions: tuple[int, ...]


def unstored_records(outcome: PortfolioOutcome, created_at: int) -> tuple[SessionRecord, ...]:
    """The history row of each bot of a portfolio that is kept nowhere."""
    return tuple(
        replace(backtest_record(bot, 0, created_at), bot_name=name)
        for bot, name in zip(outcome.bots, outcome.plan.names, strict=True)
    )
