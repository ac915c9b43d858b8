"""Sweeps: one row of the history each, and a row of figures for every set they ran."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from sqlalchemy import Row, insert, select, update

from engine.domain.sessions import SessionSettings
from engine.domain.sweeps import SweepRecord, SweepRow, SweepStatus, SweepValue
from engine.errors import RecordDamaged, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import from_text, to_text
from engine.store.tables import SWEEP_ROWS, SWEEPS

T = TypeVar("T")

_FIGURES: Final = (
    "trades",
    "wins",
    "net_pnl",
    "fees",
    "equity_last",
    "max_drawdown",
    "max_drawdown_pct",
    "profit_factor",
    "session_id",
)


def add(db: Action, record: SweepRecord, rows: Sequence[SweepRow]) -> None:
    """Store a sweep with its rows; `record.id` comes from ``store.next_id("sweeps")``."""
    db.run(
        insert(SWEEPS),
        {
            "id": record.id,
            "created_at": record.created_at,
            "name": record.name,
            "settings": to_text(record.settings),
            "grid": to_text(record.grid),
            "total": record.total,
            "done": record.done,
            "skipped": record.skipped,
            "seed": record.seed,
            "status": record.status.value,
        },
    )
    # Made now: in the writer's thread the rows may already be sorted anew by whoever has them.
    tuples = [
        (record.id, row.no, to_text(row.settings), *(getattr(row, name) for name in _FIGURES))
        for row in rows
    ]
    db.insert_many(SWEEP_ROWS, ("sweep_id", "no", "settings", *_FIGURES), lambda: tuples)


def promoted(db: Action, sweep_id: int, no: int, session_id: int) -> None:
    """The session that shows one set in full; it must be stored by then."""
    db.run(
        update(SWEEP_ROWS)
        .where(SWEEP_ROWS.c.sweep_id == sweep_id, SWEEP_ROWS.c.no == no)
        .values(session_id=session_id),
        refusal=_unknown(sweep_id),
    )


async def every(store: Store) -> tuple[SweepRecord, ...]:
    """All sweeps, newest first."""
    async with store.reading() as session:
        found = (await session.execute(select(SWEEPS).order_by(SWEEPS.c.id.desc()))).all()
    return tuple(_record(row) for row in found)


async def get(store: Store, sweep_id: int) -> tuple[SweepRecord, tuple[SweepRow, ...]]:
    """One sweep and its rows in the order of their numbers, or UnknownName."""
    wanted = select(SWEEP_ROWS).where(SWEEP_ROWS.c.sweep_id == sweep_id).order_by(SWEEP_ROWS.c.no)
    async with store.reading() as session:
        sweep = select(SWEEPS).where(SWEEPS.c.id == sweep_id)
        row = (await session.execute(sweep)).one_or_none()
        found = (await session.execute(wanted)).all()
    if row is None:
        raise _unknown(sweep_id)
    return _record(row), tuple(_row(one) for one in found)


def _unknown(sweep_id: int) -> UnknownName:
    return UnknownName(
        tr("There is no sweep {sweep_id}, or not that set of it.", sweep_id=sweep_id)
    )


def _record(row: Row[Any]) -> SweepRecord:
    return SweepRecord(
        id=row.id,
        created_at=row.created_at,
        name=row.name,
        settings=from_text(SessionSettings, row.settings),
        grid=_read(row.grid, lambda values: tuple(_value(one) for one in values)),
        total=row.total,
        done=row.done,
        skipped=row.skipped,
        seed=row.seed,
        status=SweepStatus(row.status),
    )


def _row(row: Row[Any]) -> SweepRow:
    columns = row._mapping
    settings = _read(row.settings, _value)
    return SweepRow(row.no, settings, **{name: columns[name] for name in _FIGURES})


def _value(plain: object) -> SweepValue:
    """Decimals travel as text, counts as numbers, off as null."""
    if isinstance(plain, str):
        return Decimal(plain)
    if plain is None or (isinstance(plain, int) and not isinstance(plain, bool)):
        return plain
    raise ValueError(f"{plain!r} is no setting")


def _read(text: str, read: Callable[[Any], T]) -> Mapping[str, T]:
    try:
        return {str(name): read(value) for name, value in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise RecordDamaged(
            tr(
                "The settings of a stored sweep cannot be read. They were left as they "
                "are. Restore a copy from the folder 'backups' of the data folder."
            ),
            details=f"{error!r}: {text[:500]}",
        ) from error
