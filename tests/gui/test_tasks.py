"""Slots that start tasks: kept alive, never twice, errors told."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading

import pytest

from trader_gui.event_loop.tasks import ErrorNets, Tasks

Told = list[tuple[str, str]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def tasks(told: Told) -> Tasks:
    return Tasks(lambda name, error: told.append((name, str(error))))


async def test_a_task_is_kept_alive_and_not_started_twice(tasks: Tasks, told: Told) -> None:
    go = asyncio.Event()
    done: list[int] = []

    async def work() -> None:
        await go.wait()
        done.append(1)

    assert tasks.start("backtest", work)
    assert not tasks.start("backtest", work)
    await asyncio.sleep(0)
    gc.collect()
    assert tasks.runs("backtest")
    go.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert (done, tasks.runs("backtest"), told) == ([1], False, [])
    assert tasks.start("backtest", work)
    await tasks.cancel_all()


@pytest.mark.expects_warnings
async def test_an_error_is_logged_and_shown(
    tasks: Tasks, told: Told, expected_warnings: list[logging.LogRecord]
) -> None:
    async def work() -> None:
        raise OSError("The disk is full.")

    tasks.start("save", work)
    for _ in range(3):
        await asyncio.sleep(0)
    assert told == [("save", "The disk is full.")]
    assert expected_warnings[0].getMessage() == "Task save failed"


async def test_cancelling_is_no_error(tasks: Tasks, told: Told) -> None:
    async def work() -> None:
        await asyncio.sleep(60)

    tasks.start("one", work)
    tasks.start("two", work)
    await asyncio.sleep(0)
    tasks.cancel("one")
    tasks.cancel("unknown")
    await tasks.cancel_all()
    assert (told, tasks.runs("one"), tasks.runs("two")) == ([], False, False)


@pytest.mark.expects_warnings
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_the_nets_catch_what_would_vanish(
    expected_warnings: list[logging.LogRecord],
) -> None:
    told: list[str] = []
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    nets = ErrorNets(lambda name, error: told.append(f"{name}: {error}"))
    loop = asyncio.get_running_loop()
    nets.install(loop)

    def fail() -> None:
        raise ValueError("from the thread")

    class Careless:
        def __del__(self) -> None:
            raise ValueError("from a destructor")

    try:
        thread = threading.Thread(target=fail, name="worker")
        thread.start()
        thread.join()
        Careless()
        gc.collect()
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0.01)
        sys.excepthook(ValueError, ValueError("from a slot"), None)
    finally:
        nets.remove()
        loop.set_exception_handler(None)
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    assert told == ["loop: division by zero", "window: from a slot"]
    messages = " ".join(record.getMessage() for record in expected_warnings)
    assert "Thread worker failed" in messages
    assert "Careless" in messages
