"""What a portfolio came to as one account."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.core.metrics.drawdown import Drawdown, drawdown
from engine.core.metrics.returns import Periods, Ratios, by_day, growth_pct, periods, ratios
from engine.core.metrics.summary import Summary, summed_up
from engine.core.metrics.sums import ratio
from engine.core.metrics.trades import TradeColumns, trades_of
from engine.domain.columns import IntColumn
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.portfolio.run import PortfolioOutcome


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """Figures of the shared balance, defined as those of one session are (see core.metrics)."""

    summary: Summary
    ratios: Ratios
    periods: Periods
    drawdown: Drawdown
    cagr_pct: float | None
    calmar: float | None
    recovery_factor: float | None
    most_open: int
    """Positions that were open at one time."""


def account_figures(outcome: PortfolioOutcome) -> AccountFigures:
    """From the equity at closes and the trades of all bots."""
    at, equity = outcome.curve[:, 0], np.ascontiguousarray(outcome.curve[:, 1])
    first, last = int(equity[0]), int(equity[-1])
    logs = [bot.log.table for bot in outcome.bots]
    trades = _joined([trades_of(log) for log in logs])
    fallen, days = drawdown(at, equity), by_day(at, equity)
    figures = summed_up(np.concatenate(logs), trades, equity[1:], (first, last), days)
    growth = growth_pct(first, last, int(at[-1] - at[0]))
    return AccountFigures(
        figures,
        ratios(days),
        periods(days),
        fallen,
        growth,
        None if growth is None else ratio(growth, fallen.pct or 0.0),
        ratio(figures.net_profit, fallen.amount),
        _most_open(outcome),
    )


def _joined(parts: list[TradeColumns]) -> TradeColumns:
    columns: dict[str, IntColumn] = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(TradeColumns)
    }
    return TradeColumns(**columns)


def _most_open(outcome: PortfolioOutcome) -> int:
    """Exits of one moment come before its entries: a slot that is freed at an open can be taken
    at that open."""
    steps: list[IntColumn] = []
    for bot in outcome.bots:
        log = bot.log.table
        for kind, change in ((EventKind.TRADE_CLOSED, -1), (EventKind.TRADE_OPENED, 1)):
            at = log[log[:, ev.KIND] == kind, ev.ROW_AT]
            steps.append(np.column_stack((at, np.full(len(at), change, np.int64))))
    every = np.concatenate(steps)
    order = np.lexsort((every[:, 1], every[:, 0]))
    return int(np.cumsum(every[order, 1]).max(initial=0))
