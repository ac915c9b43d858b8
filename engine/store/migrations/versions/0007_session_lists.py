"""Names, notes and tags of sessions, deletion that can be undone, and a history that is listed
without reading settings and sources: what it shows of them stands in columns of its own."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WRITTEN = ("title", "note", "tags")
SHOWN = ("source", "params", "money_unit")
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
    "portfolio_id",
    "sweep_id",
)
SESSIONS = sa.table(
    "sessions",
    sa.column("id", INT64),
    sa.column("settings", sa.Text),
    sa.column("timeframe_ms", INT64),
    *(sa.column(name, sa.Text) for name in SHOWN),
)


EMPTY, ZERO = sa.text("''"), sa.text("0")
TOGETHER = 1_000


def upgrade() -> None:
    for name in (*WRITTEN, *SHOWN):
        column = sa.Column(name, sa.Text(), nullable=False, server_default=EMPTY)
        op.add_column("sessions", column)
    op.add_column("sessions", sa.Column("timeframe_ms", INT64, nullable=False, server_default=ZERO))
    op.add_column("sessions", sa.Column("deleted_at", INT64, nullable=True))
    _fill()
    op.create_index("ix_sessions_listed", "sessions", list(LISTED))


def _fill() -> None:
    connection, last = op.get_bind(), 0
    wanted = sa.select(SESSIONS.c.id, SESSIONS.c.settings).order_by(SESSIONS.c.id).limit(TOGETHER)
    while part := connection.execute(wanted.where(SESSIONS.c.id > last)).all():
        for session_id, settings in part:
            connection.execute(
                SESSIONS.update().where(SESSIONS.c.id == session_id).values(**_shown(settings))
            )
        last = part[-1].id


def _shown(settings: str) -> dict[str, Any]:
    """What the list shows of stored settings; nothing of those that cannot be read."""
    try:
        known = json.loads(settings)
        scale = known["scale"]
        return {
            "timeframe_ms": int(known["timeframe_ms"]),
            "source": str(known["source"]),
            "params": "/".join(_plain(value) for value in known["params"].values()),
            "money_unit": _plain(Decimal(scale["price_step"]) * Decimal(scale["amount_unit"])),
        }
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return {"money_unit": "1"}


def _plain(value: Any) -> str:
    text = f"{Decimal(str(value)):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
