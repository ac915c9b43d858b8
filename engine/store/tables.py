"""The tables. Whatever happened in a session names that session: `session_id` is never null.

Plain tables instead of mapped classes: there is no row object that could outlive its session.
Integers named price, amount, cash, fee, pnl are counts in the session's own scale.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.column_types import INT64, ExactDecimal, UtcMs

# Constraints need names, or a later migration cannot drop them.
METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id") -> Column[int]:
    """An id chosen by the program (Store.next_id), so it is known before anything is sent."""
    return Column(name, INT64, primary_key=True, autoincrement=False)


def _session_key() -> Column[int]:
    return Column(
        "session_id", INT64, ForeignKey("sessions.id"), primary_key=True, autoincrement=False
    )


def _number(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, INT64, nullable=null)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _at(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, UtcMs, nullable=null)


def _written(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))


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
    "preferences", METADATA, Column("name", Text, primary_key=True), _text("value")
)

HIGHEST_DELETED: Final = "highest_deleted_session"
"""Name of the preference that keeps numbers of deleted sessions from being given again."""

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("name", Text, primary_key=True),
    _text("currency"),
    Column("starting_balance", ExactDecimal, nullable=False),
    Column("returned", ExactDecimal, nullable=False),
    _at("reset_at"),
    # Limits over all its bots together; null is none.
    _number("max_open_positions", null=True),
    Column("max_exposure_pct", ExactDecimal, nullable=True),
)

BOTS: Final = Table("bots", METADATA, _id(), _text("settings"), _at("created_at"))

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    _id(),
    # No foreign key: a session outlives the bot that made it, and keeps its number and name.
    _number("bot_id", null=True),
    _text("bot_name"),
    _text("mode"),
    _text("symbol"),
    _text("strategy"),
    _text("settings"),
    _text("status"),
    _at("started_at"),
    _at("ended_at", null=True),
    _at("created_at"),
    # Wall times. Null before its end, or if it ended before these were kept.
    _at("finished_at", null=True),
    # When its ticks were let go: since then its recording is its candles. Null: it is whole.
    _at("let_go_at", null=True),
    # When its rows in other tables were compared with its events, after its end.
    _at("checked_at", null=True),
    _number("end_reason", null=True),
    _text("event_hash"),
    _number("bars"),
    _number("trades"),
    _number("wins"),
    _number("net_pnl"),
    _number("fees"),
    _number("equity_first"),
    _number("equity_last"),
    _number("max_drawdown"),
    Column("max_drawdown_pct", Float, nullable=True),
    Column("sharpe", Float, nullable=True),  # null, too, if it ended before this was kept
    _text("program_version"),
    _text("strategy_hash"),
    _text("strategy_source"),
    _text("rows_hash"),
    _number("seed", null=True),
    _text("error"),
    # No foreign keys: sessions of a portfolio share a number, and one outlives its sweep.
    _number("portfolio_id", null=True),
    _number("sweep_id", null=True),
    # What a person wrote about it; tags stand in lines.
    _written("title"),
    _written("note"),
    _written("tags"),
    # What the list shows of its settings, which it would take long to read.
    _written("source"),
    _written("params"),
    _written("money_unit"),
    Column("timeframe_ms", INT64, nullable=False, server_default=text("0")),
    # Out of the history since then, and soon gone for good.
    _at("deleted_at", null=True),
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
    _text("settings_hash"),
    # 1: the strategy was asked once, over all candles; 0: at each close.
    _number("asked_once"),
    # Null: a fresh account.
    Column("kernel_state", LargeBinary, nullable=True),
    # Bots of its portfolio, 0: it is of none; and their limits, null is none.
    _number("bots_together"),
    _number("max_open_positions", null=True),
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
    _text("state"),
    Column("session_id", INT64, ForeignKey("sessions.id"), nullable=True),
    Column("kernel_state", LargeBinary, nullable=True),
    _text("event_hash"),
    _number("event_count"),
    _number("row_count"),
    Column("trade_session_id", INT64, ForeignKey("sessions.id"), nullable=True),
    _text("error_kind", null=True),
    _text("error_words", null=True),
    _text("error_details", null=True),
    _at("error_at", null=True),
    _at("updated_at"),
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
    _session_key(),
    _id("first_row"),
    _number("count"),
    Column("content", LargeBinary, nullable=False),
)

# Candles of other markets that the session's strategy followed, in order.
EXTRA_RECORDINGS: Final = Table(
    "extra_recordings",
    METADATA,
    _session_key(),
    Column("symbol", Text, primary_key=True),
    _id("timeframe_ms"),
    _id("first_candle"),
    _number("count"),
    Column("content", LargeBinary, nullable=False),
)

EVENTS: Final = Table(
    "events",
    METADATA,
    _session_key(),
    _id("seq"),
    _number("kind"),
    _at("at"),
    # The 24 integers of an event as 192 bytes: as columns, writing 100,000 took 1.7 times as
    # long and reading them 6.6 times. Questions are asked of the projections below.
    Column("integers", LargeBinary, nullable=False),
    _text("note", null=True),
)

SIGNALS: Final = Table(
    "signals",
    METADATA,
    _session_key(),
    _id("no"),
    _at("row_at"),
    _at("at"),
    _number("action"),
    _number("side"),
    _number("price"),
    _number("reason"),
    # Null: accepted. Else the rule's code, with what it allows and what it found.
    _number("refusal", null=True),
    _number("limit_value"),
    _number("actual"),
    # Equal refusals in a row are one line: how often, and when last.
    _number("count"),
    _at("last_at"),
    _text("note", null=True),
)

ORDERS: Final = Table(
    "orders",
    METADATA,
    _session_key(),
    _id("no"),
    _at("row_at"),
    _at("at"),
    _number("action"),
    _number("side"),
    _number("amount"),
    _number("price"),
    _number("price_unslipped"),
    _text("status"),
    _number("fill_no", null=True),
    _at("ended_at", null=True),
)

FILLS: Final = Table(
    "fills",
    METADATA,
    _session_key(),
    _id("no"),
    _at("row_at"),
    _at("at"),
    _number("action"),
    _number("side"),
    _number("amount"),
    _number("price"),
    _number("price_unslipped"),
    _number("fee"),
    _number("pnl"),
    _number("cash"),
    _number("position"),
    Column("trade_session_id", INT64, ForeignKey("sessions.id"), nullable=False),
    _number("trade_no"),
    # Whoever deletes a session asks whose fills refer to it.
    Index(None, "trade_session_id"),
)

TRADES: Final = Table(
    "trades",
    METADATA,
    _session_key(),
    _id("no"),
    _number("side"),
    _number("amount"),
    _at("opened_at"),
    _number("entry_price"),
    _number("stop"),
    _number("target"),
    _text("status"),
    Column("closed_in", INT64, ForeignKey("sessions.id"), nullable=True),
    _at("closed_at", null=True),
    _number("exit_price", null=True),
    _number("reason", null=True),
    _number("fees", null=True),
    _number("pnl", null=True),
    _number("funding", null=True),
    # What exits have closed so far.
    _number("exited"),
    Index(None, "closed_in"),
)

SIMULATED_MARKETS: Final = Table(
    "simulated_markets",
    METADATA,
    Column("name", Text, primary_key=True),
    # Text: a seed of any length stays exact.
    _text("seed"),
    _text("state"),
    _at("saved_at"),
)

SWEEPS: Final = Table(
    "sweeps",
    METADATA,
    _id(),
    _at("created_at"),
    _text("name"),
    _text("settings"),
    _text("grid"),
    _number("total"),
    _number("done"),
    _number("skipped"),
    _number("seed", null=True),
    _text("status"),
)

SWEEP_ROWS: Final = Table(
    "sweep_rows",
    METADATA,
    Column("sweep_id", INT64, ForeignKey("sweeps.id"), primary_key=True, autoincrement=False),
    _id("no"),
    _text("settings"),
    _number("trades"),
    _number("wins"),
    _number("net_pnl"),
    _number("fees"),
    _number("equity_last"),
    _number("max_drawdown"),
    Column("max_drawdown_pct", Float, nullable=True),
    Column("profit_factor", Float, nullable=True),
    Column("session_id", INT64, ForeignKey("sessions.id"), nullable=True),
)
