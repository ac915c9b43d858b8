"""A day of the simulated world: the engine itself, a dozen bots, and everything that goes wrong.

`play(seed)` gives the same course for the same seed. It raises BrokenError when an invariant does
not hold.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

from engine.core import layout as slot
from engine.domain.candles import MINUTE_MS
from engine.errors import AskPerson, Fault, WaitAndRetry
from engine.messages import commands as cm
from engine.messages.fold import fold
from engine.runtime.engine import Engine
from engine.store.opening import FILE_NAME
from tests.made_once import fresh_database
from tests.simulation import disk as disks
from tests.simulation import opinions, person, prices
from tests.simulation.clock import SimulatedClock
from tests.simulation.exchange import MOODS, ExchangeClock, Place
from tests.simulation.ledger import BrokenError
from tests.simulation.loop import SimulatedLoop
from tests.simulation.promised import STOPS, Promises, about
from tests.simulation.stored import Remembered, check_file, check_rules, hash_of, tally
from tests.simulation.watching import AccountLimits, Watcher, check_account, check_start

MIDNIGHT: Final = 1_700_092_800_000
"""UTC. The bots on files come to it after three hours of theirs, at about the same moment as those
on the exchange, and so also where only the first hours of a day are played."""
BEGAN_AT: Final = MIDNIGHT - 4 * MINUTE_MS
CANDLES: Final = 1_440
LENGTH_S: Final = CANDLES * MINUTE_MS / 1000 / person.FILE_SPEED
"""Loop time of a day: that of the bots on files, whose candles are played that much faster."""
EXCHANGE_PACE: Final = 40
CHECK_S: Final = LENGTH_S / 8
"""Between two looks into the file, besides those at restarts."""
_BETWEEN_S: Final = 0.4
"""Between two things that happen, on average."""
_SYMBOLS: Final = ("ADA/USDT", "DOT/USDT")
_LONGEST_SLEEP_MS: Final = 2 * 3_600_000
_MEMORY: Final = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Course:
    """How a day went."""

    seed: int
    hash: str
    counts: Counter[str]


class Day:
    """One seed's. Everything drawn comes from `chance`."""

    def __init__(self, seed: int, folder: Path, loop: SimulatedLoop, chance: Random) -> None:
        self.seed, self._loop, self._chance = seed, loop, chance
        self._folder = folder / "life-0"
        self._root = folder
        self.counts: Counter[str] = Counter()
        self.disk = disks.Disk()
        self._remembered, self._promises = Remembered(), Promises()
        self._clock = SimulatedClock(loop, BEGAN_AT)
        began_at = BEGAN_AT - 4 * 3_600_000
        until_at = BEGAN_AT + int(LENGTH_S * EXCHANGE_PACE * 1000) + 8 * _LONGEST_SLEEP_MS
        exchange_clock = ExchangeClock(loop, BEGAN_AT, EXCHANGE_PACE)
        markets = {one: prices.traded_market(one, seed, began_at, until_at) for one in _SYMBOLS}
        self._place = Place(exchange_clock, Random(chance.random()), markets)
        self._choices = person.Choices(self._files(), _SYMBOLS, generated=seed % 4 == 0)
        self._engine: Engine
        self._watcher: Watcher
        self._limits: AccountLimits
        self._wishes: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None
        self._lives = 0

    def _files(self) -> tuple[tuple[Path, int], ...]:
        begin_at = MIDNIGHT - 3 * 3_600_000
        made = []
        for number, minutes in enumerate((5, 5, 15, 15)):
            timeframe_ms = minutes * MINUTE_MS
            path = self._root / f"candles-{number}.csv"
            count = CANDLES * MINUTE_MS // timeframe_ms
            seed = 10 * self.seed + number
            prices.write_candles(path, seed, begin_at, count, timeframe_ms)
            made.append((path, timeframe_ms))
        return tuple(made)

    async def play(self, hours: float) -> Course:
        self._loop.set_exception_handler(self._unhandled)
        await self._open()
        if self._choices.generated:
            self._wish(cm.SetSpeed(600))
        for settings in person.first_bots(self._chance, self._choices):
            self._wish(cm.CreateBot(settings, start=True))
        checked_s = 0.0
        while (now_s := self._loop.time()) < LENGTH_S * hours / 24:
            await asyncio.sleep(self._chance.expovariate(1 / _BETWEEN_S))
            await self._something()
            if now_s - checked_s > CHECK_S:
                checked_s = now_s
                self._check()
            self._raise_broken()
        await self._end()
        self.counts.update(tally(self._folder))
        return Course(self.seed, hash_of(self._folder), self.counts)

    async def leave(self) -> None:
        """Let go of the file, also when the day broke off."""
        await self._engine.close()

    async def _something(self) -> None:
        happens = self._chance.choices(list(_HAPPENS), list(_HAPPENS.values()))[0]
        await happens(self)

    async def _person(self) -> None:
        wish = person.wish(self._chance, self._engine.snapshot(), self._choices)
        if wish is not None:
            self._wish(wish)

    async def _look_back(self) -> None:
        """A person looks at the history while the bots go on."""
        try:
            records = await self._engine.sessions()
            if records:
                await self._engine.review(self._chance.choice(records).id)
        except (AskPerson, WaitAndRetry) as fault:
            self.counts[f"refused {type(fault).__name__}"] += 1

    async def _disk_breaks(self) -> None:
        fault = self._chance.choice(disks.FAULTS)
        self.disk.breaks(fault, self._folder)
        self.counts[f"disk {fault}"] += 1
        self._loop.call_later(self._chance.expovariate(1 / 3), self.disk.heals)

    async def _exchange_mood(self) -> None:
        self._place.mood = self._chance.choice(MOODS)
        self.counts[f"exchange {self._place.mood}"] += 1
        self._loop.call_later(self._chance.expovariate(1 / 4), self._exchange_well)

    def _exchange_well(self) -> None:
        self._place.mood = ""

    async def _clock_is_set(self) -> None:
        by_ms = self._chance.choice((-1, 1)) * int(self._chance.expovariate(1 / 3_600_000))
        self._clock.began_at += by_ms
        self._place.clock.wrong_ms += by_ms
        self.counts["clock set"] += 1

    async def _sleep(self) -> None:
        by_ms = self._chance.randint(10_000, _LONGEST_SLEEP_MS // 4)
        self._clock.began_at += by_ms
        self._place.clock.slept_ms += by_ms
        self.counts["machine slept"] += 1

    async def _close_and_open(self) -> None:
        self.counts["restart"] += 1
        if self._chance.random() < 0.3:
            await self._disk_breaks()
        await self._close()
        self._check_file()
        await self._open()

    async def _kill(self) -> None:
        """What is on the disk at this moment is all that is left."""
        self.counts["kill"] += 1
        self._lives += 1
        killed, self._folder = self._folder, self._root / f"life-{self._lives}"
        shutil.copytree(killed, self._folder, ignore=shutil.ignore_patterns("*-shm"))
        shown = dict(self._remembered.shown)
        # It lives on elsewhere until it is out of memory; nothing of that reaches the copy.
        await self._close()
        self._remembered.shown = shown
        shutil.rmtree(killed)
        await self._open()

    async def _open(self) -> None:
        self.disk.heals()
        if not self._folder.exists():
            self._folder.mkdir()
            (self._folder / FILE_NAME).write_bytes(fresh_database())
        self._engine = engine = await Engine.open(
            self._folder, clock=self._clock, exchanges=self._place.exchanges()
        )
        self._watcher = Watcher(engine.snapshot, self._remembered)
        self._limits = AccountLimits()
        engine.subscribe(self._look)
        self._look()
        self._check_file()

    async def _close(self) -> None:
        before = self._loop.time()
        check_start(self._engine.snapshot())
        await self._engine.close()
        self.disk.heals()
        if self._wishes:
            await asyncio.wait(self._wishes)
        self.counts["looks"] += self._watcher.looks
        took_s = self._loop.time() - before
        if took_s > 3.0:
            raise BrokenError(f"The program ends within 3 s; it took {took_s:.1f} s")
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            names = sorted(task.get_name() for task in others)
            raise BrokenError(f"Nothing goes on after the end; these tasks do: {names}")
        self._raise_broken()

    async def _end(self) -> None:
        self.disk.heals()
        self._exchange_well()
        await asyncio.sleep(5)
        status = self._engine.snapshot().status
        if status.vitals().store_words != "ok":
            raise BrokenError(f"The disk is well for 5 s, but: {status.vitals().store_words}")
        self._check()
        await self._close()
        self._check_file()
        check_rules(self._folder)

    def _wish(self, wish: cm.Command) -> None:
        task = asyncio.get_running_loop().create_task(self._carry_out(wish))
        self._wishes.add(task)
        task.add_done_callback(self._wishes.discard)

    async def _carry_out(self, wish: cm.Command) -> None:
        name = type(wish).__name__
        if isinstance(wish, cm.ResetAccount):
            self._remembered.resets.add(max(self._remembered.shown, default=0))
        seen = self._promises.begun(name, about(wish, self._engine.snapshot()))
        try:
            answer = await self._engine.execute(wish)
        except (AskPerson, WaitAndRetry) as fault:
            self.counts[f"refused {type(fault).__name__}"] += 1
        except asyncio.CancelledError:
            self.counts["cancelled"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the day's failure
            self._broken = error
        else:
            later = isinstance(answer, cm.NotWritten)
            self.counts["answered before it is written" if later else name] += 1
            if not later:
                self._promises.answered(name, seen)
                self._keeps_word(name)

    def _keeps_word(self, wish: str) -> None:
        """At the moment of the answer, and not a moment later."""
        if wish in STOPS:
            try:
                self._promises.check_stopped(self._folder)
            except BrokenError as broken:
                self._broken = self._broken or broken

    def _look(self) -> None:
        try:
            self._watcher.look()
            bots = self._engine._bots
            running = ((bot.record.id, bot.live) for bot in bots.all())
            self._limits.look(
                bots._books(),
                [
                    one
                    for one, live in running
                    if live and live.session.decider.state[slot.PENDING_ENTER]
                ],
            )
        except BrokenError as broken:
            self._broken = self._broken or broken

    def _check(self) -> None:
        """Now and then: what is shown is what is stored."""
        now = self._engine.snapshot()
        held = now.status.vitals().store_words != "ok"
        stored = {session.id: session for session in self._check_file()}
        check_account(now)
        check_start(now)
        for bot in now.bots:
            shown = bot.session
            if bot.session_id is None or not len(shown.log):
                continue
            session = stored[bot.session_id]
            if held and len(session.log) < len(shown.log):
                continue  # held until the disk is well
            again = fold(session.events, len(shown.log))
            parts = [name for name in _PARTS if getattr(again, name) != getattr(shown, name)]
            same = np.array_equal(again.trades.rows, shown.trades.rows)
            if parts or not same:
                raise BrokenError(
                    f"{bot.settings.name}: the fold of the stored events is what is shown, but "
                    f"{parts or 'trades'} differ in session {bot.session_id}"
                )

    def _check_file(self) -> list[Any]:
        sessions = check_file(self._folder, self._remembered)
        self._promises.check(self._folder, sessions)
        return sessions

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._broken = self._broken or BrokenError(f"{context['message']}: {error!r}")

    def _raise_broken(self) -> None:
        if self._broken is not None:
            raise self._broken


_PARTS: Final = (
    *("cash", "position", "entry", "stop", "target", "stop_by", "cost", "collateral", "trade"),
    *("opened_at", "fills", "realised", "fees", "wins", "day", "realised_that_day", "signals"),
    *("entries_that_day", "refusals", "paused", "stale_ms", "ended", "last_at"),
)
_HAPPENS: Final = {
    Day._person: 100,
    Day._look_back: 3,
    Day._disk_breaks: 4,
    Day._exchange_mood: 8,
    Day._clock_is_set: 3,
    Day._sleep: 2,
    Day._close_and_open: 2,
    Day._kill: 3,
}


class _Mistakes(logging.Handler):
    """Mistakes of the program that it has caught and logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first: logging.LogRecord | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and self.first is None:
            self.first = record


@contextmanager
def _mistakes_found() -> Iterator[None]:
    found, root = _Mistakes(), logging.getLogger()
    root.addHandler(found)
    try:
        yield
    finally:
        root.removeHandler(found)
    if found.first is not None:
        words = logging.Formatter().format(found.first)
        raise BrokenError(f"The program makes no mistakes, but it logged: {words}")


def play(seed: int, hours: float = 24.0) -> Course:
    """One day, or its first hours; raises BrokenError, or whatever else went wrong."""
    chance = Random(f"day {seed}")
    loop = SimulatedLoop(Random(chance.random()))
    where = _MEMORY if _MEMORY.is_dir() else None
    with (
        tempfile.TemporaryDirectory(dir=where, prefix="day-") as folder,
        opinions.known(),
        _mistakes_found(),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        day = Day(seed, Path(folder), loop, chance)
        with day.disk.at_work():
            try:
                return runner.run(day.play(hours))
            finally:
                runner.run(day.leave())


def words_of(error: BaseException) -> str:
    """The invariant in words, or what else happened."""
    if isinstance(error, Fault):
        return f"a command raised {type(error).__name__}: {error.words} {error.details}"
    return str(error) if isinstance(error, BrokenError) else repr(error)
