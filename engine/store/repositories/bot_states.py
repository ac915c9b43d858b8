"""Where each bot stands, and the row that lets it run only once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from sqlalchemy import Row, bindparam, delete, insert, select, update

from engine.domain.bots import BotState
from engine.domain.columns import IntColumn
from engine.domain.reasons import Input
from engine.errors import FaultKind, IllegalStep, RecordDamaged, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.records import BotFault, BotStanding
from engine.store.tables import BOT_RUNS, BOT_STATES

# Made once: every step of every bot saves one.
_SAVED: Final = update(BOT_STATES).where(BOT_STATES.c.bot_id == bindparam("saved_id"))


def add(db: Action, standing: BotStanding) -> None:
    """The first standing of a new bot (bots.add does this)."""
    db.run(insert(BOT_STATES), _columns(standing))


def save(db: Action, standing: BotStanding) -> None:
    """Replace a bot's standing; fails with UnknownName if there is no such bot."""
    db.run(
        _SAVED,
        {"saved_id": standing.bot_id, **_columns(standing)},
        refusal=UnknownName(
            tr(
                "There is no bot {bot_id} any more; what it did was not stored.",
                bot_id=standing.bot_id,
            )
        ),
    )


def ask(db: Action, bot_id: int, first: Input) -> None:
    """It waits to run and is to begin with `first`; the rest of its standing stays as it is."""
    asked = {"state": BotState.PENDING.value, "first_command": int(first)}
    db.run(update(BOT_STATES).where(BOT_STATES.c.bot_id == bot_id).values(asked))


def claim(db: Action, bot_id: int, session_id: int) -> None:
    """Take the one right to run `bot_id`; fails with IllegalStep if somebody has it.

    It is a row whose primary key is the bot, so a second start fails in the database even if the
    program has lost count. `release` gives it back; a crash leaves it, see `release_all`.
    """
    db.run(
        insert(BOT_RUNS),
        {"bot_id": bot_id, "session_id": session_id},
        refusal=IllegalStep(
            tr(
                "Bot {bot_id} runs already, or was deleted. It was not started a second "
                "time. Stop it first to start it again.",
                bot_id=bot_id,
            )
        ),
    )


def release(db: Action, bot_id: int) -> None:
    """Give back the right to run; harmless if nobody has it."""
    db.run(delete(BOT_RUNS).where(BOT_RUNS.c.bot_id == bot_id))


def release_all(db: Action) -> None:
    """At start: no task runs yet, whatever a crash left behind. Bots that ran are stopped; when
    they did something last is left as it is."""
    db.run(delete(BOT_RUNS))
    db.run(
        update(BOT_STATES)
        .where(BOT_STATES.c.state.in_([BotState.RUNNING.value, BotState.PENDING.value]))
        .values(state=BotState.STOPPED.value)
    )


async def every(store: Store) -> tuple[BotStanding, ...]:
    """All standings, by bot id."""
    async with store.reading() as session:
        found = (await session.execute(select(BOT_STATES).order_by(BOT_STATES.c.bot_id))).all()
    return tuple(_standing(row) for row in found)


async def get(store: Store, bot_id: int) -> BotStanding:
    """One standing, or UnknownName."""
    async with store.reading() as session:
        wanted = select(BOT_STATES).where(BOT_STATES.c.bot_id == bot_id)
        row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise UnknownName(
            tr("There is no bot {bot_id}. Perhaps it was deleted; look at the list.", bot_id=bot_id)
        )
    return _standing(row)


async def running(store: Store) -> tuple[tuple[int, int], ...]:
    """(bot id, session id) of every bot that has the right to run."""
    async with store.reading() as session:
        found = (await session.execute(select(BOT_RUNS).order_by(BOT_RUNS.c.bot_id))).all()
    return tuple((row.bot_id, row.session_id) for row in found)


def _columns(standing: BotStanding) -> dict[str, object]:
    fault, state = standing.fault, standing.kernel_state
    return {
        "bot_id": standing.bot_id,
        "state": standing.state.value,
        "session_id": standing.session_id,
        "kernel_state": None if state is None else np.ascontiguousarray(state, "<i8").tobytes(),
        "event_hash": standing.event_hash,
        "event_count": standing.event_count,
        "row_count": standing.row_count,
        "trade_session_id": standing.trade_session_id,
        "error_kind": fault.kind.value if fault else None,
        "error_words": fault.words if fault else None,
        "error_details": fault.details if fault else None,
        "error_at": fault.at if fault else None,
        "updated_at": standing.updated_at,
        "first_command": None if standing.first is None else int(standing.first),
    }


def _standing(row: Row[Any]) -> BotStanding:
    fault = None
    if row.error_kind is not None:
        fault = BotFault(_kind(row.error_kind), row.error_words, row.error_details, row.error_at)
    return BotStanding(
        bot_id=row.bot_id,
        state=BotState(row.state),
        session_id=row.session_id,
        kernel_state=_kernel_state(row.bot_id, row.kernel_state),
        event_hash=row.event_hash,
        event_count=row.event_count,
        row_count=row.row_count,
        trade_session_id=row.trade_session_id,
        fault=fault,
        updated_at=row.updated_at,
        first=None if row.first_command is None else Input(row.first_command),
    )


def _kind(stored: str) -> FaultKind:
    """Earlier programs kept the name of the fault's class."""
    known = {kind.value: kind for kind in FaultKind} | _EARLIER
    return known.get(stored, FaultKind.PROGRAM)


_EARLIER: Final = {
    "StoreUnavailable": FaultKind.STORE,
    "RecordDamaged": FaultKind.STORE,
    "FileRefused": FaultKind.FEED,
    "InvalidSetting": FaultKind.SETTINGS,
    "UnknownName": FaultKind.SETTINGS,
    "MoneyOverflow": FaultKind.SETTINGS,
    "ExchangeUnavailable": FaultKind.EXCHANGE,
    "RateLimited": FaultKind.EXCHANGE,
    "ExchangeRefused": FaultKind.EXCHANGE,
    "NotOffered": FaultKind.EXCHANGE,
    "StrategyFailed": FaultKind.STRATEGY,
}


def _kernel_state(bot_id: int, content: bytes | None) -> IntColumn | None:
    if content is None:
        return None
    if len(content) % 8:
        raise RecordDamaged(
            tr(
                "The stored state of bot {bot_id} is damaged. It was not started. "
                "Restore the database from the folder 'backups', or start a new bot.",
                bot_id=bot_id,
            ),
            details=f"{len(content)} bytes",
        )
    state = np.frombuffer(content, "<i8").astype(np.int64)
    state.setflags(write=False)
    return state
