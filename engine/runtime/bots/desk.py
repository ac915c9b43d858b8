"""The account's desk: a bot whose entry waits asks here before a price may fill it.

All bots that ask for one moment of market time are answered in one round, whoever came first on
this machine: the bot whose last granted entry is the longest ago first, then the smaller id. What
the desk answers is recorded as an input, so a replay needs no desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.domain.money import Scale
from engine.domain.reasons import Input, Refusal
from engine.runtime.clock import EngineClock
from engine.runtime.running.wishes import Wish

PATIENCE_S: Final = 0.5
"""Wall time a round waits for bots that may still ask for the same moment."""


@dataclass(frozen=True, slots=True)
class Books:
    """The account as it stands, all bots together, running or not."""

    max_open_positions: int | None
    max_exposure_pct: Decimal | None
    equity: Decimal
    set_aside: Mapping[int, Decimal]
    """What each bot's open position has set aside, by bot id; bots without one are left out."""

    @property
    def limited(self) -> bool:
        return self.max_open_positions is not None or self.max_exposure_pct is not None


@dataclass(eq=False, slots=True)
class Seat:
    """One running bot as the desk knows it."""

    bot_id: int
    line: Hashable
    """Bots of one line live in the same market time."""
    timeframe_ms: int
    reached_at: int
    """Market time up to which its rows are taken."""
    answered_at: int | None = None
    """The entry decided at this moment has its answer."""
    granted: Decimal | None = None
    """What the granted entry that is not filled yet may set aside; None without one."""

    def may_ask_for(self, at: int) -> bool:
        """Whether its next rows may close a candle at `at`."""
        near = self.reached_at < at <= self.reached_at + self.timeframe_ms
        return near and at % self.timeframe_ms == 0


@dataclass(eq=False, slots=True)
class _Question:
    seat: Seat
    at: int
    most: Decimal
    scale: Scale
    answer: asyncio.Future[tuple[Wish, ...]]


class Desk:
    """One account's desk; all methods are called on the loop."""

    def __init__(self, books: Callable[[], Books], clock: EngineClock) -> None:
        self._books, self._clock = books, clock
        self._seats: list[Seat] = []
        self._questions: list[_Question] = []
        self._round = 0
        self._granted_in: dict[int, int] = {}
        """Bot id -> the round in which it was granted an entry last."""

    def sit(self, bot_id: int, line: Hashable, timeframe_ms: int, reached_at: int) -> Seat:
        """A session begins or goes on."""
        seat = Seat(bot_id, line, timeframe_ms, reached_at)
        self._seats.append(seat)
        return seat

    def leave(self, seat: Seat) -> None:
        """The bot's task is over; what it was granted is free again."""
        self._seats.remove(seat)
        self._answer_due()

    def nothing_waits(self, seat: Seat, reached_at: int) -> None:
        """The bot has taken its rows up to `reached_at`, and no entry of it waits."""
        seat.reached_at, seat.answered_at, seat.granted = reached_at, None, None
        self._answer_due()

    async def ask(
        self, seat: Seat, reached_at: int, most: Decimal, scale: Scale
    ) -> tuple[Wish, ...]:
        """The answer to an entry that waits and may set aside up to `most`, as the inputs to be
        recorded, one for each limit that was asked; none if the account has no limits, or the entry
        has its answer already."""
        seat.reached_at = reached_at
        # A refused one is gone, and the next candle may have decided another since.
        if seat.answered_at == reached_at or not self._books().limited:
            self._answer_due()
            return ()
        seat.answered_at = reached_at
        answer: asyncio.Future[tuple[Wish, ...]] = asyncio.get_running_loop().create_future()
        question = _Question(seat, reached_at, most, scale, answer)
        self._questions.append(question)
        self._answer_due()
        try:
            await self._wait_for(question)
        finally:
            if question in self._questions:
                self._questions.remove(question)
        return answer.result()

    async def _wait_for(self, question: _Question) -> None:
        if question.answer.done():
            return
        patience = asyncio.ensure_future(self._clock.sleep(PATIENCE_S))
        waiting: set[asyncio.Future[Any]] = {question.answer, patience}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
        if not question.answer.done():
            self._answer_round(question.at)

    def _answer_due(self) -> None:
        """Answer every round that nobody can join any more."""
        for at in sorted({question.at for question in self._questions}):
            lines = {question.seat.line for question in self._questions if question.at == at}
            if not any(seat.line in lines and seat.may_ask_for(at) for seat in self._seats):
                self._answer_round(at)

    def _answer_round(self, at: int) -> None:
        self._round += 1
        asked = [question for question in self._questions if question.at == at]
        self._questions = [question for question in self._questions if question.at != at]
        asked.sort(key=lambda one: (self._granted_in.get(one.seat.bot_id, 0), one.seat.bot_id))
        for question in asked:
            if not question.answer.done():
                said = [Wish(Input.ACCOUNT, values) for values in self._judge(question)]
                question.answer.set_result(tuple(said))

    def _judge(self, question: _Question) -> list[tuple[int, int, int]]:
        """(Refusal or 0, limit, what was found) of each limit; a yes takes its slot and its room at
        once. With a yes the kernel does nothing: its numbers are for whoever asks why."""
        books, seat = self._books(), question.seat
        taken = dict(books.set_aside)
        for other in self._seats:
            if other.granted is not None:
                # Until a flip is carried out it is one or the other, never both.
                before = taken.get(other.bot_id, Decimal(0))
                taken[other.bot_id] = max(other.granted, before)
        taken.pop(seat.bot_id, None)  # a flip closes what the bot itself holds
        most_open = books.max_open_positions
        if most_open is not None and len(taken) >= most_open:
            return [(Refusal.MAX_OPEN_POSITIONS, most_open, len(taken))]
        yes = [] if most_open is None else [(0, most_open, len(taken))]
        seat.granted, self._granted_in[seat.bot_id] = question.most, self._round
        if books.max_exposure_pct is None:
            return yes
        allowed = books.equity * books.max_exposure_pct / 100
        left = max(allowed - sum(taken.values(), Decimal(0)), Decimal(0))
        seat.granted = min(question.most, left)
        return [*yes, (Refusal.MAX_EXPOSURE, question.scale.money_count(seat.granted), 0)]
