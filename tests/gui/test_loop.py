"""The window's loop keeps asyncio's promises: never early, hardly late, nothing lost."""

from __future__ import annotations

import asyncio
import signal
import statistics
import sys
import threading
import time

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from trader_gui.event_loop.loop import WindowLoop

pytestmark = pytest.mark.qt_loop


def window_loop() -> WindowLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WindowLoop)
    return loop


async def test_sleeps_are_never_early_and_hardly_late() -> None:
    loop = window_loop()
    lateness = []

    async def sleeper(seconds: float) -> None:
        due = loop.time() + seconds
        await asyncio.sleep(seconds)
        lateness.append((loop.time() - due) * 1000)

    await asyncio.gather(*(sleeper(0.0007 * n) for n in range(1, 120)))
    assert min(lateness) >= 0
    assert statistics.median(lateness) < 5  # ms; the worst depends on the machine's other work


async def test_a_crowd_of_callbacks_lets_a_frame_in_between() -> None:
    loop = window_loop()
    order: list[object] = []

    def work(number: int) -> None:
        until = time.perf_counter() + 0.002
        while time.perf_counter() < until:
            pass
        order.append(number)

    def crowd() -> None:
        QTimer.singleShot(5, lambda: order.append("frame"))
        for number in range(30):
            loop.call_soon(work, number)

    done = asyncio.Event()
    loop.call_soon(crowd)
    loop.call_soon(loop.call_later, 0.2, done.set)
    await done.wait()
    assert [one for one in order if one != "frame"] == list(range(30))
    assert order.index("frame") < 15


async def test_tasks_outlive_a_nested_dialog_loop() -> None:
    steps: list[str] = []

    async def other() -> None:
        for n in range(5):
            await asyncio.sleep(0.002)
            steps.append(f"other {n}")

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    dialog = QEventLoop()
    QTimer.singleShot(40, dialog.quit)
    dialog.exec()
    steps.append("dialog closed")
    await task
    assert steps == ["dialog closed", *(f"other {n}" for n in range(5))]


async def test_a_nested_loop_of_a_plain_slot_lets_tasks_run() -> None:
    steps: list[str] = []
    done = asyncio.Event()

    def slot() -> None:
        dialog = QEventLoop()
        QTimer.singleShot(40, dialog.quit)
        dialog.exec()
        steps.append("dialog closed")
        done.set()

    async def other() -> None:
        await asyncio.sleep(0.002)
        steps.append("other")

    QTimer.singleShot(0, slot)
    task = asyncio.create_task(other())
    await done.wait()
    await task
    assert steps == ["other", "dialog closed"]


async def test_cancelled_timers_are_freed_without_waiting_for_their_time() -> None:
    loop = window_loop()
    before = len(loop._timers)
    for _ in range(10_000):
        loop.call_later(3600, print).cancel()
    assert len(loop._timers) - before < 200


async def test_a_cancelled_callback_does_not_run() -> None:
    ran: list[int] = []
    loop = window_loop()
    loop.call_soon(ran.append, 1).cancel()
    loop.call_later(0.001, ran.append, 2).cancel()
    loop.call_later(0.002, ran.append, 3)
    await asyncio.sleep(0.01)
    assert ran == [3]


async def test_callbacks_run_in_order_and_a_flood_leaves_room_for_qt() -> None:
    loop = window_loop()
    order: list[int] = []
    done = asyncio.Event()
    qt_turns: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: qt_turns.append(len(order)))
    timer.start(0)

    def again(n: int) -> None:
        order.append(n)
        if n < 500:
            loop.call_soon(again, n + 1)
        else:
            done.set()

    again(0)
    await done.wait()
    timer.stop()
    assert order == list(range(501))
    assert len(qt_turns) > 50


async def test_threads_wake_the_loop() -> None:
    loop = window_loop()
    woken = asyncio.Event()
    began = time.perf_counter()
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(woken.set))
    thread.start()
    await asyncio.wait_for(woken.wait(), 5)
    thread.join()
    assert time.perf_counter() - began < 1
    assert await asyncio.to_thread(threading.get_ident) != threading.get_ident()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal handlers in loops")
async def test_a_signal_reaches_the_loop() -> None:
    loop = window_loop()
    asked = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, asked.set)
    signal.raise_signal(signal.SIGUSR1)
    await asyncio.wait_for(asked.wait(), 5)
    loop.remove_signal_handler(signal.SIGUSR1)


async def test_streams_work() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"tick\n")
    assert await reader.readline() == b"tick\n"
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
