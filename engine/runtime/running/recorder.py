"""Where a bot's steps go: the store, each with the recording that led to it.

Rows in which nothing happened wait a moment, so that quiet ticks share an action, and those of many
bots a COMMIT: the beat that they have in common stores them. Events never wait. While nothing can
be stored (locked file, full disk) steps are held, up to a limit, and the bot goes on: what it has
bought still needs its exits. A file that another program holds is known for that in a fraction of a
second, a disk that does not answer in two. The end of a session waits for the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from engine.core import layout as slot
from engine.domain.columns import IntMatrix
from engine.domain.reasons import EndReason
from engine.domain.rows import KIND, NO_ROWS, Rows, closes
from engine.domain.sessions import SessionResult, SessionStatus
from engine.errors import StoreUnavailable, WaitAndRetry
from engine.language import tr
from engine.runtime.clock import EngineClock
from engine.runtime.plugs import Step
from engine.runtime.running.attempts import Attempts
from engine.runtime.running.extras import Following
from engine.runtime.running.held import Held
from engine.runtime.running.recorded_hash import RecordedHash
from engine.runtime.running.signs import Moment
from engine.runtime.running.steps import NO_EVENTS, ended_by, put, standing_after, together
from engine.runtime.workers import in_thread
from engine.store.database import Action, Store
from engine.store.records import BotFault, BotStanding
from engine.store.repositories import bot_states, extra_recordings, sessions

FLUSH_AFTER_S: Final = 5.0
"""Rows without events are on disk after this at the latest; mostly the beat comes first."""
FIGURES_AFTER_S: Final = 2.0
"""A session's figures are brought up to date no more often than this."""
RETRY_AFTER_S: Final = 1.0
STEP_PATIENCE_S: Final = 0.25
"""So long a step waits for a file that another program holds: behind it the next price waits."""

Also = Callable[[Action], None]
Closing = Callable[[Action, BotStanding], None]
Figures = Callable[[IntMatrix], SessionResult | None]
"""Figures of the session with these events added to those shown already, if they are known."""
LastFigures = Callable[[IntMatrix], Awaitable[SessionResult]]
"""The same as it ends: they are found out."""


class Recorder:
    """One session's way into the store. `standing` is what the store knows of the bot."""

    def __init__(
        self,
        store: Store,
        clock: EngineClock,
        standing: BotStanding,
        opening: Also,
        *,
        also: Also,
        figures: Figures,
        last_figures: LastFigures,
        troubled: Callable[[str], None],
        following: Following,
        feed_waits: bool = False,
    ) -> None:
        """`opening` goes into the first action (a new session, the right to run), `also` into
        every one (where the market stands). Where the `feed_waits` as long as it takes, so does
        the bot: nothing is held."""
        self._store, self._clock = store, clock
        self.standing = standing
        self._opening: Also | None = opening
        self._also, self._figures, self._troubled = also, figures, troubled
        self._last_figures = last_figures
        self._following, self._feed_waits = following, feed_waits
        self._pending: list[Step] = []
        assert standing.session_id is not None, "a recorder belongs to a session"
        self.recorded = RecordedHash(afresh=not standing.row_count)
        self._held = Held(store.folder, standing.session_id, following)
        self._lock = asyncio.Lock()
        self._attempts = Attempts()
        self._figured_at = clock.monotonic()
        self._figures_old = False
        """Something happened, or a candle closed, since the session's figures were stored."""
        self.fault: BotFault | None = None
        """Why the session is about to end with an error."""
        self.written: Moment | None = None
        """The last action."""
        self.waits_since: Moment | None = None
        """Of the first step that is not on disk yet."""

    @property
    def begun(self) -> bool:
        """The store knows of the session, and that this bot runs it."""
        return self._opening is None

    @property
    def holds(self) -> bool:
        """Whether the bot goes on while nothing can be stored."""
        return self.begun and not self._feed_waits

    @property
    def waiting(self) -> int:
        """Steps that are not on disk yet."""
        return len(self._pending)

    @property
    def unkept(self) -> int:
        """Of these, how many the end of the program would lose."""
        if not self.begun:  # nor is there a session that a file could be of
            return len(self._pending) if self._held.words else 0
        return self._held.unkept(self._pending)

    async def held_up(self) -> str:
        """ "" once all that has happened is on disk, else why it is not, for a person."""
        try:
            while self._pending and not self._held.words:
                await self._flush_in_time()
        except WaitAndRetry as fault:
            return fault.words
        return self._held.told(self._pending) if self._pending else ""

    async def write(self, step: Step) -> None:
        """Keep `step`; returns when its events, if it has any, are on disk, or held while nothing
        can be stored."""
        if not self._pending:
            self.waits_since = Moment.now(self._clock)
        self._pending.append(step)
        quiet_held = self._held.words and self._may_be_held  # the beat looks after quiet rows
        if len(step.events) or (self._waited(FLUSH_AFTER_S) and not quiet_held):
            await self._flush()

    def wants_store(self, *, in_turn: bool) -> bool:
        """Whether `store_waiting` is to be called: something waits, and it is this bot's turn or
        the store could not take it before."""
        waits = self.waits_since is not None and (in_turn or bool(self._held.words))
        return waits and not self._lock.locked()

    async def store_waiting(self) -> None:
        """Store quiet rows and what is held, if the store takes it."""
        try:
            await self.flush()
        except WaitAndRetry as fault:
            await self._hold(fault.words)

    async def keep(self) -> None:
        """What is not stored yet into a file: the program ends."""
        async with self._lock:
            await self._held.keep(self.standing, self._pending)

    async def flush(self, closing: Closing | None = None) -> None:
        """Store everything now, once; `closing` goes into the same action."""
        # Somebody who is cancelled while he waits must not leave open whether it was stored:
        # the attempt goes on to its end, and the next one waits for it.
        await asyncio.shield(self._attempts.begin(self._attempt(closing)))

    def _waited(self, seconds: float) -> bool:
        """Whether something is not on disk since so long ago."""
        since = self.waits_since
        return since is not None and self._clock.monotonic() - since.steady_s >= seconds

    async def _flush(self) -> None:
        while self._pending:
            if not self._held.words or not self._may_be_held:
                try:
                    await (self._flush_in_time() if self._may_be_held else self.flush())
                except WaitAndRetry as fault:
                    self._held.words = fault.words
            if self._held.words:
                await self._hold(self._held.words)
                if self._may_be_held:
                    return  # the next beat tries again
                await self._clock.sleep(RETRY_AFTER_S)

    async def _flush_in_time(self) -> None:
        """The same as `flush`; StoreUnavailable also where it goes on for too long."""
        if not await self._attempts.in_time(self._attempt):
            raise StoreUnavailable(
                tr(
                    "The disk of the data folder does not answer (is it busy, asleep, or checked "
                    "by another program?). What was about to be stored still waits for it."
                )
            )

    @property
    def _may_be_held(self) -> bool:
        """The bot may go on without the store: not into a session or out of it."""
        ended = bool(self._pending) and bool(self._pending[-1].state[slot.ENDED])
        return self.holds and not ended and self._held.room(self._pending)

    async def _hold(self, words: str) -> None:
        self._held.words = words
        if self.holds:
            self._held.out_of_reach = not await self._attempts.in_time(self.keep)
            words = self._held.told(self._pending)
        self._troubled(words)

    async def _attempt(self, closing: Closing | None = None) -> None:
        async with self._lock:
            try:
                more = await self._store_pending(closing)
                if more and closing is None:
                    await self._store_pending(None)
            except WaitAndRetry as fault:
                self._held.words = fault.words  # whoever waits or not: the next beat tries again
                raise
        self._troubled("")

    async def _store_pending(self, closing: Closing | None) -> bool:
        """Whether more has come meanwhile that nobody waits for, as it was held."""
        steps = tuple(self._pending)
        if not steps and closing is None:
            return False
        now, step = self.standing, together(steps) if steps else None
        assert now.session_id is not None, "a recorder belongs to a session"
        at = self._clock.now_ms()
        standing = now if step is None else standing_after(now, step, self.fault, at)
        happened = NO_EVENTS if step is None else step.events
        if step is not None and (len(happened) or _closes_any(step.rows)):
            self._figures_old = True
        figures = self._figures(happened) if closing is not None or self._figures_due() else None
        # What a decision saw of other markets is known before the decision is written.
        followed, counts = self._following.followed, self._following.counts()
        ended = ended_by(happened)
        came_to = None if ended is None else await self._last_figures(happened)
        rows = NO_ROWS if step is None else step.rows
        hashed = "" if ended is None else await self._rows_hash(rows)
        patience_s = STEP_PATIENCE_S if closing is None else None  # no price waits behind an end
        async with self._store.action("bot_step", patience_s=patience_s) as db:
            if self._opening is not None:
                self._opening(db)
            extra_recordings.append(db, now.session_id, followed, self._following.stored)
            if step is not None:
                standing = put(db, now, step, standing)
            if ended is not None and came_to is not None:
                self._end(db, standing, *ended, came_to, hashed)
            else:
                self._write_figures(db, standing, happened, figures)
            self._also(db)
            if closing is not None:
                closing(db, standing)
        self._opening = None
        self._following.stored = counts
        self.standing = standing
        self.recorded.stored(rows)
        del self._pending[: len(steps)]
        self.written = Moment.now(self._clock)
        if figures is not None:
            self._figured_at, self._figures_old = self.written.steady_s, False
        self.waits_since = self.written if self._pending else None
        more = bool(self._held.words and self._pending)
        await self._held.stored()
        return more

    def _write_figures(
        self, db: Action, standing: BotStanding, happened: IntMatrix, figures: SessionResult | None
    ) -> None:
        assert standing.session_id is not None
        if figures is not None:
            sessions.progress(db, standing.session_id, standing.event_hash, figures)
        elif len(happened):
            sessions.set_hash(db, standing.session_id, standing.event_hash)

    def _end(
        self,
        db: Action,
        standing: BotStanding,
        reason: EndReason,
        status: SessionStatus,
        result: SessionResult,
        rows_hash: str,
    ) -> None:
        assert standing.session_id is not None
        assert standing.kernel_state is not None
        sessions.finish(
            db,
            standing.session_id,
            status=status,
            end_reason=int(reason),
            ended_at=int(standing.kernel_state[slot.MOMENT]),
            finished_at=self._clock.now_ms(),
            event_hash=standing.event_hash,
            rows_hash=rows_hash,
            result=result,
            error=self.fault.words if self.fault else "",
        )
        bot_states.release(db, standing.bot_id)

    async def _rows_hash(self, rows: Rows) -> str:
        """Of all that is recorded, `rows` at its end; "" where that cannot be read. What was
        followed may be as much as the session itself."""
        total, followed = self.recorded.after(rows), self._following.recorded
        if total is None:
            return ""
        return (
            await in_thread("hash-rows", partial(total.hex, followed)) if followed else total.hex()
        )

    def _figures_due(self) -> bool:
        if not self._figures_old:
            return False
        return self._clock.monotonic() - self._figured_at >= FIGURES_AFTER_S


def _closes_any(rows: Rows) -> bool:
    """Whether one of them closes a candle."""
    return any(map(closes, rows.table[:, KIND].tolist()))
