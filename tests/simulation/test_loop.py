"""The loop without time of its own: what it promises to those who run in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, TypeVar

import pytest

from engine.runtime.workers import Late, Worker
from tests.simulation.loop import WAKING_S, DeadlockError, SimulatedLoop

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], seed: int = 1) -> T:
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(Random(seed))) as runner:
        return runner.run(work)


def test_a_day_passes_at_once() -> None:
    async def day() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert 86_400 <= run(day()) < 86_400 + 2 * WAKING_S
    assert time.monotonic() - began < 5


def test_the_order_of_ready_tasks_is_drawn_by_the_seed() -> None:
    async def order() -> list[int]:
        came: list[int] = []

        async def come(number: int) -> None:
            await asyncio.sleep(0)
            came.append(number)

        await asyncio.gather(*{come(number) for number in range(20)})
        return came

    drawn = {tuple(run(order(), seed)) for seed in range(5)}
    assert len(drawn) == 5
    assert all(sorted(one) == list(range(20)) for one in drawn)


def test_callbacks_keep_their_order() -> None:
    async def order() -> list[int]:
        came: list[int] = []
        loop = asyncio.get_running_loop()
        for number in range(20):
            loop.call_soon(came.append, number)
        await asyncio.sleep(1)
        return came

    assert run(order()) == list(range(20))


def test_work_of_one_thread_is_done_in_order_and_takes_its_time() -> None:
    async def work() -> tuple[list[int], float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        done: list[int] = []
        with ThreadPoolExecutor(1) as pool:

            def one(number: int) -> None:
                done.append(number)
                loop.takes(2.0)

            await asyncio.gather(*(loop.run_in_executor(pool, one, n) for n in range(5)))
        return done, loop.time()

    done, took_s = run(work())
    assert done == list(range(5))
    assert 10 <= took_s < 10.1


def test_a_deadline_is_met_in_simulated_time() -> None:
    async def late() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        with pytest.raises(Late):
            await Worker("test").call(lambda: loop.takes(60), 10)
        return loop.time()

    assert 10 <= run(late()) < 10.1


def test_who_waits_for_nothing_is_told() -> None:
    async def stuck() -> None:
        await asyncio.get_running_loop().create_future()

    loop = SimulatedLoop(Random(1))
    task = loop.create_task(stuck())
    with pytest.raises(DeadlockError):
        loop.run_until_complete(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
