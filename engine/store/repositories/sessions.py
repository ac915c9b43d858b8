"""Sessions: the history."""

from __future__ import annotations

import logging
from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, or_, select, update

from engine.domain.bots import Mode
from engine.domain.money import plain
from engine.domain.reasons import EndReason
from engine.domain.sessions import (
    SessionRecord,
    SessionResult,
    SessionSettings,
    SessionStatus,
    session_number,
    unreadable_words,
)
from engine.errors import RecordDamaged, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import from_text, to_text
from engine.store.tables import SESSIONS

_RESULT = (
    "bars",
    "trades",
    "wins",
    "net_pnl",
    "fees",
    "equity_first",
    "equity_last",
    "max_drawdown",
    "max_drawdown_pct",
    "sharpe",
)

_WHOLE: Final = ("started_at", "created_at", *_RESULT[:-2])
"""Columns that are always whole numbers."""

logger = logging.getLogger(__name__)

# Made once: every step of every bot changes one.
_CHANGED: Final = update(SESSIONS).where(SESSIONS.c.id == bindparam("changed_id"))


def add(db: Action, record: SessionRecord) -> None:
    """Store a new session; `record.id` comes from ``store.next_id("sessions")``."""
    db.run(insert(SESSIONS), {"id": record.id, **_columns(record)})


def save(db: Action, record: SessionRecord) -> None:
    """Replace everything about a session; fails with UnknownName if it is not there."""
    db.run(
        update(SESSIONS).where(SESSIONS.c.id == record.id).values(_columns(record)),
        refusal=_unknown(record.id),
    )


def progress(db: Action, session_id: int, event_hash: str, result: SessionResult) -> None:
    """What a running session has come to so far."""
    _change(db, session_id, event_hash=event_hash, **_figures(result))


def set_hash(db: Action, session_id: int, event_hash: str) -> None:
    """The hash chain of a running session after the events of this action."""
    _change(db, session_id, event_hash=event_hash)


def set_figures(db: Action, session_id: int, result: SessionResult) -> None:
    """What a session came to, where something else was stored."""
    _change(db, session_id, **_figures(result))


def set_status(db: Action, session_id: int, status: SessionStatus) -> None:
    """For example RUNNING again after INTERRUPTED."""
    _change(db, session_id, status=status.value)


def finish(
    db: Action,
    session_id: int,
    *,
    status: SessionStatus,
    end_reason: int,
    ended_at: int,
    finished_at: int,
    event_hash: str,
    rows_hash: str,
    result: SessionResult,
    error: str = "",
) -> None:
    """The end of a session; `ended_at` is the market time of its last row, `finished_at` the wall
    time, `rows_hash` of all it recorded, "" where that cannot be read."""
    _change(
        db,
        session_id,
        status=status.value,
        end_reason=end_reason,
        ended_at=ended_at,
        finished_at=finished_at,
        event_hash=event_hash,
        rows_hash=rows_hash,
        error=error,
        **_figures(result),
    )


def mark_interrupted(db: Action) -> None:
    """At start: sessions that were running when the program went away."""
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.status == SessionStatus.RUNNING.value)
        .values(status=SessionStatus.INTERRUPTED.value)
    )


async def get(store: Store, session_id: int) -> SessionRecord:
    """One session with its strategy's source, or UnknownName: a deleted one is none."""
    async with store.reading() as session:
        wanted = select(SESSIONS).where(
            SESSIONS.c.id == session_id, SESSIONS.c.deleted_at.is_(None)
        )
        row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise _unknown(session_id)
    return _record(row)


async def some(
    store: Store, session_ids: Collection[int]
) -> dict[int, SessionRecord | RecordDamaged]:
    """These sessions by id, as far as they are there; of one that cannot be read what is wrong."""
    async with store.reading() as session:
        wanted = select(SESSIONS).where(SESSIONS.c.id.in_(session_ids))
        return {row.id: _record_or_fault(row) for row in (await session.execute(wanted)).all()}


async def every(
    store: Store,
    *,
    mode: Mode | None = None,
    strategy: str | None = None,
    bot_id: int | None = None,
    text: str = "",
    limit: int | None = None,
) -> tuple[SessionRecord, ...]:
    """The history, newest first, without the strategies' source texts. What cannot be read is
    left out, and logged.

    `text` is looked for in bot name, symbol and strategy, or is an id as ``S-0042``.
    """
    columns = [column for column in SESSIONS.c if column.name != "strategy_source"]
    wanted = select(*columns).where(SESSIONS.c.deleted_at.is_(None)).order_by(SESSIONS.c.id.desc())
    if mode is not None:
        wanted = wanted.where(SESSIONS.c.mode == mode.value)
    if strategy is not None:
        wanted = wanted.where(SESSIONS.c.strategy == strategy)
    if bot_id is not None:
        wanted = wanted.where(SESSIONS.c.bot_id == bot_id)
    if text:
        found_in = (SESSIONS.c.bot_name, SESSIONS.c.symbol, SESSIONS.c.strategy)
        matches = [column.icontains(text, autoescape=True) for column in found_in]
        wanted = wanted.where(or_(*matches, SESSIONS.c.id == (session_number(text) or -1)))
    async with store.reading() as session:
        found = (await session.execute(wanted.limit(limit))).all()
    records = []
    for one in map(_record_or_fault, found):
        if isinstance(one, RecordDamaged):
            logger.error("%s %s", one.words, one.details)
        else:
            records.append(one)
    return tuple(records)


async def of_portfolio(store: Store, portfolio_id: int) -> tuple[int, ...]:
    """Ids of a portfolio's sessions, in the order of its bots; deleted ones are left out."""
    wanted = select(SESSIONS.c.id).where(
        SESSIONS.c.portfolio_id == portfolio_id, SESSIONS.c.deleted_at.is_(None)
    )
    async with store.reading() as session:
        found = (await session.execute(wanted.order_by(SESSIONS.c.id))).scalars()
        return tuple(int(one) for one in found)


def _change(db: Action, session_id: int, **values: object) -> None:
    db.run(_CHANGED, {"changed_id": session_id, **values}, refusal=_unknown(session_id))


def _unknown(session_id: int) -> UnknownName:
    return UnknownName(
        tr("There is no session {session_id}. Look at the list of sessions.", session_id=session_id)
    )


def _figures(result: SessionResult) -> dict[str, object]:
    return {name: getattr(result, name) for name in _RESULT}


def _columns(record: SessionRecord) -> dict[str, object]:
    settings = record.settings
    return {
        "bot_id": record.bot_id,
        "bot_name": record.bot_name,
        "mode": record.mode.value,
        "symbol": settings.symbol,
        "strategy": settings.strategy,
        "settings": to_text(settings),
        "timeframe_ms": settings.timeframe_ms,
        # The name of a file may be no valid text at all.
        "source": settings.source.encode("utf-8", "backslashreplace").decode("utf-8"),
        "params": "/".join(plain(Decimal(value)) for value in settings.params.values()),
        "money_unit": plain(settings.scale.product_unit),
        "status": record.status.value,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "created_at": record.created_at,
        "end_reason": record.end_reason,
        "event_hash": record.event_hash,
        **_figures(record.result),
        "program_version": record.program_version,
        "strategy_hash": record.strategy_hash,
        "strategy_source": record.strategy_source,
        "rows_hash": record.rows_hash,
        "seed": record.seed,
        "error": record.error,
        "portfolio_id": record.portfolio_id,
        "sweep_id": record.sweep_id,
    }


def _record_or_fault(row: Row[Any]) -> SessionRecord | RecordDamaged:
    try:
        return _record(row)
    except RecordDamaged as fault:
        return fault


def _record(row: Row[Any]) -> SessionRecord:
    """RecordDamaged, with the session's name, for values that no program of ours wrote."""
    try:
        return _read(row)
    except (ValueError, TypeError, AttributeError, RecordDamaged) as error:
        details = error.details if isinstance(error, RecordDamaged) else repr(error)
        raise RecordDamaged(unreadable_words((row.id,)), details=details) from error


def _read(row: Row[Any]) -> SessionRecord:
    columns = row._mapping
    if row.end_reason is not None:
        EndReason(row.end_reason)
    for name in _WHOLE:
        if not isinstance(columns[name], int):
            raise TypeError(f"{name}: {columns[name]!r} is no whole number")
    return SessionRecord(
        id=row.id,
        bot_id=row.bot_id,
        bot_name=row.bot_name,
        mode=Mode(row.mode),
        settings=from_text(SessionSettings, row.settings),
        status=SessionStatus(row.status),
        started_at=row.started_at,
        ended_at=row.ended_at,
        created_at=row.created_at,
        end_reason=row.end_reason,
        event_hash=row.event_hash,
        result=SessionResult(**{name: columns[name] for name in _RESULT}),
        program_version=row.program_version,
        strategy_hash=row.strategy_hash,
        strategy_source=columns.get("strategy_source", ""),
        rows_hash=row.rows_hash,
        seed=row.seed,
        error=row.error,
        portfolio_id=row.portfolio_id,
        sweep_id=row.sweep_id,
        title=row.title,
        note=row.note,
        tags=tuple(row.tags.split("\n")) if row.tags else (),
    )
