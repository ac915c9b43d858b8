"""A thread in which all sockets live, with a plain loop of its own: they behave there as their
library was tested. What comes out are columns, now and then.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

from engine.errors import ExchangeUnavailable
from engine.language import tr

logger = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE_S: Final = 3.0
"""For what still runs when the program ends."""


class Network:
    """Starts with the first call; `close` ends what runs in it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lost: list[Callable[[], None]] = []
        self._closed = False

    def when_lost(self, tell: Callable[[], None]) -> None:
        """`tell` is called in the thread when some socket receives no more."""
        self._lost.append(tell)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives or raises, awaited on the caller's loop. Cancelling the caller cancels
        the work. ExchangeUnavailable once it was closed."""
        if self._closed:
            work.close()
            raise ExchangeUnavailable(tr("The program ends, so no exchange is asked any more."))
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the thread."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            notice_lost_sockets(self._loop, self._lost)
            self._thread = threading.Thread(
                target=_live, args=(self._loop,), name="network", daemon=True
            )
            self._thread.start()
        return self._loop

    async def close(self) -> None:
        """End everything in it, and the thread; it does not start again."""
        self._closed = True
        if self._loop is None or self._thread is None:
            return
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(end_all(), loop))
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join, _PATIENCE_S)


def notice_lost_sockets(
    loop: asyncio.AbstractEventLoop, lost: Sequence[Callable[[], None]]
) -> None:
    """Call all of `lost` when a message could not be read: ccxt's receive loop of some socket then
    ends without a word, while the socket still calls itself connected."""

    def mishap(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "receive_loop" not in str(context.get("handle", "")):
            loop.default_exception_handler(context)
            return
        logger.info("A message of an exchange could not be read: %r", context.get("exception"))
        for tell in lost:
            tell()

    loop.set_exception_handler(mishap)


def _live(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def end_all() -> None:
    """Cancel every task but this one, and wait a little for them."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=_PATIENCE_S)
