"""What the benches of the open window share: its loop, its late frames, its memory, a line."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from array import array
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trader_gui.door.bridge import Bridge

LATE_MS = 4.0
_KEY_MS = 16


@dataclass(slots=True)
class FrameTimes:
    """Milliseconds, four bytes each, as memory is measured, too."""

    late: array[float] = field(default_factory=lambda: array("f"))
    keys: array[float] = field(default_factory=lambda: array("f"))


def window_runner() -> asyncio.Runner:
    """Of a Qt application; offscreen where there is no display."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from trader_gui.event_loop.loop import WindowLoop

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    return asyncio.Runner(loop_factory=lambda: WindowLoop(app))


@contextmanager
def timed_frames(bridge: Bridge, times: FrameTimes) -> Any:
    """How late each redraw of the window begins, and how late a precise timer rings beside all
    that is drawn and painted, ms."""
    from PySide6.QtCore import Qt, QTimer

    redraws, began = bridge.redraws, 0.0
    draw = redraws._draw

    def news() -> None:
        nonlocal began
        if not redraws.waits:
            waiting()
            began = perf_counter() + redraws.rest_ms / 1000

    def drawn() -> None:
        if began:
            times.late.append(1000 * max(0.0, perf_counter() - began))
        draw()

    def ring() -> None:
        nonlocal due
        times.keys.append(1000 * max(0.0, perf_counter() - due))
        due = perf_counter() + _KEY_MS / 1000
        timer.start(_KEY_MS)

    waiting = bridge._news
    bridge._unsubscribe()
    unsubscribe = bridge._engine.subscribe(news)
    redraws._timer.timeout.disconnect()
    redraws._timer.timeout.connect(drawn)
    due = perf_counter() + _KEY_MS / 1000
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setSingleShot(True)
    timer.timeout.connect(ring)
    timer.start(_KEY_MS)
    try:
        yield
    finally:
        timer.stop()
        unsubscribe()


def memory_mb() -> float:
    """Of this process now (elsewhere than on Linux: at most so far)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def line(name: str, values: array[float], target: float | None, unit: str) -> None:
    if not values:
        return
    p50, p99 = np.percentile(values, (50, 99))
    verdict = ""
    if target is not None:
        verdict = f"; target p99 {target:g}: {'reached' if p99 <= target else 'MISSED'}"
    print(
        f"{name:22} p50 {p50:6.2f}  p99 {p99:6.2f}  most {max(values):7.2f} {unit} of "
        f"{len(values):,}{verdict}"
    )
