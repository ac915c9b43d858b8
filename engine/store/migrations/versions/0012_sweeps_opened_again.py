"""A sweep is kept with what it was asked for and played on, its unseen part and Sharpe ratios, so
that it can be opened again; it can be taken off the list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENTS = ("begins_at", "split_at", "ends_at", "deleted_at")
COUNTS = ("trades", "wins", "net_pnl", "fees", "equity_last", "max_drawdown")
SHARES = ("max_drawdown_pct", "profit_factor", "sharpe")
BEST = """
UPDATE sweeps SET best_pct = (
    SELECT max(100.0 * net_pnl / (equity_last - net_pnl)) FROM sweep_rows
    WHERE sweep_id = sweeps.id AND equity_last > net_pnl
)
"""


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column("sweeps", sa.Column(name, INT64, nullable=True))
    op.add_column("sweeps", sa.Column("best_pct", sa.Float(), nullable=True))
    op.add_column("sweep_rows", sa.Column("sharpe", sa.Float(), nullable=True))
    op.execute(BEST)
    _of_sweeps(
        "sweep_unseen_rows",
        sa.Column("no", INT64, autoincrement=False, nullable=False),
        *(sa.Column(name, INT64, nullable=False) for name in COUNTS),
        *(sa.Column(name, sa.Float(), nullable=True) for name in SHARES),
        key=("sweep_id", "no"),
    )
    _of_sweeps(
        "sweep_origins",
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("played_hash", sa.Text(), nullable=False),
        sa.Column("strategy_hash", sa.Text(), nullable=False),
        sa.Column("strategy_source", sa.Text(), nullable=False),
        sa.Column("program_version", sa.Text(), nullable=False),
        key=("sweep_id",),
    )


def _of_sweeps(name: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
    """A table of what goes with its sweep."""
    op.create_table(
        name,
        sa.Column("sweep_id", INT64, autoincrement=False, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweeps.id"], name=op.f(f"fk_{name}_sweep_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )
