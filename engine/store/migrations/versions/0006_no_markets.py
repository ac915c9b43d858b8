"""Steps of markets are not stored any more: nobody read them, each session has those it used."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("markets")
