"""A loopback exchange for a test that has a loop of another kind, or none."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from tests.exchange.server import PATIENCE_S, LoopbackExchange, Plan

Result = TypeVar("Result")


class ExchangeThread:
    """A loopback exchange with a loop of its own in a thread of its own."""

    def __init__(self, plan: Plan) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback exchange")
        self._plan = plan
        self.exchange: LoopbackExchange
        """There from `start` on."""

    def do(self, action: Callable[[], Result]) -> Result:
        """In its loop, and wait for it: ``thread.do(lambda: exchange.trade(...))``"""

        async def acted() -> Result:
            return action()

        return self.wait(acted())

    def wait(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """For a coroutine in its loop: ``thread.wait(exchange.until_listens(...))``"""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(2 * PATIENCE_S)

    def start(self) -> None:
        self._thread.start()
        self.exchange = self.do(lambda: LoopbackExchange(self._plan))
        self.wait(self.exchange.start())

    def stop(self) -> None:
        self.wait(self.exchange.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextlib.contextmanager
def in_thread(plan: Plan | None = None) -> Iterator[ExchangeThread]:
    thread = ExchangeThread(plan or Plan())
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()
