"""The Sharpe ratio of a session stands beside its other figures, and in the index that lists them;
of sessions that ended before, it is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LISTED = (
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


def upgrade() -> None:
    op.add_column("sessions", sa.Column("sharpe", sa.Float(), nullable=True))
    op.drop_index("ix_sessions_listed", "sessions")
    op.create_index("ix_sessions_listed", "sessions", list(LISTED))
