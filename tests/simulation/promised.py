"""What a person was answered about bots that ran, and what the file owes him for it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from engine.domain.bots import BotState
from engine.domain.reasons import Input
from engine.domain.sessions import SessionStatus
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.store.opening import FILE_NAME
from tests.simulation.ledger import BrokenError
from tests.simulation.stored import StoredSession

Seen = Mapping[int, int]
_STARTS: Final = frozenset(
    ("StartBot", "ResumeBots", "ClosePosition", "CloseAndStop", "PanicClose")
)
"""After these a bot may run, perhaps only to close what it holds."""
STOPS: Final = frozenset(("StopBot", "StopAll", "LeaveStopped"))
_CLOSES: Final = frozenset(("CloseAndStop", "PanicClose"))
_RECORDED: Final = {
    "PauseEntries": Input.PAUSE_ENTRIES,
    "ResumeEntries": Input.RESUME_ENTRIES,
    "MoveStop": Input.MOVE_STOP,
    "MoveTarget": Input.MOVE_TARGET,
}
_GOES_ON: Final = (SessionStatus.RUNNING.value, SessionStatus.INTERRUPTED.value)
_WANTED: Final = f"""
    SELECT bot_id, first_command FROM bot_states
    WHERE state IN ('{BotState.RUNNING.value}', '{BotState.PENDING.value}')
    OR bot_id IN (SELECT bot_id FROM sessions WHERE status IN {_GOES_ON})
"""


def about(wish: cm.Command, now: AppSnapshot) -> list[int]:
    """The bots that a command is about."""
    match wish:
        case cm.StopAll():
            return [bot.bot_id for bot in now.bots if _runs(bot)]
        case cm.PanicClose():
            return [bot.bot_id for bot in now.bots if _runs(bot) or bot.session.position]
        case cm.ResumeBots() | cm.LeaveStopped():
            return list(wish.bot_ids)
        case cm.PauseEntries() | cm.ResumeEntries():
            # Before the first price the last of them is kept, and has no place in a log.
            bot = now.bot(wish.bot_id)
            return [wish.bot_id] if bot and bot.state is BotState.RUNNING else []
    bot = getattr(wish, "bot_id", None)
    return [] if bot is None else [bot]


def _runs(bot: BotSnapshot) -> bool:
    waits = bot.error is not None and bot.error.retry is not None
    return waits or bot.state in (BotState.RUNNING, BotState.PENDING)


class Promises:
    """Across the lives of one data folder; only what was answered with nothing was promised."""

    def __init__(self) -> None:
        self._stopped: set[int] = set()
        self._closing: set[int] = set()
        self._recorded: Counter[tuple[int, Input]] = Counter()
        self._started: Counter[int] = Counter()

    def begun(self, wish: str, bots: Iterable[int]) -> Seen:
        """Asked for: from here on it may have happened or not. What `answered` wants to have."""
        for bot in bots:
            if wish in _STARTS:
                self._started[bot] += 1
            if wish in _STARTS or wish == "DeleteBot":
                self._stopped.discard(bot)
                self._closing.discard(bot)
            if wish == "DeleteBot":
                for code in _RECORDED.values():
                    self._recorded.pop((bot, code), None)
        return {bot: self._started[bot] for bot in bots}

    def answered(self, wish: str, seen: Seen) -> None:
        """With nothing: it is on disk."""
        for bot, started in seen.items():
            if wish in _RECORDED:
                self._recorded[bot, _RECORDED[wish]] += 1
            if self._started[bot] != started:
                continue  # somebody asked for the contrary meanwhile
            if wish in STOPS:
                self._stopped.add(bot)
            if wish in _CLOSES:
                self._closing.add(bot)

    def check_stopped(self, folder: Path) -> dict[int, int | None]:
        """Of those who go on by what is stored, the first command that is kept for them. Raises
        BrokenError if one of them was answered to be stopped."""
        with closing(sqlite3.connect(folder / FILE_NAME)) as db:
            wanted = dict(db.execute(_WANTED).fetchall())
        awake = self._stopped & set(wanted)
        _hold(not awake, f"bots that were answered to be stopped go on: {sorted(awake)}")
        return wanted

    def check(self, folder: Path, sessions: Iterable[StoredSession]) -> None:
        """Raises BrokenError with what was promised and is not there."""
        wanted = self.check_stopped(folder)
        heard: set[int] = set()
        commanded: Counter[tuple[int, int]] = Counter()
        for session in sessions:
            codes = _codes(session)
            commanded.update((session.bot_id, code) for code in codes)
            if session.status in _GOES_ON and Input.CLOSE_AND_STOP in codes:
                heard.add(session.bot_id)
        kept = {bot for bot, first in wanted.items() if first == Input.CLOSE_AND_STOP}
        lost = (self._closing & set(wanted)) - heard - kept
        _hold(not lost, f"bots go on, and nothing knows that they were to close: {sorted(lost)}")
        for (bot, code), count in self._recorded.items():
            there = commanded[bot, code]
            words = f"{code.name} of bot {bot} was answered {count} times, stored {there} times"
            _hold(there >= count, words)


def _codes(session: StoredSession) -> list[int]:
    log = session.log
    codes: list[int] = log[log[:, ev.KIND] == EventKind.COMMANDED, ev.CODE].tolist()
    return codes


def _hold(holds: bool, words: str) -> None:
    if not holds:
        raise BrokenError(words)
