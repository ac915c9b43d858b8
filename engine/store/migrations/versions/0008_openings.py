"""What a session began with is kept, so that it can be run again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "openings",
        sa.Column("session_id", INT64, autoincrement=False, nullable=False),
        sa.Column("settings_hash", sa.Text(), nullable=False),
        sa.Column("asked_once", INT64, nullable=False),
        sa.Column("kernel_state", sa.LargeBinary(), nullable=True),
        sa.Column("bots_together", INT64, nullable=False),
        sa.Column("max_open_positions", INT64, nullable=True),
        sa.Column("max_exposure_pct", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_openings_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_openings")),
    )
