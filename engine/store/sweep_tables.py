"""The tables of sweeps: each one, its sets, and what it was played on."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Float, ForeignKey, LargeBinary, Table

from engine.store.column_types import INT64
from engine.store.table_columns import METADATA, id_of, moment, number, words

SWEEPS: Final = Table(
    "sweeps",
    METADATA,
    id_of(),
    moment("created_at"),
    words("name"),
    words("settings"),
    words("grid"),
    number("total"),
    number("done"),
    number("skipped"),
    number("seed", null=True),
    words("status"),
    # Null: stored before these were kept.
    moment("begins_at", null=True),
    moment("split_at", null=True),
    moment("ends_at", null=True),
    # Of the rows below; null, too, where there is none. The list is made without reading them.
    Column("best_pct", Float, nullable=True),
    # Off the list since then, until a purge takes it for good.
    moment("deleted_at", null=True),
)


def _set_figures() -> tuple[Column[Any], ...]:
    return (
        number("trades"),
        number("wins"),
        number("net_pnl"),
        number("fees"),
        number("equity_last"),
        number("max_drawdown"),
        Column("max_drawdown_pct", Float, nullable=True),
        Column("profit_factor", Float, nullable=True),
    )


SWEEP_ROWS: Final = Table(
    "sweep_rows",
    METADATA,
    Column("sweep_id", INT64, ForeignKey("sweeps.id"), primary_key=True, autoincrement=False),
    id_of("no"),
    words("settings"),
    *_set_figures(),
    Column("session_id", INT64, ForeignKey("sessions.id"), nullable=True),
    Column("sharpe", Float, nullable=True),
)

# The same sets over the tail that was held back.
SWEEP_UNSEEN_ROWS: Final = Table(
    "sweep_unseen_rows",
    METADATA,
    Column(
        "sweep_id",
        INT64,
        ForeignKey("sweeps.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    id_of("no"),
    *_set_figures(),
    Column("sharpe", Float, nullable=True),
)

# What a sweep was asked for and played on, so that its sets can be played again; sweeps from
# before this was kept have none.
SWEEP_ORIGINS: Final = Table(
    "sweep_origins",
    METADATA,
    Column(
        "sweep_id",
        INT64,
        ForeignKey("sweeps.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    words("wish"),
    # Of each set in the grid, by number: a set that was not drawn or refused has none.
    Column("places", LargeBinary, nullable=False),
    words("played_hash"),
    words("strategy_hash"),
    words("strategy_source"),
    words("program_version"),
)
