"""Kill, restart, look: a data folder lives through kills at drawn moments.

The seed draws what is wished and when the end comes; the machine's own speed has a part in what
the program is doing then, so a seed is a neighbourhood, not a course.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Timer
from types import TracebackType
from typing import Any, Final, Self

from tests.kill.life import CONSOLE, PERSON, PERSON_AND_MARKET, Life, write_candles
from tests.kill.told import Told
from tests.simulation.ledger import BrokenError

A_FOLDER: Final = 10
"""Kills of one data folder; then a new one begins, with the next seed."""
_ROOT: Final = Path(__file__).parents[2]
_MOST_EVENTS: Final = 6.0
_MOST_STATEMENTS: Final = 10.0
"""As powers of two: early moments are drawn as often as late ones."""
_LATEST_S: Final = 1.5
_PATIENCE_S: Final = 3.0
"""For a moment that does not come, because no bot runs any more, say."""


class Program:
    """Where lives come from; the process ends with the `with`."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.kill.program"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
        )
        assert "ready" in json.loads(self._line())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.stdout.close()
        self._process.wait()

    def live(
        self, life: Life, after_s: float, events: int, signalled: int = signal.SIGKILL
    ) -> Iterator[dict[str, Any]]:
        """What a life says, the last being its end. After so many events (0: any number), or so
        much time, it gets the signal; what the pipe still holds then was acknowledged as well."""
        assert self._process.stdin is not None
        print(json.dumps(asdict(life)), file=self._process.stdin, flush=True)
        pid = json.loads(self._line())["pid"]

        def end(signalled: int) -> None:
            with suppress(ProcessLookupError):
                os.kill(pid, signalled)

        timer = Timer(after_s, end, [signalled])
        timer.start()
        said: dict[str, Any] = {}
        try:
            while "ended" not in said:
                said = self._said()
                events -= "seq" in said
                if "seq" in said and not events:
                    end(signalled)
                yield said
        finally:
            timer.cancel()
            timer.join()
            while "ended" not in said:  # nobody listens any more
                end(signal.SIGKILL)
                said = self._said()

    def _said(self) -> dict[str, Any]:
        """The next line that is whole: the last one of a life may be cut short."""
        while True:
            with suppress(json.JSONDecodeError):
                said: dict[str, Any] = json.loads(self._line())
                return said

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BrokenError("the process that lives are forked from has ended")
        return line


def kill(program: Program, seed: int, kills: int = A_FOLDER) -> Counter[str]:
    """One data folder through so many kills, and an orderly end; what happened, counted. Raises
    BrokenError with what does not hold after which kill."""
    role = (CONSOLE, PERSON, PERSON_AND_MARKET)[seed % 3]
    counts: Counter[str] = Counter()
    with TemporaryDirectory(prefix="kills-") as where:
        folder, told = Path(where) / "data", Told()
        write_candles(folder)
        for number in range(kills + 1):
            chance = Random(f"{seed} {number}")
            moment = _moment(chance) if number < kills else {"after_s": 1.0, "orderly": 1}
            try:
                counts += _one(program, Life(str(folder), role, f"{seed} {number}"), moment, told)
            except BrokenError as broken:
                words = f"after kill {number} of seed {seed} ({role}, {moment}): {broken}"
                raise BrokenError(words) from broken
    return counts


def _moment(chance: Random) -> dict[str, float]:
    """When the end comes."""
    match chance.randrange(3):
        case 0:
            return {"events": int(2 ** chance.uniform(0, _MOST_EVENTS))}
        case 1:
            return {"after_s": round(chance.uniform(0, _LATEST_S), 3)}
        case _:
            return {"statement": int(2 ** chance.uniform(0, _MOST_STATEMENTS))}


def _one(program: Program, life: Life, moment: dict[str, float], told: Told) -> Counter[str]:
    """One life, its end, and a look at what it left."""
    counts: Counter[str] = Counter()
    orderly = "orderly" in moment
    statement = moment.get("statement")
    life = replace(life, dies_at=None if statement is None else int(statement))
    after_s, events = moment.get("after_s", _PATIENCE_S), int(moment.get("events", 0))
    signalled = signal.SIGTERM if orderly else signal.SIGKILL
    status = None
    for said in program.live(life, after_s, events, signalled):
        told.take(said)
        counts["events"] += "seq" in said
        status = said.get("ended")
        for name in ("refused", "answer"):
            counts[name] += name in said
    expected = 0 if orderly else -signal.SIGKILL
    if status != expected:
        raise BrokenError(f"it ends with {expected}; it ended with {status}")
    told.check(Path(life.folder))
    counts[f"by {next(iter(moment))}"] += 1
    return counts
