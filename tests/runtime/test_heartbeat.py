"""Hearts beat once a second; quiet rows are stored in turns, and one bot's fault stays in it."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

from engine.runtime.bots.heartbeat import TURNS, Heartbeat


class QuickClock:
    """Whoever sleeps on it waits for one turn of the loop."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now_ms(self) -> int:
        return int(self.seconds * 1000)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


class Heart:
    """Stands like a bot; `stored` has, for each beat, whether it was its turn to be stored."""

    def __init__(self, number: int, fault: Exception | None = None) -> None:
        self.record, self.fault = SimpleNamespace(id=number), fault
        self.view = SimpleNamespace(count_error=lambda at: None)
        self.live: Any = None
        self.turns = list[bool]()

    def beat(self, *, stores: bool) -> bool:
        self.turns.append(stores)
        if self.fault is not None:
            raise self.fault
        return self.live is not None


async def beaten(hearts: list[Heart], beats: int, look_ahead: Any = lambda: None) -> None:
    """Each at least that often."""
    bots: Any = SimpleNamespace(
        all=lambda: tuple(hearts), shown=SimpleNamespace(look_ahead=look_ahead)
    )
    heartbeat = Heartbeat(QuickClock(), bots)
    for _ in range(20 * beats):
        await asyncio.sleep(0)
    await heartbeat.close()
    assert all(len(heart.turns) >= beats for heart in hearts)


async def test_each_bot_has_its_turn_and_no_beat_has_all_of_them() -> None:
    hearts = [Heart(number) for number in range(100)]
    await beaten(hearts, 2 * TURNS)
    for heart in hearts:
        assert sum(heart.turns[: 2 * TURNS]) == 2
    for beat in range(2 * TURNS):
        at_once = sum(heart.turns[beat] for heart in hearts)
        assert 100 / TURNS - 5 < at_once < 100 / TURNS + 5


async def test_a_mistake_in_one_bot_or_in_a_look_ahead_stops_no_heart(
    expected_warnings: list[logging.LogRecord],
) -> None:
    def mistaken() -> None:
        raise ZeroDivisionError

    hearts = [Heart(1), Heart(2, ZeroDivisionError()), Heart(3)]
    await beaten(hearts, 3, mistaken)
    said = {record.getMessage() for record in expected_warnings}
    assert said == {
        "The beat of bot 2 met a mistake of the program",
        "A look at the bots between two frames met a mistake of the program",
    }


async def test_hearts_beat_on_while_one_bot_waits_for_the_disk() -> None:
    hearts, begun = [Heart(number) for number in range(3)], list[int]()

    async def never() -> None:
        begun.append(1)
        await asyncio.get_running_loop().create_future()

    hearts[1].live = SimpleNamespace(recorder=SimpleNamespace(store_waiting=never))
    await beaten(hearts, 3)
    assert begun
