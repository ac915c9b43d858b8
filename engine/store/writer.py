"""The one writing thread: each action in its own Session, many actions in one COMMIT."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from engine.errors import FileHeld, StoreUnavailable
from engine.language import tr
from engine.store.action import Action, Batch, Step

logger = logging.getLogger(__name__)

COMMIT_SHARERS: Final = 256
"""Actions after which a COMMIT takes no more: bounds how long the first waits for the last."""

AGAIN_S: Final = 0.05
"""Between two tries of a file that another program holds."""
LAST_PATIENCE_S: Final = 0.5
"""So long an action waits for such a file when the program ends."""

Outcome = Exception | None
_Insert = tuple[str, list[int] | None]


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """Sessions opened and closed, by the name of the action (or "reading")."""

    opened: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Job:
    action: Action
    answer: asyncio.Future[None]
    until_s: float
    """By the loop's time, how long it waits for a file that another program holds."""


class Writer:
    """Owns the only connection that writes. Actions are written in the order they came, in a thread
    of their own, or wherever else the loop's `run_in_executor` has it done. While another program
    holds the file they are tried again and again, each for as long as it has patience: what a
    person waits for must not make the steps of bots wait.

    `explain` turns what the driver raised into the fault a person should read. `in_place` says
    whether the file and its journal still lie where they were opened: the driver would go on
    writing into what was deleted, and all of it would be lost. `fold` brings what the journal has
    into the file: of a journal that was deleted nothing else is left.
    """

    def __init__(
        self,
        connection: Connection,
        explain: Callable[[Exception], Exception],
        counts: SessionCounts,
        in_place: Callable[[], bool],
        fold: Callable[[Connection], None],
    ) -> None:
        self._connection = connection
        self._in_place, self._fold = in_place, fold
        self._explain = explain
        self._counts = counts
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Job] = []
        self._inserts: dict[tuple[str, tuple[str, ...]], _Insert] = {}
        """What was compiled once, by table and columns."""
        self._queue: SimpleQueue[list[_Job]] = SimpleQueue()
        self._held_up: list[_Job] = []
        """Tried, and not given up: another program holds the file. Of the thread."""
        self._unanswered: dict[asyncio.Future[None], _Job] = {}
        self._most_patience_s = math.inf
        self._again: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, "store-writer")

    def submit(self, action: Action, patience_s: float) -> asyncio.Future[None]:
        """A future that is done once the action is on disk, or failed as a whole; FileHeld if
        another program holds the file for longer than `patience_s`."""
        answer: asyncio.Future[None] = self._loop.create_future()
        until_s = self._loop.time() + min(patience_s, self._most_patience_s)
        job = self._unanswered[answer] = _Job(action, answer, until_s)
        answer.add_done_callback(self._unanswered.pop)
        if not self._gathered:
            # Tasks that wake together act together: handing over at the end of the loop's turn
            # lets them share a COMMIT, instead of the first paying for one alone.
            self._loop.call_soon(self._hand_over)
        self._gathered.append(job)
        return answer

    def hurry(self) -> None:
        """The program ends: nobody waits long for another one any more."""
        self._most_patience_s = LAST_PATIENCE_S
        for job in self._unanswered.values():
            job.until_s = min(job.until_s, self._loop.time() + LAST_PATIENCE_S)

    def _hand_over(self) -> None:
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []
            self._loop.run_in_executor(self._thread, self._work_off)

    async def stop(self) -> None:
        """Write what is queued, then let go of the connection and the thread."""
        self.hurry()
        self._hand_over()
        while self._unanswered:
            await asyncio.wait(self._unanswered)
        if self._again is not None:
            self._again.cancel()
        await self._loop.run_in_executor(self._thread, self._let_go)
        self._thread.shutdown()

    def _work_off(self) -> None:
        """All that waits by now in one COMMIT; nothing, if it went with what was handed over
        before. Who has patience left with another program waits on, and comes first."""
        jobs = [*self._held_up, *self._take()]
        if not jobs:
            return
        outcomes = self._write(self._connection, jobs)
        now_s, self._held_up = self._loop.time(), []
        answered: list[tuple[_Job, Outcome]] = []
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, FileHeld) and now_s < job.until_s:
                self._held_up.append(job)
            else:
                answered.append((job, outcome))
        self._deliver(answered, again=bool(self._held_up))

    def _let_go(self) -> None:
        self._connection.close()
        # The last one out folds the journal into the file.
        self._connection.engine.dispose()

    def _deliver(self, answered: list[tuple[_Job, Outcome]], *, again: bool) -> None:
        try:
            self._loop.call_soon_threadsafe(self._answer, answered, again)
        except RuntimeError:
            # The loop was closed without closing the store: written, but nobody is left to tell.
            logger.error("%d actions were written after the event loop was closed.", len(answered))

    def _answer(self, answered: list[tuple[_Job, Outcome]], again: bool) -> None:
        for job, outcome in answered:
            if job.answer.done():
                continue
            if outcome is None:
                job.answer.set_result(None)
            else:
                job.answer.set_exception(outcome)
        if again and self._again is None:
            self._again = self._loop.call_later(AGAIN_S, self._try_again)

    def _try_again(self) -> None:
        self._again = None
        self._loop.run_in_executor(self._thread, self._work_off)

    def _take(self) -> list[_Job]:
        jobs: list[_Job] = []
        while len(jobs) < COMMIT_SHARERS:
            try:
                jobs += self._queue.get_nowait()
            except Empty:
                break
        return jobs

    def _write(self, connection: Connection, jobs: list[_Job]) -> list[Outcome]:
        """One COMMIT for all. If one of them fails nothing of it counts, and they are written by
        halves: in the end it fails alone, and the others are there. That is rare, and cheaper than
        a SAVEPOINT around each."""
        if not self._in_place():
            return self._refuse_moved(jobs)
        try:
            transaction = connection.begin()
        except SQLAlchemyError as error:
            # Nobody's own fault (the file is locked): the same answer for all of them.
            return [self._explain(error) for _ in jobs]
        try:
            for job in jobs:
                self._run(connection, job.action)
            transaction.commit()
        except Exception as error:  # noqa: BLE001 - handed to the caller of the action
            _roll_back(transaction)
            if len(jobs) == 1:
                return [self._explain(error)]
        else:
            return [None] * len(jobs)
        middle = len(jobs) // 2
        return self._write(connection, jobs[:middle]) + self._write(connection, jobs[middle:])

    def _refuse_moved(self, jobs: list[_Job]) -> list[Outcome]:
        """Nothing is written any more; what was, is made as safe as it can be."""
        try:
            self._fold(self._connection)
        except Exception as error:  # noqa: BLE001 - the answer to the jobs says what is wrong
            logger.warning("The journal could not be folded into the file: %s", error)
        return [_moved() for _ in jobs]

    def _run(self, connection: Connection, action: Action) -> None:
        """One action in a Session of its own, within the transaction that is open."""
        session = Session(
            connection,
            join_transaction_mode="rollback_only",
            autoflush=False,
            expire_on_commit=False,
        )
        self._counts.opened[action.name] += 1
        try:
            within = session.connection()
            for step in action.steps:
                if isinstance(step, Batch):
                    self._insert_many(within, step)
                else:
                    self._execute(within, step)
            session.commit()
        finally:
            session.close()
            self._counts.closed[action.name] += 1

    def _insert_many(self, connection: Connection, batch: Batch) -> None:
        """Rows as tuples straight to the driver: a third of the time of named parameters."""
        tuples = list(batch.tuples())
        if not tuples:
            return
        key = batch.table.name, batch.columns
        if key not in self._inserts:
            self._inserts[key] = _insert_into(connection, batch)
        text, order = self._inserts[key]
        if order is not None:
            tuples = [tuple(row[place] for place in order) for row in tuples]
        connection.exec_driver_sql(text, tuples)

    def _execute(self, connection: Connection, step: Step) -> None:
        # Past the Session's own `execute`, which takes longer than SQLite and has no objects to
        # look after here.
        try:
            result = connection.execute(step.statement, step.rows)
        except IntegrityError as error:
            if step.refusal is None:
                raise
            raise step.refusal from error
        if step.refusal is not None and result.rowcount == 0:
            raise step.refusal


def _moved() -> StoreUnavailable:
    return StoreUnavailable(
        tr(
            "The database file was moved, deleted or replaced while the program ran. What "
            "happened since is not stored. Put the file back, or restart the program."
        )
    )


def _insert_into(connection: Connection, batch: Batch) -> _Insert:
    """Text for the driver, and the order in which it wants the columns; None for theirs."""
    compiled = insert(batch.table).compile(connection, column_keys=list(batch.columns))
    order = [batch.columns.index(name) for name in compiled.positiontup or ()]
    return str(compiled), None if order == list(range(len(batch.columns))) else order


def _roll_back(transaction: Any) -> None:
    try:
        transaction.rollback()
    except SQLAlchemyError:
        # SQLite has rolled back by itself already; there is nothing left to undo.
        logger.debug("The transaction was gone before it was rolled back.", exc_info=True)
