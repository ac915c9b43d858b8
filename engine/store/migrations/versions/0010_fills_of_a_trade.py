"""A session that is deleted is looked for among the fills of others, by an index."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_fills_trade_session_id"), "fills", ["trade_session_id"])
