"""The tables. Whatever happened in a session names that session: `session_id` is never null.

Plain tables instead of mapped classes: there is no row object that could outlive its session.
Integers named price, amount, cash, fee, pnl are counts in the session's own scale.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.column_types import INT64, ExactDecimal
from engine.store.sweep_tables import SWEEP_ORIGINS, SWEEP_ROWS, SWEEP_UNSEEN_ROWS, SWEEPS
from engine.store.table_columns import (
    METADATA,
    id_of,
    moment,
    number,
    session_key,
    words,
    written,
)

__all__ = [
    "ACCOUNTS",
    "BOTS",
    "BOT_RUNS",
    "BOT_STATES",
    "EVENTS",
    "EXTRA_RECORDINGS",
    "FILLS",
    "HIGHEST_NUMBERS",
    "LISTED",
    "METADATA",
    "OPENINGS",
    "ORDERS",
    "PREFERENCES",
    "RECORDINGS",
    "SESSIONS",
    "SIGNALS",
    "SIMULATED_MARKETS",
    "SWEEPS",
    "SWEEP_ORIGINS",
    "SWEEP_ROWS",
    "SWEEP_UNSEEN_ROWS",
    "TRADES",
]

LISTED: Final = (
    "id",
    "deleted_at",
    "mode",
    "status",
    "strategy",
    "params",
    "symbol",
    "source",
    "bot_name",
    "money_unit",
    "title",
    "note",
    "tags",
    "created_at",
    "started_at",
    "ended_at",
    "end_reason",
    "timeframe_ms",
    "bars",
    "trades",
    "wins",
    "net_pnl",
    "fees",
    "equity_first",
    "equity_last",
    "max_drawdown_pct",
    "sharpe",
    "portfolio_id",
    "sweep_id",
)
"""Columns of a session that its line in the history is made of, and whose highest number is asked
for at each start."""

# What a person chose for the whole data folder; a name that is not there was never chosen.
PREFERENCES: Final = Table(
    "preferences", METADATA, Column("name", Text, primary_key=True), words("value")
)

HIGHEST_NUMBERS: Final = MappingProxyType(
    {
        "bots": "highest_bot",
        "sessions": "highest_deleted_session",
        "portfolios": "highest_portfolio",
        "sweeps": "highest_sweep",
    }
)
"""Of each kind that has numbers, the preference that keeps the highest one given before something
was deleted."""

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("name", Text, primary_key=True),
    words("currency"),
    Column("starting_balance", ExactDecimal, nullable=False),
    Column("returned", ExactDecimal, nullable=False),
    moment("reset_at"),
    # Limits over all its bots together; null is none.
    number("max_open_positions", null=True),
    Column("max_exposure_pct", ExactDecimal, nullable=True),
)

BOTS: Final = Table("bots", METADATA, id_of(), words("settings"), moment("created_at"))

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    id_of(),
    # No foreign key: a session outlives the bot that made it, and keeps its number and name.
    number("bot_id", null=True),
    words("bot_name"),
    words("mode"),
    words("symbol"),
    words("strategy"),
    words("settings"),
    words("status"),
    moment("started_at"),
    moment("ended_at", null=True),
    moment("created_at"),
    # Wall times. Null before its end, or if it ended before these were kept.
    moment("finished_at", null=True),
    # When its ticks were let go: since then its recording is its candles. Null: it is whole.
    moment("let_go_at", null=True),
    # When its rows in other tables were compared with its events, after its end.
    moment("checked_at", null=True),
    number("end_reason", null=True),
    words("event_hash"),
    number("bars"),
    number("trades"),
    number("wins"),
    number("net_pnl"),
    number("fees"),
    number("equity_first"),
    number("equity_last"),
    number("max_drawdown"),
    Column("max_drawdown_pct", Float, nullable=True),
    Column("sharpe", Float, nullable=True),  # null, too, if it ended before this was kept
    words("program_version"),
    words("strategy_hash"),
    words("strategy_source"),
    words("rows_hash"),
    number("seed", null=True),
    words("error"),
    # No foreign keys: sessions of a portfolio share a number, and one outlives its sweep.
    number("portfolio_id", null=True),
    number("sweep_id", null=True),
    # What a person wrote about it; tags stand in lines.
    written("title"),
    written("note"),
    written("tags"),
    # What the list shows of its settings, which it would take long to read.
    written("source"),
    written("params"),
    written("money_unit"),
    Column("timeframe_ms", INT64, nullable=False, server_default=text("0")),
    # Out of the history since then, and soon gone for good.
    moment("deleted_at", null=True),
    Index(None, "bot_id"),
    # The list reads this alone: its rows are a tenth of those of the table.
    Index("ix_sessions_listed", *LISTED),
)

# What a session began with, so that it can be run again; sessions from before this was kept have
# none.
OPENINGS: Final = Table(
    "openings",
    METADATA,
    Column(
        "session_id",
        INT64,
        ForeignKey("sessions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    # Of the text in `sessions.settings`.
    words("settings_hash"),
    # 1: the strategy was asked once, over all candles; 0: at each close.
    number("asked_once"),
    # Null: a fresh account.
    Column("kernel_state", LargeBinary, nullable=True),
    # Bots of its portfolio, 0: it is of none; and their limits, null is none.
    number("bots_together"),
    number("max_open_positions", null=True),
    Column("max_exposure_pct", ExactDecimal, nullable=True),
)

BOT_STATES: Final = Table(
    "bot_states",
    METADATA,
    Column(
        "bot_id",
        INT64,
        ForeignKey("bots.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    words("state"),
    Column("session_id", INT64, ForeignKey("sessions.id"), nullable=True),
    Column("kernel_state", LargeBinary, nullable=True),
    words("event_hash"),
    number("event_count"),
    number("row_count"),
    Column("trade_session_id", INT64, ForeignKey("sessions.id"), nullable=True),
    words("error_kind", null=True),
    words("error_words", null=True),
    words("error_details", null=True),
    moment("error_at", null=True),
    moment("updated_at"),
    Column("first_command", INT64, nullable=True),
)

# One row per task that runs: the primary key lets a bot run once, the unique session lets a
# session be run by one bot. A second start therefore fails here, whatever the program believes.
BOT_RUNS: Final = Table(
    "bot_runs",
    METADATA,
    Column("bot_id", INT64, ForeignKey("bots.id"), primary_key=True, autoincrement=False),
    Column("session_id", INT64, ForeignKey("sessions.id"), nullable=False),
    UniqueConstraint("session_id"),
)

RECORDINGS: Final = Table(
    "recordings",
    METADATA,
    session_key(),
    id_of("first_row"),
    number("count"),
    Column("content", LargeBinary, nullable=False),
)

# Candles of other markets that the session's strategy followed, in order.
EXTRA_RECORDINGS: Final = Table(
    "extra_recordings",
    METADATA,
    session_key(),
    Column("symbol", Text, primary_key=True),
    id_of("timeframe_ms"),
    id_of("first_candle"),
    number("count"),
    Column("content", LargeBinary, nullable=False),
)

EVENTS: Final = Table(
    "events",
    METADATA,
    session_key(),
    id_of("seq"),
    number("kind"),
    moment("at"),
    # The 24 integers of an event as 192 bytes: as columns, writing 100,000 took 1.7 times as
    # long and reading them 6.6 times. Questions are asked of the projections below.
    Column("integers", LargeBinary, nullable=False),
    words("note", null=True),
)

SIGNALS: Final = Table(
    "signals",
    METADATA,
    session_key(),
    id_of("no"),
    moment("row_at"),
    moment("at"),
    number("action"),
    number("side"),
    number("price"),
    number("reason"),
    # Null: accepted. Else the rule's code, with what it allows and what it found.
    number("refusal", null=True),
    number("limit_value"),
    number("actual"),
    # Equal refusals in a row are one line: how often, and when last.
    number("count"),
    moment("last_at"),
    words("note", null=True),
)

ORDERS: Final = Table(
    "orders",
    METADATA,
    session_key(),
    id_of("no"),
    moment("row_at"),
    moment("at"),
    number("action"),
    number("side"),
    number("amount"),
    number("price"),
    number("price_unslipped"),
    words("status"),
    number("fill_no", null=True),
    moment("ended_at", null=True),
)

FILLS: Final = Table(
    "fills",
    METADATA,
    session_key(),
    id_of("no"),
    moment("row_at"),
    moment("at"),
    number("action"),
    number("side"),
    number("amount"),
    number("price"),
    number("price_unslipped"),
    number("fee"),
    number("pnl"),
    number("cash"),
    number("position"),
    Column("trade_session_id", INT64, ForeignKey("sessions.id"), nullable=False),
    number("trade_no"),
    # Whoever deletes a session asks whose fills refer to it.
    Index(None, "trade_session_id"),
)

TRADES: Final = Table(
    "trades",
    METADATA,
    session_key(),
    id_of("no"),
    number("side"),
    number("amount"),
    moment("opened_at"),
    number("entry_price"),
    number("stop"),
    number("target"),
    words("status"),
    Column("closed_in", INT64, ForeignKey("sessions.id"), nullable=True),
    moment("closed_at", null=True),
    number("exit_price", null=True),
    number("reason", null=True),
    number("fees", null=True),
    number("pnl", null=True),
    number("funding", null=True),
    # What exits have closed so far.
    number("exited"),
    Index(None, "closed_in"),
)

SIMULATED_MARKETS: Final = Table(
    "simulated_markets",
    METADATA,
    Column("name", Text, primary_key=True),
    # Text: a seed of any length stays exact.
    words("seed"),
    words("state"),
    moment("saved_at"),
)
