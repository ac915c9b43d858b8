"""All figures of a stored session, or of a backtest that was just run. Takes a while on long
recordings: call these in a worker."""

from __future__ import annotations

from engine.core.metrics import Report, report, values
from engine.messages.figures import Figure, figures
from engine.runtime.history.archive import Archived, market_of, own_bars


def report_of(session: Archived) -> Report:
    """Every figure, from the session's events and its own recording."""
    settings = session.record.settings
    return report(
        session.log.table,
        own_bars(session.rows, settings.timeframe_ms).table,
        session.rows.table,
        settings.timeframe_ms,
        settings.symbol,
        session.log.note,
    )


def figures_of(session: Archived) -> tuple[Figure, ...]:
    """The same as words for a person, in order of display."""
    return figures_from(report_of(session), session)


def figures_from(made: Report, session: Archived) -> tuple[Figure, ...]:
    """The words for a report that is there already."""
    settings = session.record.settings
    return figures(values(made, settings.scale), market_of(settings).quote_coin)
