"""A life of the program: it opens its folder as always, goes on with its bots, is told by a person
what to do, and says each thing that it has acknowledged, until it is killed.

Either `trader-engine run` itself, or the engine with a person who wishes at random, as one does at
the window; some bots of the latter trade on the simulated market, which takes a second to be made.
What happened is said by the console's own `Telling`: one JSON line for each event that is stored.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import Engine as Database
from sqlalchemy import event

from engine.cli.main import main as console
from engine.cli.run import Telling
from engine.domain.candles import MINUTE_MS
from engine.errors import AskPerson, WaitAndRetry
from engine.messages import commands as cm
from engine.runtime.engine import Engine
from engine.store.exact_json import to_text
from tests.simulation import opinions, person, prices, promised

CONSOLE: Final = "console"
PERSON: Final = "person"
PERSON_AND_MARKET: Final = "person and simulated market"
LONGEST_S: Final = 30.0
"""A life that nobody ends."""
_BETWEEN_S: Final = 0.04
"""Between two wishes, on average."""
_CANDLES: Final = 10_000
_FILE_SPEED: Final = 6_000.0
_BEGAN_AT: Final = 1_700_006_400_000
_BOTS: Final = 3
"""Of each feed."""


@dataclass(frozen=True, slots=True)
class Life:
    """How one is to be led."""

    folder: str
    role: str
    """One of the three."""
    seed: str
    dies_at: int | None = None
    """It kills itself before the writer carries out this statement: in the middle of an action."""


def write_candles(folder: Path) -> None:
    """The files that the lives of this data folder trade on, beside it."""
    for timeframe_ms, path in _files(folder).items():
        count = _CANDLES * MINUTE_MS // timeframe_ms
        prices.write_candles(path, 1, _BEGAN_AT, count, timeframe_ms)


def _files(folder: Path) -> dict[int, Path]:
    """By timeframe."""
    return {minutes * MINUTE_MS: folder.with_name(f"candles-{minutes}.csv") for minutes in (1, 5)}


def lead(life: Life) -> int:
    """The exit status, if it comes to that."""
    say(pid=os.getpid())
    logging.getLogger().addHandler(_Mistakes())
    try:
        with opinions.known(), _dying(life.dies_at):
            if life.role == CONSOLE:
                return _console(life)
            asyncio.run(_Person(life).lead())
            return 0
    except BaseException:  # noqa: BLE001 - said to whoever looks for it
        say(mistake=traceback.format_exc())
        return 1


def say(**what: Any) -> None:
    """One line, in one piece."""
    os.write(1, (json.dumps(what) + "\n").encode())


def _console(life: Life) -> int:
    (candles, *_) = _files(Path(life.folder)).values()
    words = f"run --bots {_BOTS} --speed {_FILE_SPEED} --for {LONGEST_S} --json"
    return console([*words.split(), "--candles", str(candles), "--data-dir", life.folder])


class _Person:
    """At the engine, which goes on with its bots by itself."""

    def __init__(self, life: Life) -> None:
        self._folder, self._role, self._chance = Path(life.folder), life.role, Random(life.seed)
        files = tuple((path, ms) for ms, path in _files(self._folder).items())
        strategies = ("busy",) * 4 + ("failing", "nonsense", "ema_cross", "grid")
        self._choices = person.Choices(files, (), True, strategies, _FILE_SPEED)
        self._engine: Engine

    async def lead(self) -> None:
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        self._engine = engine = await Engine.open(self._folder)
        try:
            check = engine.snapshot().restart
            say(
                opened=[bot.bot_id for bot in engine.snapshot().bots],
                ran=[ran.bot_id for ran in check.ran],
                differences=[one.words for one in check.differences],
            )
            telling = Telling(engine, ended, as_json=True)
            engine.subscribe(telling.tell)
            await self._wish(cm.SetSpeed(600))
            await self._wish(cm.ResumeBots(tuple(ran.bot_id for ran in check.ran)))
            if not engine.snapshot().bots:
                await self._first_bots()
            wishing = asyncio.create_task(self._wishes())
            try:
                await asyncio.wait_for(ended.wait(), LONGEST_S)
            finally:
                wishing.cancel()
                await asyncio.wait([wishing])
        finally:
            await engine.close()

    async def _first_bots(self) -> None:
        makers = [person.file_bot] * _BOTS
        if self._role == PERSON_AND_MARKET:
            makers += [person.generated_bot] * _BOTS
        for number, make in enumerate(makers):
            settings = make(self._chance, self._choices, f"bot-{number}")
            await self._wish(cm.CreateBot(settings, start=True))

    async def _wishes(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / _BETWEEN_S))
            wish = person.wish(self._chance, self._engine.snapshot(), self._choices)
            if wish is not None and not isinstance(wish, cm.ResetAccount):
                await self._wish(wish)

    async def _wish(self, wish: cm.Command) -> None:
        about: dict[str, Any] = {"wish": type(wish).__name__, "bot": getattr(wish, "bot_id", None)}
        about["bots"] = promised.about(wish, self._engine.snapshot())
        if isinstance(wish, cm.CreateBot | cm.UpdateBot):
            about["settings"] = to_text(wish.settings)
        say(**about)
        try:
            answer = await self._engine.execute(wish)
        except (AskPerson, WaitAndRetry) as fault:
            say(refused=fault.words)
        else:
            if isinstance(answer, cm.NotWritten):
                say(later=answer.words)
            else:
                say(**about, answer=answer)


class _Mistakes(logging.Handler):
    """What the program caught and logged as its own mistake."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            say(mistake=logging.Formatter().format(record))


@contextmanager
def _dying(at: int | None) -> Iterator[None]:
    """Before statement `at` of the writer, if that is wished."""
    if at is None:
        yield
        return
    left = at

    def one_more(_statement: str) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def connected(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(one_more)

    event.listen(Database, "connect", connected)
    try:
        yield
    finally:
        event.remove(Database, "connect", connected)
