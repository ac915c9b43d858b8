"""Sessions and sweeps deleted: marked at once, gone for good, part by part, with a purge.

A purge comes ten seconds after sessions were marked, with each tidying (every ten minutes), and
when the program ends. A deleted sweep waits for one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from engine.domain.sessions import session_label
from engine.errors import IllegalStep
from engine.language import tr
from engine.runtime.history.stopping import never
from engine.store.database import Store
from engine.store.repositories import preferences, session_notes, sweeps

UNDO_S: Final = 10.0
"""For so long a deletion can be undone: longer than a toast that offers it is shown."""
_EVENTS: Final = 10_000
_CHUNKS: Final = 20
"""Deleted in one action: the writer has others to serve."""


async def mark(store: Store, session_ids: Collection[int], now_ms: int) -> None:
    """Out of the history, all of them or none; IllegalStep with words where one must stay."""
    await _refuse_needed(store, session_ids)
    async with store.action("delete_sessions") as db:
        for session_id in session_ids:
            session_notes.mark_deleted(db, session_id, now_ms)


async def unmark(store: Store, session_ids: Collection[int]) -> None:
    """Back into the history, all of them or none; UnknownName for one that is gone, IllegalStep for
    one whose trade another has that stays deleted."""
    for session_id, other in await session_notes.tied(store, session_ids):
        if not await session_notes.listed(store, other):
            raise IllegalStep(
                tr(
                    "{label} shares a trade with {other}: one opened it, "
                    "the other closed it. Nothing was brought back. Bring both back together.",
                    label=session_label(session_id),
                    other=session_label(other),
                )
            )
    async with store.action("restore_sessions") as db:
        for session_id in session_ids:
            session_notes.unmark_deleted(db, session_id)


async def purge(store: Store, until_at: int, stops: Callable[[], bool] = never) -> tuple[int, ...]:
    """For good what was deleted at `until_at` or before, UTC ms, until `stops`; answered with
    those sessions that are gone. What is left over goes with the next purge, in this run of the
    program or another."""
    gone = []
    for session_id in await session_notes.deleted(store, until_at):
        if stops():
            break
        await _remove(store, session_id)
        gone.append(session_id)
    for sweep_id in await sweeps.deleted(store, until_at):
        if stops():
            break
        async with store.action("delete_sweep") as db:
            sweeps.remove(db, (sweep_id,))
            preferences.keep_numbers(db, store.numbers_given)
    return tuple(gone)


async def _refuse_needed(store: Store, session_ids: Collection[int]) -> None:
    for session_id, bot_id in await session_notes.needed(store, session_ids):
        raise IllegalStep(
            tr(
                "{label} is what bot {bot_id} goes on from: its balance and its "
                "position stand there. Nothing was deleted. Start that bot anew, or "
                "delete it first.",
                label=session_label(session_id),
                bot_id=bot_id,
            )
        )
    for session_id, other in await session_notes.tied(store, session_ids):
        raise IllegalStep(
            tr(
                "{label} shares a trade with {other}: one opened it, "
                "the other closed it. Nothing was deleted. Delete both together.",
                label=session_label(session_id),
                other=session_label(other),
            )
        )


async def _remove(store: Store, session_id: int) -> None:
    last = await session_notes.last_event(store, session_id)
    for start in range(last - last % _EVENTS, 0, -_EVENTS):
        async with store.action("delete_events") as db:
            session_notes.remove_events(db, session_id, start)
    places = await session_notes.chunk_places(store, session_id)
    for first_row in places[_CHUNKS - 1 :: _CHUNKS]:
        async with store.action("delete_recording") as db:
            session_notes.remove_chunks(db, session_id, first_row)
    async with store.action("delete_session") as db:
        session_notes.remove(db, (session_id,))
        preferences.keep_numbers(db, store.numbers_given)
