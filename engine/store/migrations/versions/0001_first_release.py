"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("starting_balance", sa.Text(), nullable=False),
        sa.Column("returned", sa.Text(), nullable=False),
        sa.Column("reset_at", INT64, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_table(
        "bots",
        sa.Column("id", INT64, autoincrement=False, nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", INT64, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bots")),
    )
    op.create_table(
        "markets",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("price_step", sa.Text(), nullable=False),
        sa.Column("order_step", sa.Text(), nullable=False),
        sa.Column("amount_unit", sa.Text(), nullable=False),
        sa.Column("min_amount", sa.Text(), nullable=False),
        sa.Column("min_notional", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "symbol", name=op.f("pk_markets")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", INT64, autoincrement=False, nullable=False),
        sa.Column("bot_id", INT64, nullable=True),
        sa.Column("bot_name", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", INT64, nullable=False),
        sa.Column("ended_at", INT64, nullable=True),
        sa.Column("created_at", INT64, nullable=False),
        sa.Column("end_reason", INT64, nullable=True),
        sa.Column("event_hash", sa.Text(), nullable=False),
        sa.Column("bars", INT64, nullable=False),
        sa.Column("trades", INT64, nullable=False),
        sa.Column("wins", INT64, nullable=False),
        sa.Column("net_pnl", INT64, nullable=False),
        sa.Column("fees", INT64, nullable=False),
        sa.Column("equity_first", INT64, nullable=False),
        sa.Column("equity_last", INT64, nullable=False),
        sa.Column("max_drawdown", INT64, nullable=False),
        sa.Column("max_drawdown_pct", sa.Float(), nullable=True),
        sa.Column("program_version", sa.Text(), nullable=False),
        sa.Column("strategy_hash", sa.Text(), nullable=False),
        sa.Column("strategy_source", sa.Text(), nullable=False),
        sa.Column("rows_hash", sa.Text(), nullable=False),
        sa.Column("seed", INT64, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_bot_id"), ["bot_id"], unique=False)

    op.create_table(
        "simulated_markets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("saved_at", INT64, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_simulated_markets")),
    )
    op.create_table(
        "bot_runs",
        sa.Column("bot_id", INT64, autoincrement=False, nullable=False),
        sa.Column("session_id", INT64, nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_bot_runs_bot_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_bot_runs_session_id")
        ),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_bot_runs")),
        sa.UniqueConstraint("session_id", name=op.f("uq_bot_runs_session_id")),
    )
    op.create_table(
        "bot_states",
        sa.Column("bot_id", INT64, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("session_id", INT64, nullable=True),
        sa.Column("kernel_state", sa.LargeBinary(), nullable=True),
        sa.Column("event_hash", sa.Text(), nullable=False),
        sa.Column("event_count", INT64, nullable=False),
        sa.Column("row_count", INT64, nullable=False),
        sa.Column("trade_session_id", INT64, nullable=True),
        sa.Column("error_kind", sa.Text(), nullable=True),
        sa.Column("error_words", sa.Text(), nullable=True),
        sa.Column("error_details", sa.Text(), nullable=True),
        sa.Column("error_at", INT64, nullable=True),
        sa.Column("updated_at", INT64, nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.id"], name=op.f("fk_bot_states_bot_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_bot_states_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["trade_session_id"], ["sessions.id"], name=op.f("fk_bot_states_trade_session_id")
        ),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_bot_states")),
    )
    op.create_table(
        "events",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("seq", INT64, autoincrement=False, nullable=False),
        sa.Column("kind", INT64, nullable=False),
        sa.Column("at", INT64, nullable=False),
        sa.Column("integers", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_events_session_id")),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_events")),
    )
    op.create_table(
        "fills",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("no", INT64, autoincrement=False, nullable=False),
        sa.Column("row_at", INT64, nullable=False),
        sa.Column("at", INT64, nullable=False),
        sa.Column("action", INT64, nullable=False),
        sa.Column("side", INT64, nullable=False),
        sa.Column("amount", INT64, nullable=False),
        sa.Column("price", INT64, nullable=False),
        sa.Column("price_unslipped", INT64, nullable=False),
        sa.Column("fee", INT64, nullable=False),
        sa.Column("pnl", INT64, nullable=False),
        sa.Column("cash", INT64, nullable=False),
        sa.Column("position", INT64, nullable=False),
        sa.Column("trade_session_id", INT64, nullable=False),
        sa.Column("trade_no", INT64, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_fills_session_id")),
        sa.ForeignKeyConstraint(
            ["trade_session_id"], ["sessions.id"], name=op.f("fk_fills_trade_session_id")
        ),
        sa.PrimaryKeyConstraint("session_id", "no", name=op.f("pk_fills")),
    )
    op.create_table(
        "orders",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("no", INT64, autoincrement=False, nullable=False),
        sa.Column("row_at", INT64, nullable=False),
        sa.Column("at", INT64, nullable=False),
        sa.Column("action", INT64, nullable=False),
        sa.Column("side", INT64, nullable=False),
        sa.Column("amount", INT64, nullable=False),
        sa.Column("price", INT64, nullable=False),
        sa.Column("price_unslipped", INT64, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fill_no", INT64, nullable=True),
        sa.Column("ended_at", INT64, nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_orders_session_id")),
        sa.PrimaryKeyConstraint("session_id", "no", name=op.f("pk_orders")),
    )
    op.create_table(
        "recordings",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("first_row", INT64, autoincrement=False, nullable=False),
        sa.Column("count", INT64, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_recordings_session_id")
        ),
        sa.PrimaryKeyConstraint("session_id", "first_row", name=op.f("pk_recordings")),
    )
    op.create_table(
        "signals",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("no", INT64, autoincrement=False, nullable=False),
        sa.Column("row_at", INT64, nullable=False),
        sa.Column("at", INT64, nullable=False),
        sa.Column("action", INT64, nullable=False),
        sa.Column("side", INT64, nullable=False),
        sa.Column("price", INT64, nullable=False),
        sa.Column("reason", INT64, nullable=False),
        sa.Column("refusal", INT64, nullable=True),
        sa.Column("limit_value", INT64, nullable=False),
        sa.Column("actual", INT64, nullable=False),
        sa.Column("count", INT64, nullable=False),
        sa.Column("last_at", INT64, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_signals_session_id")
        ),
        sa.PrimaryKeyConstraint("session_id", "no", name=op.f("pk_signals")),
    )
    op.create_table(
        "trades",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("no", INT64, autoincrement=False, nullable=False),
        sa.Column("side", INT64, nullable=False),
        sa.Column("amount", INT64, nullable=False),
        sa.Column("opened_at", INT64, nullable=False),
        sa.Column("entry_price", INT64, nullable=False),
        sa.Column("stop", INT64, nullable=False),
        sa.Column("target", INT64, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closed_in", INT64, nullable=True),
        sa.Column("closed_at", INT64, nullable=True),
        sa.Column("exit_price", INT64, nullable=True),
        sa.Column("reason", INT64, nullable=True),
        sa.Column("fees", INT64, nullable=True),
        sa.Column("pnl", INT64, nullable=True),
        sa.ForeignKeyConstraint(["closed_in"], ["sessions.id"], name=op.f("fk_trades_closed_in")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_trades_session_id")),
        sa.PrimaryKeyConstraint("session_id", "no", name=op.f("pk_trades")),
    )
    with op.batch_alter_table("trades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trades_closed_in"), ["closed_in"], unique=False)
