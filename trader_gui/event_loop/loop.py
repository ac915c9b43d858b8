"""The asyncio loop of the window: Qt's event loop with asyncio's promises kept.

The stock loop gives every callback its own coarse Qt timer: sleeps end early or up to a second
late, and whatever wakes up while a nested Qt loop runs inside a task is lost. This one keeps
asyncio's own shape, a queue of ready handles and a heap of timers, behind one precise Qt timer.
"""

from __future__ import annotations

import os

os.environ["QT_API"] = "pyside6"  # read by qasync, which would otherwise guess

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

import qasync
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

_FEW_CANCELLED = 64
_TURN_S = 0.001
"""After so long Qt's own events (a frame, a key) come first; what is due goes on after them."""
_LONGEST_WAIT_MS = 3_600_000  # Qt takes a 32-bit number; a longer wait is simply armed again


class _Doorbell(QObject):
    """Rings on the loop's thread, whichever thread pushes the button."""

    pushed = Signal()


class WindowLoop(qasync.QEventLoop):
    """A Qt event loop for asyncio that never wakes a timer early or loses a wake-up.

    A callback runs at or after its time, usually within a few milliseconds. While a task is
    current (it opened a nested Qt loop), other callbacks wait in order and run when it is done.
    """

    def __init__(self, app: QApplication) -> None:
        self._due: deque[asyncio.Handle] = deque()
        self._timers: list[Any] = []  # asyncio.TimerHandle, a heap by time
        self._cancelled_timers = 0
        self._leaving: BaseException | None = None
        self._alarm = QTimer()
        self._alarm.setTimerType(Qt.TimerType.PreciseTimer)
        self._alarm.setSingleShot(True)
        self._alarm.timeout.connect(self._drain)
        self._alarm_at = math.inf
        self._doorbell = _Doorbell()
        self._doorbell.pushed.connect(self._arm, Qt.ConnectionType.QueuedConnection)
        super().__init__(app)

    # asyncio's own thread pool: its threads are joined on shutdown, Qt's worker threads are not.
    run_in_executor = asyncio.BaseEventLoop.run_in_executor
    set_default_executor = asyncio.BaseEventLoop.set_default_executor

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self._check_closed()
        return self._add_callback(asyncio.Handle(callback, args, self, context))

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._due.append(handle)
        self._doorbell.pushed.emit()
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> Any:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> Any:
        self._check_closed()
        timer: Any = asyncio.TimerHandle(when, callback, args, self, context)
        timer._scheduled = True
        heapq.heappush(self._timers, timer)
        self._arm()
        return timer

    def run_forever(self) -> None:
        super().run_forever()
        if self._leaving is not None:
            leaving, self._leaving = self._leaving, None
            raise leaving

    def close(self) -> None:
        if not self.is_closed() and not self.is_running():
            self._alarm.stop()
            self._due.clear()
            self._timers.clear()
        super().close()

    def _before_run_forever(self) -> None:
        super()._before_run_forever()
        self._arm()

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        self._due.append(handle)
        self._arm()
        return handle

    def _timer_handle_cancelled(self, handle: Any) -> None:
        """Frees cancelled timers once they are many and more than half of all."""
        if not handle._scheduled:
            return
        self._cancelled_timers += 1
        if self._cancelled_timers > max(_FEW_CANCELLED, len(self._timers) // 2):
            self._timers = [timer for timer in self._timers if not timer.cancelled()]
            heapq.heapify(self._timers)
            self._cancelled_timers = 0

    def _arm(self) -> None:
        if self._due:
            at = 0.0
        elif self._timers:
            at = self._timers[0].when()
        else:
            return
        if at >= self._alarm_at:
            return
        # Rounded up: an alarm that rings early would spin until the time has come.
        wait_ms = math.ceil(max(0.0, at - self.time()) * 1000)
        self._alarm_at = at
        self._alarm.start(min(wait_ms, _LONGEST_WAIT_MS))

    def _drain(self) -> None:
        """Run what is due now; what it adds runs in the next round, after Qt's own events."""
        self._alarm_at = math.inf
        if not self.is_running() or asyncio.current_task(self) is not None:
            return  # whoever runs now drains or arms again when done
        now = self.time()
        while self._timers and (self._timers[0].when() <= now or self._timers[0].cancelled()):
            timer = heapq.heappop(self._timers)
            timer._scheduled = False
            if timer.cancelled():
                self._cancelled_timers -= 1
            else:
                self._due.append(timer)
        try:
            for _ in range(len(self._due)):
                if not self._due:  # a nested Qt loop inside a callback drained the rest
                    break
                handle = self._due.popleft()
                if not handle.cancelled():
                    handle._run()
                    if self.time() - now > _TURN_S:
                        break
        except (SystemExit, KeyboardInterrupt) as leaving:
            self._leaving = leaving
            self.stop()
        finally:
            self._arm()
