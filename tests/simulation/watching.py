"""Somebody who looks at every snapshot: what is shown must make sense at any moment."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

import numpy as np

from engine.domain.bots import BotState, FeedKind
from engine.domain.columns import IntMatrix
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.bots.desk import Books
from tests.simulation.ledger import BrokenError
from tests.simulation.stored import Remembered


class Watcher:
    """Looks after each change; what it has seen is remembered beyond the end of a program."""

    def __init__(self, snapshot: Callable[[], AppSnapshot], remembered: Remembered) -> None:
        self._snapshot, self._remembered = snapshot, remembered
        self._seen: dict[int, BotSnapshot] = {}
        self.looks = 0

    def look(self) -> None:
        """Raises BrokenError."""
        now = self._snapshot()
        self.looks += 1
        for bot in now.bots:
            before = self._seen.get(bot.bot_id)
            if bot is not before:
                self._seen[bot.bot_id] = bot
                self._look_at(bot, before)

    def _look_at(self, bot: BotSnapshot, before: BotSnapshot | None) -> None:
        session = bot.session
        guarded = bot.state is BotState.RUNNING
        _hold(bot, bot.unguarded == (session.position != 0 and not guarded), "UNGUARDED is told")
        _hold(bot, (bot.error is not None) == (bot.state is BotState.ERROR), "an error has words")
        if bot.session_id is not None and len(session.log):
            self._remember(bot, before)
        if guarded and session.position and bot.settings.feed.kind is not FeedKind.FILE:
            self._look_at_exits(bot)

    def _remember(self, bot: BotSnapshot, before: BotSnapshot | None) -> None:
        """Shown is acknowledged: it may never be another, nor fewer."""
        assert bot.session_id is not None
        rows: IntMatrix = bot.session.log.rows
        shown = self._remembered.shown.get(bot.session_id)
        if shown is not None:
            _hold(bot, len(rows) >= len(shown), "a log never gets shorter")
            tail = max(0, len(shown) - 3)
            same = np.array_equal(rows[tail : len(shown)], shown[tail:])
            _hold(bot, same, "what was shown in a log stays as it was")
        self._remembered.shown[bot.session_id] = rows

    def _look_at_exits(self, bot: BotSnapshot) -> None:
        """On ticks nothing is held beyond its stop or target after a price was taken."""
        session = bot.session
        if bot.price is None or bot.price.at < session.last_at:
            return  # a command may have moved a level since
        side, price = 1 if session.position > 0 else -1, bot.price.price
        if session.stop:
            _hold(bot, side * price > side * session.stop, "a position is closed at its stop")
        if session.target:
            _hold(bot, side * price < side * session.target, "a position is closed at its target")


def check_account(now: AppSnapshot) -> None:
    """Of one account no money appears or vanishes between its bots."""
    account = now.account
    if account.free < 0:
        raise BrokenError(f"The free balance is {account.free}: more was given than there is")


class AccountLimits:
    """No entry beyond the limits of all bots together, whoever asked first. What was open or
    decided when a limit came may stay above it."""

    def __init__(self) -> None:
        self._limits: object = None
        self._aside: dict[int, Decimal] | None = None
        self._excused: set[int] = set()

    def look(self, books: Books, waiting: Collection[int]) -> None:
        """`waiting` are the bots whose entry is decided but not filled."""
        limits = books.max_open_positions, books.max_exposure_pct
        aside = dict(books.set_aside)
        before = aside if self._aside is None else self._aside
        opened = {bot_id for bot_id in aside if bot_id not in before}
        if limits != self._limits:
            self._limits, self._excused = limits, opened | {*waiting}
        opened -= self._excused
        self._aside, self._excused = aside, self._excused & {*waiting}
        most = books.max_open_positions
        if opened and most is not None and len(aside) > most:
            raise BrokenError(f"At most {most} positions are open, but {len(aside)}: {opened}")
        if opened and books.max_exposure_pct is not None:
            # Adds need nobody's word, and prices move between the word and the fill.
            others = sum(min(aside[one], before[one]) for one in aside if one in before)
            allowed = books.equity * (books.max_exposure_pct + 1) / 100
            taken = sum(aside[one] for one in opened)
            if taken + others > max(allowed, others):
                raise BrokenError(f"Bots set aside {taken} beside {others}; allowed is {allowed}")


def check_start(now: AppSnapshot) -> None:
    """Whatever became of the program before, its start finds nothing to make right."""
    if now.restart.differences or now.restart.damaged:
        raise BrokenError(
            f"What was stored fits together, but the start says: {now.restart.file_words} "
            f"{now.restart.differences}"
        )


def _hold(bot: BotSnapshot, holds: bool, words: str) -> None:
    if not holds:
        session = bot.session
        raise BrokenError(
            f"{bot.settings.name} (session {bot.session_id}): {words}; but it is {bot.state.value}"
            f" with position {session.position}, stop {session.stop}, target {session.target}, "
            f"price {bot.price}, {len(session.log)} events, unguarded {bot.unguarded}"
        )
