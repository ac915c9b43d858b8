"""The complete kernel: wider events and states of bots, account limits, portfolios, sweeps."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa
from alembic import op

from engine.store.migrations.first_to_complete import (
    OLD_EVENT,
    OLD_STATE,
    Integers,
    chained,
    complete_state,
    wider_events,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EMPTY_HASH = bytes(32)

EVENTS = sa.table(
    "events",
    sa.column("session_id", INT64),
    sa.column("seq", INT64),
    sa.column("integers", sa.LargeBinary),
)
SESSIONS = sa.table("sessions", sa.column("id", INT64), sa.column("event_hash", sa.Text))
BOT_STATES = sa.table(
    "bot_states",
    sa.column("bot_id", INT64),
    sa.column("session_id", INT64),
    sa.column("kernel_state", sa.LargeBinary),
    sa.column("event_hash", sa.Text),
    sa.column("event_count", INT64),
)
TRADES = sa.table(
    "trades",
    sa.column("amount", INT64),
    sa.column("status", sa.Text),
    sa.column("exited", INT64),
    sa.column("funding", INT64),
)


def upgrade() -> None:
    _add_columns()
    _add_sweeps()
    connection = op.get_bind()
    for session_id, stored in connection.execute(
        sa.select(SESSIONS.c.id, SESSIONS.c.event_hash)
    ).all():
        _widen_session(connection, session_id, stored)
    _widen_states(connection)


def _add_columns() -> None:
    op.add_column("accounts", sa.Column("max_open_positions", INT64, nullable=True))
    op.add_column("accounts", sa.Column("max_exposure_pct", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("portfolio_id", INT64, nullable=True))
    op.add_column("sessions", sa.Column("sweep_id", INT64, nullable=True))
    op.add_column("trades", sa.Column("exited", INT64, nullable=True))
    op.add_column("trades", sa.Column("funding", INT64, nullable=True))
    closed = TRADES.c.status == "closed"
    op.execute(TRADES.update().values(exited=sa.case((closed, TRADES.c.amount), else_=0)))
    op.execute(TRADES.update().where(closed).values(funding=0))
    with op.batch_alter_table("trades", schema=None) as batch_op:
        batch_op.alter_column("exited", existing_type=INT64, nullable=False)


def _add_sweeps() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", INT64, autoincrement=False, nullable=False),
        sa.Column("created_at", INT64, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("total", INT64, nullable=False),
        sa.Column("done", INT64, nullable=False),
        sa.Column("skipped", INT64, nullable=False),
        sa.Column("seed", INT64, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_table(
        "sweep_rows",
        sa.Column("sweep_id", INT64, autoincrement=False, nullable=False),
        sa.Column("no", INT64, autoincrement=False, nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("trades", INT64, nullable=False),
        sa.Column("wins", INT64, nullable=False),
        sa.Column("net_pnl", INT64, nullable=False),
        sa.Column("fees", INT64, nullable=False),
        sa.Column("equity_last", INT64, nullable=False),
        sa.Column("max_drawdown", INT64, nullable=False),
        sa.Column("max_drawdown_pct", sa.Float(), nullable=True),
        sa.Column("profit_factor", sa.Float(), nullable=True),
        sa.Column("session_id", INT64, nullable=True),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.id"], name=op.f("fk_sweep_rows_sweep_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_sweep_rows_session_id")
        ),
        sa.PrimaryKeyConstraint("sweep_id", "no", name=op.f("pk_sweep_rows")),
    )


def _widen_session(connection: sa.Connection, session_id: int, stored: str) -> None:
    """Rewrite one session's events, its hash, and the hash of the bot that ran it last."""
    found = connection.execute(
        sa.select(EVENTS.c.seq, EVENTS.c.integers)
        .where(EVENTS.c.session_id == session_id)
        .order_by(EVENTS.c.seq)
    ).all()
    if any(len(integers) != 8 * OLD_EVENT for _, integers in found):
        return  # Damaged before: whoever reads it is told so, as before.
    content = b"".join(integers for _, integers in found)
    rows = np.frombuffer(content, "<i8").reshape(-1, OLD_EVENT)
    wide = wider_events(rows)
    if found:
        _store(connection, session_id, [seq for seq, _ in found], wide)
    own = SESSIONS.c.id == session_id
    connection.execute(
        SESSIONS.update().where(own).values(event_hash=_rehashed(stored, rows, wide))
    )
    states = sa.select(BOT_STATES).where(BOT_STATES.c.session_id == session_id)
    for bot in connection.execute(states).all():
        event_hash = _rehashed(bot.event_hash, rows[: bot.event_count], wide[: bot.event_count])
        connection.execute(
            BOT_STATES.update()
            .where(BOT_STATES.c.bot_id == bot.bot_id)
            .values(event_hash=event_hash)
        )


def _store(connection: sa.Connection, session_id: int, seqs: list[int], wide: Integers) -> None:
    content, width = np.ascontiguousarray(wide, "<i8").tobytes(), 8 * wide.shape[1]
    connection.execute(
        EVENTS.update()
        .where(
            EVENTS.c.session_id == session_id,
            EVENTS.c.seq == sa.bindparam("place"),
        )
        .values(integers=sa.bindparam("wide")),
        [
            {"place": seq, "wide": content[start : start + width]}
            for seq, start in zip(seqs, range(0, len(content), width), strict=True)
        ],
    )


def _rehashed(stored: str, rows: Integers, wide: Integers) -> str:
    """The hash of the wider events. One that did not fit its events stays as it is: what was
    damaged must not begin to look whole."""
    fits = chained(EMPTY_HASH, rows).hex() == stored
    return chained(EMPTY_HASH, wide).hex() if fits else stored


def _widen_states(connection: sa.Connection) -> None:
    known = sa.func.length(BOT_STATES.c.kernel_state) == 8 * OLD_STATE
    for bot in connection.execute(sa.select(BOT_STATES).where(known)).all():
        state = complete_state(np.frombuffer(bot.kernel_state, "<i8"))
        connection.execute(
            BOT_STATES.update()
            .where(BOT_STATES.c.bot_id == bot.bot_id)
            .values(kernel_state=state.astype("<i8").tobytes())
        )
