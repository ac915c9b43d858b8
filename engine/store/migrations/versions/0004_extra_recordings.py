"""Other markets that a session's strategy followed are recorded with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "extra_recordings",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe_ms", INT64, autoincrement=False, nullable=False),
        sa.Column("first_candle", INT64, autoincrement=False, nullable=False),
        sa.Column("count", INT64, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_extra_recordings_session_id")
        ),
        sa.PrimaryKeyConstraint(
            "session_id",
            "symbol",
            "timeframe_ms",
            "first_candle",
            name=op.f("pk_extra_recordings"),
        ),
    )
