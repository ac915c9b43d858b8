"""What is being done in threads: a clock that jumps is not to run ahead of it.

A heartbeat always waits for its next second. Without this, hours would go by while a thread works
on one candle, and their beats would take the processor from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from aiosqlite import core

_waited_for: WeakKeyDictionary[asyncio.AbstractEventLoop, set[object]] = WeakKeyDictionary()


def goes_on() -> bool:
    """Whether anybody on this loop waits for a thread."""
    return bool(_of(asyncio.get_running_loop()))


def _of(loop: asyncio.AbstractEventLoop) -> set[object]:
    return _waited_for.setdefault(loop, set())


@cache
def watch() -> None:
    """From now on loops and connections to a database tell what they have done in threads."""
    run_in_executor = asyncio.BaseEventLoop.run_in_executor
    execute = core.Connection._execute

    def told(
        loop: asyncio.BaseEventLoop, executor: Any, work: Callable[..., Any], *arguments: Any
    ) -> asyncio.Future[Any]:
        answer = run_in_executor(loop, executor, work, *arguments)
        _of(loop).add(answer)
        answer.add_done_callback(_of(loop).discard)
        return answer

    async def told_by_database(*arguments: Any, **names: Any) -> Any:
        question, waited_for = object(), _of(asyncio.get_running_loop())
        waited_for.add(question)
        try:
            return await execute(*arguments, **names)
        finally:
            waited_for.discard(question)

    asyncio.BaseEventLoop.run_in_executor = told  # type: ignore[method-assign, assignment]
    core.Connection._execute = told_by_database  # type: ignore[method-assign]
