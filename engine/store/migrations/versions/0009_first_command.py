"""What a person asked of a bot that no session could take yet, so that a restart knows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("bot_states", sa.Column("first_command", INT64, nullable=True))
