"""Slots that start tasks, and the last nets under every error."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)

ShowError = Callable[[str, BaseException], None]


class Tasks:
    """Starts coroutines from Qt slots and keeps each alive until it is done.

    asyncio itself holds tasks weakly and says nothing of an error nobody awaits: here every task
    has a name and a strong reference, and its error is logged and shown.
    """

    def __init__(self, show_error: ShowError) -> None:
        """``show_error`` gets the task's name and its exception, on the window's thread."""
        self._show_error = show_error
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._to_finish: set[asyncio.Task[Any]] = set()

    def start(
        self,
        name: str,
        work: Callable[[], Coroutine[Any, Any, Any]],
        over: Callable[[str], object] | None = None,
        *,
        finish: bool = False,
    ) -> bool:
        """Start ``work()`` as the task ``name``; False when one of that name still runs.
        ``over`` gets the name when it has ended, however it did.

        The name is the guard against a second click: nothing starts twice. With ``finish`` the
        end of the program waits for it.
        """
        if name in self._running:
            return False
        task = asyncio.get_event_loop().create_task(work(), name=name)
        self._running[name] = task
        if finish:
            self._to_finish.add(task)
        task.add_done_callback(self._done)
        if over is not None:
            task.add_done_callback(lambda task: over(task.get_name()))
        return True

    def runs(self, name: str) -> bool:
        return name in self._running

    def cancel(self, name: str) -> None:
        task = self._running.get(name)
        if task is not None:
            task.cancel()

    async def cancel_all(self, patience_s: float = 0) -> None:
        """Cancel what runs, except the caller, and wait until all of it has ended. What is to be
        finished has ``patience_s`` for it."""
        others = [task for task in self._running.values() if task is not asyncio.current_task()]
        finishing = self._to_finish.intersection(others) if patience_s else set()
        for task in others:
            if task not in finishing:
                task.cancel()
        if finishing:
            _, late = await asyncio.wait(finishing, timeout=patience_s)
            for task in late:
                log.error("Task %s was not finished within %.0f s", task.get_name(), patience_s)
                task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.pop(task.get_name(), None)
        self._to_finish.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("Task %s failed", task.get_name(), exc_info=error)
            self._show_error(task.get_name(), error)


class ErrorNets:
    """Catches what would otherwise vanish: slots, threads, destructors, the loop itself."""

    def __init__(self, show_error: ShowError) -> None:
        self._show_error = show_error
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        sys.excepthook = self._uncaught
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._unraisable
        loop.set_exception_handler(self._in_loop)

    def remove(self) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        log.error("Unexpected error", exc_info=(kind, error, trace))
        self._show_error("window", error)

    def _in_thread(self, failure: threading.ExceptHookArgs) -> None:
        name = failure.thread.name if failure.thread is not None else "thread"
        log.error("Thread %s failed", name, exc_info=failure.exc_value)

    def _unraisable(self, failure: sys.UnraisableHookArgs) -> None:
        log.error("Error in %r: %s", failure.object, failure.err_msg, exc_info=failure.exc_value)

    def _in_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("Event loop: %s", context.get("message", "unexpected error"), exc_info=error)
        if error is not None:
            self._show_error("loop", error)
