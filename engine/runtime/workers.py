"""Work that may take long, off the loop: one thread of its own for each who asks.

The threads are daemons and belong to nobody else, so a strategy that never comes back holds up
neither another bot nor the end of the program.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from engine.errors import StopTrading

T = TypeVar("T")
_Job = Callable[[], None]


class Late(StopTrading):
    """The work did not come back within its deadline; its thread was given up."""


class Worker:
    """Runs calls one after the other in one thread, started with the first call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] | None = None
        self._thread: threading.Thread | None = None

    async def call(self, work: Callable[[], T], deadline_s: float | None = None) -> T:
        """The result of `work()`, or what it raised; Late after `deadline_s` seconds.

        Cancelling the caller does not stop the thread, it only stops the waiting.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        if self._jobs is None:
            self._start()
        assert self._jobs is not None
        self._jobs.put(lambda: _answer(loop, answer, work))
        try:
            return await asyncio.wait_for(answer, deadline_s)
        except TimeoutError:
            if answer.done() and not answer.cancelled():
                raise  # The work itself raised it.
            self._give_up()
            raise Late(f"{self._name} did not answer within {deadline_s:g} s.") from None

    def _start(self) -> None:
        self._jobs = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=_work_off, args=(self._jobs,), name=self._name, daemon=True
        )
        self._thread.start()

    def _give_up(self) -> None:
        if self._jobs is not None:
            self._jobs.put(None)
        self._jobs = self._thread = None

    def close(self) -> None:
        """Let the thread end; waits for the call that is running."""
        thread = self._thread
        self._give_up()
        if thread is not None:
            thread.join()


async def in_thread(name: str, work: Callable[[], T]) -> T:
    """One long call in a thread of its own."""
    worker = Worker(name)
    try:
        return await worker.call(work)
    finally:
        worker._give_up()


def _work_off(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


def _answer(
    loop: asyncio.AbstractEventLoop, answer: asyncio.Future[T], work: Callable[[], T]
) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
        _tell(loop, _fail, answer, error)
    else:
        _tell(loop, _succeed, answer, result)


def _tell(loop: asyncio.AbstractEventLoop, how: Callable[..., None], *args: object) -> None:
    # A given-up thread may come back after its loop is gone: then nobody is listening.
    if not loop.is_closed():
        loop.call_soon_threadsafe(how, *args)


def _succeed(answer: asyncio.Future[T], result: T) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: asyncio.Future[T], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
