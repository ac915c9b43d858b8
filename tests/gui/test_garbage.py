"""Cycles are freed by the window's thread, whichever thread made them."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.stopwatch import Stopwatch
from tests.gui.waiting import comes_true
from trader_gui.event_loop.garbage import EVERY_MS, GarbageCollector


class _Knot:
    def __init__(self) -> None:
        self.itself = self


def test_cycles_go_in_the_windows_thread_only(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    collector = GarbageCollector(holder)
    freed_by: list[threading.Thread] = []

    def work() -> None:
        for _ in range(5_000):  # many times what makes Python collect by itself
            weakref.finalize(_Knot(), lambda: freed_by.append(threading.current_thread()))

    collector.begin()
    try:
        assert not gc.isenabled()
        other = threading.Thread(target=work)
        other.start()
        other.join()
        assert threading.current_thread() not in freed_by
        comes_true(qtbot, lambda: len(freed_by) == 5_000)
        assert set(freed_by) == {threading.current_thread()}
    finally:
        collector.end()
    assert gc.isenabled()


def test_a_look_waits_for_the_moment_after_a_frame(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    collector, watch = GarbageCollector(holder), Stopwatch()
    collector._since = watch  # type: ignore[assignment]
    collector.begin()
    try:
        assert collector._timer.interval() > EVERY_MS  # where nothing is drawn
        watch.ms = 1
        collector.frame_drawn()  # the last look was a moment ago
        assert collector._timer.interval() == EVERY_MS - 1
        watch.ms = EVERY_MS
        collector.frame_drawn()
        assert 0 < collector._timer.interval() < EVERY_MS / 2
        comes_true(qtbot, lambda: collector._looks == 1)
        assert collector._timer.interval() == EVERY_MS  # something happens, as it seems
        comes_true(qtbot, lambda: collector._looks == 2)
        assert collector._timer.interval() > EVERY_MS
    finally:
        collector.end()
    assert not collector._timer.isActive()
