"""Whether a bot that runs is alive: ages of its signs of life, and when they turn amber and red.

Apart from its state, which says what its task is doing. Pure: wall times in, a lamp out.

A market may be quiet, a file may have gaps, and a simulated market runs at any speed. So what
counts is not how long nothing was decided, but how long a decision has been *due*: a price came
after the last one, and with it a candle began that must end within its timeframe.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from engine.domain.bots import BotState, FeedKind
from engine.domain.sub_states import feed_trouble
from engine.language import tr
from engine.messages.numbers import duration
from engine.messages.snapshot import BotSnapshot, Pulse

AMBER: Final = 3
RED: Final = 10
"""So many periods without what is due in each of them."""
LEAST_PERIOD_MS: Final = 2_000
"""Ticks of the simulated market come at least that often; nothing quicker is waited for."""
AMBER_MOST_MS: Final = 5 * 60_000
RED_MOST_MS: Final = 30 * 60_000
"""However long a candle is, a decision is not later than this without a word."""
LIVE_RED_MS: Final = 100_000
"""Live prices are amber as soon as their feed says so (its limit is 30 s), and red this long after
the last one."""
WRITE_PERIOD_MS: Final = 5_000
_ALIVE: Final = frozenset({BotState.RUNNING, BotState.PENDING})
LAG_AMBER_MS: Final = 100.0
LAG_RED_MS: Final = 1_000.0


class Lamp(IntEnum):
    """Greater is worse."""

    OFF = 0
    """Nothing is expected: it does not run, or waits for its first price."""
    OK = 1
    AMBER = 2
    RED = 3


class Limits(NamedTuple):
    """An age, in wall ms, is amber above the first and red above the second."""

    amber_ms: int
    red_ms: int

    def lamp(self, age_ms: int) -> Lamp:
        if age_ms > self.red_ms:
            return Lamp.RED
        return Lamp.AMBER if age_ms > self.amber_ms else Lamp.OK


def decision_limits(timeframe_ms: int, speed: float) -> Limits:
    """How long a decision may be due where market time runs `speed` times as fast as ours (0: as
    fast as it goes)."""
    period = LEAST_PERIOD_MS
    if speed > 0:
        period = max(period, round(timeframe_ms / speed))
    late = min((AMBER - 1) * period, AMBER_MOST_MS), min((RED - 1) * period, RED_MOST_MS)
    return Limits(period + late[0], period + late[1])


TICK_LIMITS: Final = Limits(AMBER * LEAST_PERIOD_MS, RED * LEAST_PERIOD_MS)
WRITE_LIMITS: Final = Limits(AMBER * WRITE_PERIOD_MS, RED * WRITE_PERIOD_MS)


def lag_lamp(lag_ms: float) -> Lamp:
    """Of the engine's loop: how late it wakes up."""
    if lag_ms > LAG_RED_MS:
        return Lamp.RED
    return Lamp.AMBER if lag_ms > LAG_AMBER_MS else Lamp.OK


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of life: how long ago it was (None: never), and its lamp."""

    age_ms: int | None
    lamp: Lamp = Lamp.OK
    words: str = ""
    """Why it is amber or red, as a sentence."""
    late_ms: int | None = None
    """For how long it has been due; None where nothing is, or where that is its age."""

    @property
    def told_ms(self) -> int | None:
        """The time to show of it: how late it is, or else how long ago it was."""
        return self.age_ms if self.late_ms is None else self.late_ms


@dataclass(frozen=True, slots=True)
class Liveness:
    """A bot's signs of life at one moment."""

    tick: Sign
    candle: Sign
    decision: Sign
    write: Sign

    @property
    def signs(self) -> tuple[Sign, ...]:
        return self.tick, self.candle, self.decision, self.write

    @property
    def worst(self) -> Sign:
        """The one that decides the lamp of the bot; of equal ones the first."""
        return max(self.signs, key=lambda sign: sign.lamp)

    @property
    def lamp(self) -> Lamp:
        return self.worst.lamp


def liveness(bot: BotSnapshot, pulse: Pulse, now: int) -> Liveness:
    """The signs of `bot` at wall time `now`; every lamp is off while nothing is expected."""
    tick = tick_sign(bot, pulse, now)
    candle, decision, written = (
        _age(at, now) for at in (pulse.candle_at, pulse.decision_at, pulse.write_at)
    )
    waits = bot.state is BotState.PENDING and not pulse.tick_at
    if waits or bot.state not in _ALIVE:
        return Liveness(tick, *(Sign(age, Lamp.OFF) for age in (candle, decision, written)))
    return Liveness(
        tick,
        Sign(candle),
        _late(
            decision,
            pulse.decision_due_at,
            decision_limits(bot.settings.timeframe_ms, pulse.speed),
            now,
            tr("A decision has been due for {age}."),
        ),
        _late(
            written,
            pulse.write_due_at,
            WRITE_LIMITS,
            now,
            tr("What happened in the last {age} is not stored yet."),
        ),
    )


def _age(at: int, now: int) -> int | None:
    return max(0, now - at) if at else None


def tick_sign(bot: BotSnapshot, pulse: Pulse, now: int) -> Sign:
    """The first of them. Prices that can fail to come are judged by what their feed says: a real
    market may be quiet. A file's next candle comes when it is due, gaps included."""
    kind, age = bot.settings.feed.kind, _age(pulse.tick_at, now)
    if bot.state not in _ALIVE:
        return Sign(age, Lamp.OFF)
    trouble = feed_trouble(bot.feed)
    if trouble.troubled:
        red = age is not None and age > LIVE_RED_MS
        return Sign(age, Lamp.RED if red else Lamp.AMBER, trouble.hint)
    if age is None:
        return Sign(None, Lamp.OFF)
    if kind is not FeedKind.SIMULATED:
        return Sign(age)
    lamp = TICK_LIMITS.lamp(age)
    words = tr("The simulated market gave no price for {age}.", age=duration(age))
    return Sign(age, lamp, words if lamp > Lamp.OK else "")


def _late(age: int | None, due_at: int, limits: Limits, now: int, words: str) -> Sign:
    late = _age(due_at, now)
    lamp = Lamp.OK if late is None else limits.lamp(late)
    if lamp is Lamp.OK:
        return Sign(age)
    return Sign(age, lamp, words.format(age=duration(late)), late)
