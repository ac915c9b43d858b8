"""`trader-engine portfolio`: several bots on one balance over recorded candles."""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Final

from engine.cli.backtest import sources_of
from engine.cli.opened_store import opened_store
from engine.cli.portfolio_file import read_bots
from engine.cli.tables import aligned, refused_line, result_lines, strategy_label
from engine.domain.money import Scale, plain
from engine.domain.sessions import SessionRecord, session_label
from engine.messages.commands import RunPortfolio
from engine.messages.progress import nobody_told
from engine.runtime.backtest.record import session_of
from engine.runtime.clock import WallClock
from engine.runtime.documents.sessions import session_document
from engine.runtime.documents.settings_document import Document
from engine.runtime.portfolio.figures import AccountFigures, account_figures
from engine.runtime.portfolio.planning import plan_portfolio
from engine.runtime.portfolio.record import unstored_records
from engine.runtime.portfolio.run import PortfolioOutcome, run_portfolio

_CASH: Final = Decimal(10_000)
_MONEY: Final = frozenset({"net_profit", "max_drawdown", "fees", "equity_first", "equity_last"})


def portfolio(arguments: argparse.Namespace) -> str:
    """Run it, store it if a data folder is given, and say what came out."""
    wish = RunPortfolio(
        read_bots(arguments.bots),
        _CASH if arguments.cash is None else arguments.cash,
        arguments.max_open_positions,
        arguments.max_exposure_pct,
    )
    sources = sources_of(arguments, *(bot.wish for bot in wish.bots))
    outcome = run_portfolio(plan_portfolio(wish, sources), nobody_told, threading.Event())
    if arguments.data_dir is None:
        records: Sequence[SessionRecord] = unstored_records(outcome, WallClock().now_ms())
    else:
        records = asyncio.run(_stored(outcome, arguments.data_dir))
    document = portfolio_document(outcome, records)
    return json.dumps(document) if arguments.json else portfolio_text(document)


def portfolio_document(outcome: PortfolioOutcome, records: Sequence[SessionRecord]) -> Document:
    """The account as one, then each bot's session as `backtest --json` has it, with its name."""
    plan, scale = outcome.plan, outcome.plan.bots[0].market.scale
    number = records[0].portfolio_id
    sessions = [
        {"bot": record.bot_name}
        | session_document(session_of(bot, record), stored=number is not None)
        for record, bot in zip(records, outcome.bots, strict=True)
    ]
    refusals: Counter[str] = Counter()
    for session in sessions:
        refusals.update(session["refusals"])
    return {
        "portfolio_id": number,
        "stored": number is not None,
        "started_at": int(outcome.curve[0, 0]),
        "ended_at": int(outcome.curve[-1, 0]),
        "coin": plan.bots[0].market.quote_coin,
        "cash": plain(plan.cash),
        "max_open_positions": plan.max_open_positions,
        "max_exposure_pct": (
            None if plan.max_exposure_pct is None else float(plan.max_exposure_pct)
        ),
        "metrics": account_document(account_figures(outcome), scale),
        "refusals": dict(refusals),
        "sessions": sessions,
    }


def account_document(figures: AccountFigures, scale: Scale) -> Document:
    """Figures of the shared balance under the names that a session's have."""
    summary, fall = figures.summary, figures.drawdown
    document: Document = {
        field.name: plain(scale.money(value)) if field.name in _MONEY else value
        for field in fields(summary)
        for value in (getattr(summary, field.name),)
    }
    document |= {
        field.name: getattr(figures.ratios, field.name) for field in fields(figures.ratios)
    }
    document |= {
        "cagr_pct": figures.cagr_pct,
        "calmar": figures.calmar,
        "recovery_factor": figures.recovery_factor,
        "drawdown_peak_at": fall.peak_at,
        "drawdown_trough_at": fall.trough_at,
        "drawdown_recovered_at": fall.recovered_at,
        "most_open_positions": figures.most_open,
    }
    for field in fields(figures.periods):
        period = getattr(figures.periods, field.name)
        document[field.name] = None if period is None else plain(scale.money(period.pnl))
        document[f"{field.name}_at"] = None if period is None else period.at
    return document


def portfolio_text(document: Document) -> str:
    """The account in a few lines, then a line for each bot."""
    metrics = document["metrics"]
    lines = [
        *result_lines(metrics, document["coin"]),
        f"open at once   {metrics['most_open_positions']} at most",
        refused_line(document["refusals"]),
        "",
    ]
    head = ("bot", "session", "symbol", "strategy", "trades", "net profit", "hash")
    rows = [
        (
            session["bot"],
            session_label(session["session_id"]) if session["stored"] else "not stored",
            session["settings"]["symbol"],
            strategy_label(session["settings"]["strategy"]),
            str(session["metrics"]["trades"]),
            session["metrics"]["net_profit"],
            session["hash"][:12],
        )
        for session in document["sessions"]
    ]
    return "\n".join(lines) + "\n" + aligned([head, *rows], right={4, 5})


async def _stored(outcome: PortfolioOutcome, data_dir: Path) -> tuple[SessionRecord, ...]:
    from engine.runtime.portfolio.storing import next_numbers, portfolio_batches, store_portfolio

    now = WallClock().now_ms()
    async with opened_store(data_dir, now_ms=now) as store:
        batches = portfolio_batches(outcome, next_numbers(store, len(outcome.bots)), now)
        await store_portfolio(store, batches)
    return tuple(batch.record for batch in batches)
