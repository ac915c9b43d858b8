"""Sweeps: one row of the history each, and rows of figures for every set they ran.

A deleted sweep is marked and leaves the list with that; its rows go later.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from sqlalchemy import Row, Select, Table, delete, insert, select, update

from engine.domain.sessions import SessionSettings
from engine.domain.sweeps import SweepRecord, SweepRow, SweepStatus, SweepValue
from engine.errors import RecordDamaged, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import from_text, to_text
from engine.store.tables import SWEEP_ROWS, SWEEP_UNSEEN_ROWS, SWEEPS

logger = logging.getLogger(__name__)
T = TypeVar("T")
_Stored = tuple[Any, ...]

_FIGURES: Final = (
    "trades",
    "wins",
    "net_pnl",
    "fees",
    "equity_last",
    "max_drawdown",
    "max_drawdown_pct",
    "profit_factor",
    "sharpe",
)
_UNSEEN_ROW: Final = ("no", *_FIGURES)
_ROW: Final = (*_UNSEEN_ROW, "settings", "session_id")
_SPAN: Final = ("begins_at", "split_at", "ends_at")


def add(db: Action, record: SweepRecord, rows: Sequence[SweepRow]) -> None:
    """Store a sweep with its rows; `record.id` comes from ``store.next_id("sweeps")``."""
    db.run(insert(SWEEPS), {"id": record.id, **_plain(record)})
    _add_rows(db, record.id, rows)


def go_on(db: Action, record: SweepRecord, rows: Sequence[SweepRow]) -> None:
    """What a stored sweep has come to since, with the rows it has not had yet; UnknownName."""
    known = update(SWEEPS).where(SWEEPS.c.id == record.id)
    db.run(known.values(_plain(record)), refusal=_unknown(record.id))
    _add_rows(db, record.id, rows)


def promoted(db: Action, sweep_id: int, no: int, session_id: int) -> None:
    """The session that shows one set in full; it must be stored by then."""
    db.run(
        update(SWEEP_ROWS)
        .where(SWEEP_ROWS.c.sweep_id == sweep_id, SWEEP_ROWS.c.no == no)
        .values(session_id=session_id),
        refusal=_unknown(sweep_id),
    )


def set_deleted(db: Action, sweep_id: int, at: int | None) -> None:
    """Off the list since `at`, or back on it; UnknownName once it is gone for good."""
    db.run(
        update(SWEEPS).where(SWEEPS.c.id == sweep_id).values(deleted_at=at),
        refusal=_unknown(sweep_id),
    )


def remove(db: Action, sweep_ids: Sequence[int]) -> None:
    """For good, where they are marked; what goes with a sweep goes with its row."""
    gone = SWEEPS.c.id.in_(sweep_ids) & SWEEPS.c.deleted_at.is_not(None)
    db.run(delete(SWEEP_ROWS).where(SWEEP_ROWS.c.sweep_id.in_(select(SWEEPS.c.id).where(gone))))
    db.run(delete(SWEEPS).where(gone))


async def deleted(store: Store, until_at: int) -> tuple[int, ...]:
    """Sweeps that were deleted at `until_at` or before, UTC ms."""
    async with store.reading() as session:
        wanted = select(SWEEPS.c.id).where(SWEEPS.c.deleted_at <= until_at)
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())


async def every(store: Store) -> tuple[SweepRecord, ...]:
    """All sweeps of the list, newest first. One that cannot be read is left out, and left as it
    is."""
    wanted = select(SWEEPS).where(SWEEPS.c.deleted_at.is_(None)).order_by(SWEEPS.c.id.desc())
    async with store.reading() as session:
        rows = (await session.execute(wanted)).all()
    return await asyncio.to_thread(_readable, rows)


async def get(store: Store, sweep_id: int) -> tuple[SweepRecord, tuple[SweepRow, ...]]:
    """One sweep and its rows in the order of their numbers, or UnknownName: a deleted one is
    none."""
    async with store.reading() as session:
        sweep = select(SWEEPS).where(SWEEPS.c.id == sweep_id, SWEEPS.c.deleted_at.is_(None))
        row = (await session.execute(sweep)).one_or_none()
    if row is None:
        raise _unknown(sweep_id)
    seen = await store.fetch(_rows_of(SWEEP_ROWS, _ROW, sweep_id))
    unseen = await store.fetch(_rows_of(SWEEP_UNSEEN_ROWS, _UNSEEN_ROW, sweep_id))
    return _record(row), await asyncio.to_thread(_joined, seen, unseen)


def _plain(record: SweepRecord) -> dict[str, Any]:
    return {
        "created_at": record.created_at,
        "name": record.name,
        "settings": to_text(record.settings),
        "grid": to_text(record.grid),
        "total": record.total,
        "done": record.done,
        "skipped": record.skipped,
        "seed": record.seed,
        "status": record.status.value,
        **dict(zip(_SPAN, record.span or (None, None, None), strict=True)),
        "best_pct": record.best_pct,
    }


def _add_rows(db: Action, sweep_id: int, rows: Sequence[SweepRow]) -> None:
    # In the writer's thread the rows may already be sorted anew by whoever has them.
    seen = tuple(rows)
    unseen = tuple(row.unseen for row in rows if row.unseen is not None)
    db.insert_many(
        SWEEP_ROWS,
        ("sweep_id", *_ROW),
        lambda: (
            (sweep_id, row.no, *_figures(row), to_text(row.settings), row.session_id)
            for row in seen
        ),
    )
    db.insert_many(
        SWEEP_UNSEEN_ROWS,
        ("sweep_id", *_UNSEEN_ROW),
        lambda: ((sweep_id, row.no, *_figures(row)) for row in unseen),
    )


def _unknown(sweep_id: int) -> UnknownName:
    return UnknownName(
        tr("There is no sweep {sweep_id}, or not that set of it.", sweep_id=sweep_id)
    )


def _readable(rows: Sequence[Row[Any]]) -> tuple[SweepRecord, ...]:
    found = []
    for row in rows:
        try:
            found.append(_record(row))
        except RecordDamaged as fault:
            logger.info("Sweep %s cannot be read: %s", row.id, fault.details)
    return tuple(found)


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
        span=None if row.begins_at is None else (row.begins_at, row.split_at, row.ends_at),
        best_pct=row.best_pct,
    )


def _rows_of(table: Table, columns: Sequence[str], sweep_id: int) -> Select[Any]:
    wanted = select(*(table.c[name] for name in columns))
    return wanted.where(table.c.sweep_id == sweep_id).order_by(table.c.no)


def _joined(seen: list[_Stored], unseen: list[_Stored]) -> tuple[SweepRow, ...]:
    tests = {no: figures for no, *figures in unseen}
    rows = []
    for no, *figures, text, session_id in seen:
        settings = _read(text, _value)
        test = SweepRow(no, settings, *tests[no]) if no in tests else None
        rows.append(SweepRow(*(no, settings, *figures, session_id, test)))
    return tuple(rows)


def _figures(row: SweepRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _FIGURES)


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
