"""The process of the sockets: it answers questions and passes on what streams hear.

It ends with the pipe: when the engine's process is gone, however it went, nothing stays behind.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import traceback
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any, Final

from engine.errors import Fault
from engine.markets.exchange.ccxt_client import Clocks, Wire, exchange_names
from engine.markets.exchange.hearing import Heard, Pace
from engine.markets.exchange.line import followed
from engine.markets.exchange.network import end_all, notice_lost_sockets
from engine.markets.exchange.stream import Stream
from engine.messages.redaction import hide_address
from engine.runtime.clock import WallClock
from engine.runtime.logs import ProgramLog
from engine.runtime.private_files import keep_private
from engine.runtime.sources.apart.messages import Answer, Ask, Drop, Follow, Parcel, Setup

POST_AFTER_S: Final = 0.005
"""What comes up meanwhile goes into one parcel."""
_NICENESS: Final = 10
"""The window goes first where both want the processor; prices wait some milliseconds then."""


def serve(pipe: Pipe, setup: Setup) -> None:
    """The process's whole life."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is told to all; the engine ends this
    keep_private()
    ProgramLog()
    hide_address(setup.connection.proxy)
    asyncio.run(Desk(pipe, setup).run())


class Desk:
    """Runs on the process's loop; a thread waits for what is asked."""

    def __init__(self, pipe: Pipe, setup: Setup) -> None:
        self._pipe, self._setup = pipe, setup
        self._clock = WallClock()
        # Jitter decides nothing: it keeps many programs from coming back at one moment.
        pace = Pace(self._clock.now_ms, self._clock.monotonic, random.random)
        self._pace = setup.pace(pace) if setup.pace is not None else pace
        self._wires: dict[str, Wire] = {}
        self._running: dict[int, asyncio.Task[Any]] = {}
        self._parcel = Parcel()
        self._posting: asyncio.TimerHandle | None = None
        self._skews: dict[str, int | None] = {}

    async def run(self) -> None:
        """Until the pipe ends."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        notice_lost_sockets(loop, [self._lost])
        listening = threading.Thread(
            target=self._listen, args=(loop, over), name="questions", daemon=True
        )
        listening.start()
        await over.wait()
        await end_all()  # else a stream would open again what is closed
        for wire in self._wires.values():
            await wire.close()

    def _listen(self, loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
        while True:
            try:
                asked = self._pipe.recv()
            except (EOFError, OSError):
                asked = None
            if asked is None:
                loop.call_soon_threadsafe(over.set)
                return
            loop.call_soon_threadsafe(self._take, asked)

    def _lost(self) -> None:
        for wire in self._wires.values():
            wire.lost()

    def _take(self, asked: Ask | Follow | Drop) -> None:
        if isinstance(asked, Drop):
            task = self._running.pop(asked.number, None)
            if task is not None:
                task.cancel()
            return
        loop = asyncio.get_running_loop()
        if isinstance(asked, Ask):
            task = loop.create_task(self._found(asked))
            task.add_done_callback(partial(self._answered, asked.number))
        else:
            task = loop.create_task(self._follow(asked))
        self._running[asked.number] = task
        task.add_done_callback(lambda _: self._running.pop(asked.number, None))

    def _wire(self, name: str) -> Wire:
        if name not in self._wires:
            clocks = Clocks(self._clock.now_ms, self._clock.monotonic)
            self._wires[name] = Wire(
                name,
                self._setup.connection,
                clocks,
                self._setup.redirect,
                linger_s=self._pace.linger_s,
            )
        return self._wires[name]

    def _answered(self, number: int, asked: asyncio.Task[Any]) -> None:
        if asked.cancelled():
            return
        error = asked.exception()
        if error is None:
            answer = Answer(number, value=asked.result())
        elif isinstance(error, Fault):
            answer = Answer(number, fault=error)
        else:
            answer = Answer(number, mistake="".join(traceback.format_exception(error)))
        self._parcel.answers.append(answer)
        self._post_soon()

    async def _found(self, asked: Ask) -> Any:
        if not asked.exchange:
            return await asyncio.to_thread(exchange_names)
        return await getattr(self._wire(asked.exchange), asked.question)(*asked.arguments)

    async def _follow(self, wanted: Follow) -> None:
        def post(heard: Heard) -> None:
            self._parcel.heard.append((wanted.number, heard))
            self._post_soon()

        wire = self._wire(wanted.exchange)
        stream = Stream(
            wire, wanted.symbol, wanted.timeframe_ms, post, self._pace, quotes=wanted.quotes
        )
        await followed(stream, wire, post)

    def _post_soon(self) -> None:
        if self._posting is None:
            loop = asyncio.get_running_loop()
            self._posting = loop.call_later(POST_AFTER_S, self._post)

    def _post(self) -> None:
        self._posting = None
        parcel, self._parcel = self._parcel, Parcel()
        skews = {name: wire.skew_ms for name, wire in self._wires.items()}
        if skews != self._skews:
            self._skews = parcel.skews = skews
        try:
            self._pipe.send(parcel)
        except OSError:
            return  # the engine has gone; the thread that listens learns of it, too
