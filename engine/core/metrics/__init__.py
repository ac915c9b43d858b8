"""Figures of a session from its events. Money is counts of the session's product unit, ratios
are floats, what is undefined is None. `summary` is cheap and runs live; `report` is everything."""

from engine.core.metrics.equity import equity_at_closes
from engine.core.metrics.report import Report, report
from engine.core.metrics.summary import Summary, summary
from engine.core.metrics.trades import TradeColumns, trades_of
from engine.core.metrics.values import group_values, values

__all__ = [
    "Report",
    "Summary",
    "TradeColumns",
    "equity_at_closes",
    "group_values",
    "report",
    "summary",
    "trades_of",
    "values",
]
