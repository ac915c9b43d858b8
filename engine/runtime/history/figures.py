"""All figures of a stored session, or of a backtest that was just run. Takes a while on long
recordings: call these in a worker."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from engine.core.metrics import Report, report, values
from engine.core.metrics.equity import equity_curve
from engine.core.metrics.excursions import excursions
from engine.core.metrics.trades import trades_of
from engine.domain.rows import AT, CLOSE
from engine.messages.figures import Figure, Statistics, TradeGroup, figures
from engine.messages.trade_ranges import TradeRanges
from engine.runtime.history.archive import Archived, Course, market_of, own_bars


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


def course_and_report(session: Archived) -> tuple[Course, Report]:
    """How it went, and every figure; its trades are not put into groups."""
    settings, log = session.record.settings, session.log.table
    bars = own_bars(session.rows, settings.timeframe_ms).table
    at, price = bars[:, AT] + settings.timeframe_ms, np.ascontiguousarray(bars[:, CLOSE])
    curve = equity_curve(log, at, price)
    made = report(
        log,
        bars,
        session.rows.table,
        settings.timeframe_ms,
        settings.symbol,
        note=None,
        curve=curve,
    )
    return Course(at, price, *curve), made


def figures_of(session: Archived) -> tuple[Figure, ...]:
    """The same as words for a person, in order of display."""
    return figures_from(report_of(session), session)


def figures_from(made: Report, session: Archived) -> tuple[Figure, ...]:
    """The words for a report that is there already."""
    settings = session.record.settings
    return figures(values(made, settings.scale), market_of(settings).quote_coin)


def statistics_of(session: Archived) -> Statistics:
    """The words, and the closed trades in groups."""
    made = report_of(session)
    return Statistics(figures_from(made, session), trade_groups(made, session))


def trade_ranges_of(session: Archived) -> TradeRanges:
    """How far each closed trade was ahead and behind. Of a recording that breaks off, those trades
    whose way it still tells."""
    log, rows = session.log.table, session.rows.table
    trades = trades_of(log)
    seen = excursions(log, trades, rows)
    told = trades.closed & (trades.exit_at <= (rows[-1, AT] if len(rows) else 0))
    entered = trades.amount.astype(np.float64) * trades.entry_price
    result_pct = 100.0 * (trades.pnl + trades.fees - trades.funding) / entered
    columns = seen.mae_pct, seen.mfe_pct, result_pct
    return TradeRanges(trades.no[told], *(column[told] for column in columns))


def trade_groups(made: Report, session: Archived) -> tuple[TradeGroup, ...]:
    """Every kind of group but the symbol's: a session has one."""
    money = session.record.settings.scale.money
    return tuple(
        TradeGroup(
            kind=field.name.removeprefix("by_"),
            name=name,
            trades=group.trades,
            wins=group.wins,
            win_rate_pct=group.win_rate_pct,
            net_profit=money(group.net_profit),
            average=money(group.average),
            profit_factor=group.profit_factor,
            fees=money(group.fees),
        )
        for field in fields(made.breakdowns)
        if field.name != "by_symbol"
        for name, group in getattr(made.breakdowns, field.name).items()
    )
