"""Sessions that ended long ago, compared with their events once: slowly, beside everything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from engine import __version__
from engine.domain.extra_feeds import Followed
from engine.domain.rows import Rows
from engine.domain.sessions import SessionRecord, SessionResult, SessionStatus, session_label
from engine.errors import Fault, RecordDamaged, UnknownName
from engine.language import tr
from engine.runtime.clock import EngineClock
from engine.runtime.history.archive import course_of, judged
from engine.runtime.history.intact import is_intact
from engine.runtime.recovery.checking import Finding, Told, check_chains, earlier, later, told
from engine.runtime.workers import in_thread
from engine.store.database import Action, Store
from engine.store.repositories import checks, extra_recordings, recordings, sessions

logger = logging.getLogger(__name__)

FIRST_AFTER_S: Final = 30.0
"""A start has other things to do first."""
PAUSE_S: Final = 0.1
"""Between two sessions, so that all of it never takes much of a processor."""
_PART: Final = 100

Found = Callable[[list[Finding]], Awaitable[None]]


class Rechecking:
    """A task that ends when nothing is left unchecked; what ends meanwhile waits for the next
    start."""

    def __init__(self, store: Store, clock: EngineClock, found: Found) -> None:
        self._store, self._clock, self._found = store, clock, found
        self._asleep = self._closing = False
        self._task = asyncio.get_running_loop().create_task(self._work(), name="rechecking")

    async def close(self) -> None:
        """The session at hand is done to its end, the others wait for the next start."""
        self._closing = True
        if self._asleep:
            self._task.cancel()
        await asyncio.wait([self._task])

    async def _work(self) -> None:
        await self._sleep(FIRST_AFTER_S)
        last = 0
        while ids := await checks.unchecked(self._store, last, _PART):
            for session_id in ids:
                if self._closing:
                    return
                try:
                    await recheck(self._store, self._clock.now_ms(), session_id, self._found)
                except Fault as fault:
                    logger.error("Session %d was not checked: %s", session_id, fault.words)
                last = session_id
                await self._sleep(PAUSE_S)

    async def _sleep(self, seconds: float) -> None:
        self._asleep = True
        if not self._closing:
            await self._clock.sleep(seconds)
        self._asleep = False


async def recheck(store: Store, now_ms: int, session_id: int, found: Found) -> None:
    """Compare one ended session with its events, hand over what differs, and mark it checked. One
    whose trade is in the hands of a running bot is left for another start, one that is deleted
    meanwhile for good."""
    try:
        findings = await _findings(store, session_id)
        if findings:
            await sessions.get(store, session_id)  # what is missing may have been deleted just now
            await found(findings)
        if findings is None:
            return
    except UnknownName:
        return
    async with store.action("mark_checked") as db:
        checks.mark_checked(db, [session_id], now_ms)


async def _findings(store: Store, session_id: int) -> list[Finding] | None:
    """None: a running bot holds its trade, or took it over just now."""
    try:
        one = await told(store, session_id)
        after = await later(store, one)
        if any(each.record.status is SessionStatus.RUNNING for each in after):
            return None
        findings = await _check(store, one, after)
        taken_over = findings and _sizes(await later(store, one)) != _sizes(after)
        return None if taken_over else findings
    except RecordDamaged as fault:
        return [Finding(session_id, "events", f"{session_label(session_id)}: {fault.words}")]


async def _check(store: Store, one: Told, after: list[Told]) -> list[Finding]:
    findings = await check_chains(store, [[*await earlier(store, one), one, *after]])
    rows = await recordings.load(store, one.record.id)
    followed = await extra_recordings.load(store, one.record.id)
    figures = await in_thread("check-figures", partial(check_figures, one, rows))
    changed = await in_thread("check-rows", partial(check_rows, one.record, rows, followed))
    if changed:
        now = await sessions.get(store, one.record.id)
        if now.rows_hash != one.record.rows_hash:  # its ticks were let go meanwhile
            changed = []
    return [*(each for each in findings if each.session_id == one.record.id), *figures, *changed]


def check_rows(record: SessionRecord, rows: Rows, followed: Sequence[Followed]) -> list[Finding]:
    """The recording beside the hash that was stored with it, if there is one."""
    if not record.rows_hash or is_intact(record, rows, followed):
        return []
    words = tr(
        "{label}, recording: it does not give the hash that was stored with it, so some of its "
        "rows were changed.",
        label=session_label(record.id),
    )
    return [Finding(record.id, "recordings", words)]


def check_figures(one: Told, rows: Rows) -> list[Finding]:
    """The figures of the history row beside those of events and recording. What another version of
    the program came to is left alone: it may have counted otherwise."""
    record = one.record
    if record.program_version != __version__:
        return []
    course = course_of(one.log.table, rows, record.settings.timeframe_ms)
    result = judged(one.log.table, course).result(len(course.at))
    if result == record.result:
        return []
    words = tr(
        "{label}, its figures: {differences}.",
        label=session_label(record.id),
        differences=_differing(record.result, result),
    )
    return [Finding(record.id, "sessions", words, partial(_set_figures, record.id, result))]


def _set_figures(session_id: int, result: SessionResult, db: Action) -> None:
    sessions.set_figures(db, session_id, result)


def _differing(stored: SessionResult, right: SessionResult) -> str:
    return ", ".join(
        tr(
            "{name} {stored} where its events and recording give {right}",
            name=name.replace("_", " "),
            stored=getattr(stored, name),
            right=getattr(right, name),
        )
        for name in SessionResult.__slots__
        if getattr(stored, name) != getattr(right, name)
    )


def _sizes(chain: list[Told]) -> list[tuple[int, int]]:
    return [(one.record.id, len(one.log)) for one in chain]
