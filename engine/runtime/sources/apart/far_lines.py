"""Lines whose sockets live in a process of their own.

Should that process end by itself, its questions fail as those of a broken network do, streams are
told that they broke, and it is started again.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import Any, Final

from engine.errors import ExchangeUnavailable
from engine.language import tr
from engine.markets.exchange.hearing import Heard, State
from engine.markets.exchange.line import Post, Question, Stop
from engine.runtime.sources.apart.desk import serve
from engine.runtime.sources.apart.messages import Answer, Ask, Drop, Follow, Parcel, Setup

logger = logging.getLogger(__name__)

_PATIENCE_S: Final = 0.8
"""For the process to close its sockets when the program ends: nothing is lost with it."""
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 30.0
_GONE: Final = tr(
    "The part of the program that speaks to exchanges ended unexpectedly. It is started again."
)


class FarLine:
    """One exchange's line through the pipe."""

    def __init__(self, name: str, lines: FarLines) -> None:
        self.name, self._lines = name, lines

    @property
    def skew_ms(self) -> int | None:
        return self._lines.skews.get(self.name)

    async def ask(self, question: Question, *arguments: Any) -> Any:
        return await self._lines.ask(self.name, question, arguments)

    def follow(self, symbol: str, timeframe_ms: int, post: Post, *, quotes: bool) -> Stop:
        return self._lines.follow(self.name, symbol, timeframe_ms, post, quotes)


class FarLines:
    """The process, from the engine's loop."""

    def __init__(self, setup: Setup, now_ms: Callable[[], int]) -> None:
        self._setup, self._now_ms = setup, now_ms
        self.skews: dict[str, int | None] = {}
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[Ask, asyncio.Future[Any]]] = {}
        self._followed: dict[int, tuple[Follow, Post]] = {}
        self._far: _Process | None = None
        self._deaths = 0
        self._again: asyncio.TimerHandle | None = None
        self._closed = False

    def line(self, name: str) -> FarLine:
        return FarLine(name, self)

    async def names(self) -> tuple[str, ...]:
        found: tuple[str, ...] = await self.ask("", "names", ())
        return found

    async def ask(self, exchange: str, question: str, arguments: tuple[Any, ...]) -> Any:
        """The answer, or its Fault; cancelling the caller cancels the question."""
        if self._closed:
            raise ExchangeUnavailable(tr("The program ends, so no exchange is asked any more."))
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = (Ask(number, exchange, question, arguments), answer)
        try:
            self._send(self._waiting[number][0])
            return await answer
        except asyncio.CancelledError:
            self._drop(number)
            raise
        finally:
            self._waiting.pop(number, None)

    def follow(
        self, exchange: str, symbol: str, timeframe_ms: int, post: Post, quotes: bool
    ) -> Stop:
        """Hear a stream until what is returned is called."""
        wanted = Follow(next(self._numbers), exchange, symbol, timeframe_ms, quotes)
        self._followed[wanted.number] = (wanted, post)
        self._send(wanted)

        def stop() -> None:
            if self._followed.pop(wanted.number, None) is not None:
                self._drop(wanted.number)

        return stop

    async def close(self) -> None:
        """Let the process close its sockets and end; it does not start again."""
        self._closed = True
        if self._again is not None:
            self._again.cancel()
        self._followed.clear()
        far, self._far = self._far, None
        if far is not None:
            await asyncio.to_thread(far.end)
        self._fail_all(
            ExchangeUnavailable(tr("The program ends, so the answer was not waited for."))
        )

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now."""
        return self._far.process_id if self._far is not None else None

    def _send(self, asked: Ask | Follow) -> None:
        if self._far is None:
            self._start()
        else:
            self._far.send(asked)

    def _drop(self, number: int) -> None:
        if self._far is not None:
            self._far.send(Drop(number))

    def _start(self) -> None:
        """A process, and everything that is wanted of it."""
        loop = asyncio.get_running_loop()

        def take(far: _Process, parcel: Parcel | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._take, far, parcel)

        self._far = far = _Process(self._setup, take)
        for wanted, _ in self._followed.values():
            far.send(wanted)
        for asked, _ in self._waiting.values():
            far.send(asked)

    def _take(self, far: _Process, parcel: Parcel | None) -> None:
        if far is not self._far:
            return
        if parcel is None:
            self._died()
            return
        self._deaths = 0
        self.skews.update(parcel.skews)
        for answer in parcel.answers:
            self._give(answer)
        for number, heard in parcel.heard:
            if number in self._followed:
                self._followed[number][1](heard)

    def _give(self, answer: Answer) -> None:
        _, waiting = self._waiting.get(answer.number, (None, None))
        if waiting is None or waiting.done():
            return
        if answer.mistake:
            waiting.set_exception(RuntimeError(answer.mistake))
        elif answer.fault is not None:
            waiting.set_exception(answer.fault)
        else:
            waiting.set_result(answer.value)

    def _died(self) -> None:
        self._far = None
        self._deaths += 1
        wait_s = min(_FIRST_WAIT_S * 2.0 ** (self._deaths - 1), _LONGEST_WAIT_S)
        logger.warning("%s", _GONE)
        self._fail_all(ExchangeUnavailable(_GONE))
        for _, post in list(self._followed.values()):
            post(Heard(self._now_ms(), state=State.BROKEN, words=_GONE))
        if self._followed:
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(wait_s, self._revive)

    def _revive(self) -> None:
        if self._far is None and not self._closed:
            self._start()

    def _fail_all(self, fault: ExchangeUnavailable) -> None:
        for _, waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(fault)


class _Process:
    """One life of the process. Two threads speak for it: starting one, a full pipe, and reading
    never hold the engine's loop."""

    def __init__(self, setup: Setup, take: Callable[[_Process, Parcel | None], None]) -> None:
        """`take` is called in a thread with what comes, with None when the process is gone."""
        self._setup, self._take = setup, take
        self._asked: SimpleQueue[Ask | Follow | Drop | None] = SimpleQueue()
        self._process: SpawnProcess | None = None
        self._writing = threading.Thread(target=self._write, name="to-sockets", daemon=True)
        self._writing.start()

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def send(self, asked: Ask | Follow | Drop) -> None:
        self._asked.put(asked)

    def end(self) -> None:
        """Let it close its sockets and end; blocks for a few seconds at most."""
        self._asked.put(None)
        self._writing.join()

    def _write(self) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(
            target=serve, args=(there, self._setup), name="sockets", daemon=True
        )
        try:
            process.start()
        except OSError as error:
            logger.error("No process for the sockets could be started: %s", error)
            self._take(self, None)
            return
        self._process = process
        there.close()
        reading = threading.Thread(
            target=self._read, args=(here, process), name="of-sockets", daemon=True
        )
        reading.start()
        with suppress(OSError):  # it died; who reads has told so
            while (asked := self._asked.get()) is not None:
                here.send(asked)
            here.send(None)
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
        reading.join()
        here.close()
        process.join()

    def _read(self, pipe: Pipe, process: SpawnProcess) -> None:
        while True:
            try:
                parcel: Parcel = pipe.recv()
            except (EOFError, OSError):
                break
            self._take(self, parcel)
        process.join(_PATIENCE_S)
        self._asked.put(None)
        self._take(self, None)
