"""Long work of the engine about the session that is looked at: run once at a time, cancelled and
forgotten with it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, SignalInstance

from engine.errors import Cancelled, Fault
from engine.messages.progress import Progress, Report
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import EngineFace
from trader_gui.widgets.progress_strip import ProgressStrip

T = TypeVar("T")


class WorkPanel(Protocol):
    """Where such work is shown."""

    progress: ProgressStrip
    cancel_asked: SignalInstance

    def forget(self) -> None: ...

    def show_progress(self, progress: Progress | None) -> None: ...

    def show_trouble(self, words: str) -> None: ...


class LongWork(QObject):
    """One session at a time. `failed(Fault)` is for a toast."""

    failed = Signal(object)

    def __init__(self, bridge: Bridge, panel: WorkPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._shown = bridge, panel
        self._session_id: int | None = None
        self._asked = ""
        panel.cancel_asked.connect(self._cancel)

    def about(self, session_id: int) -> None:
        """Begin anew with that session, unless it is the one already."""
        if session_id != self._session_id:
            self.stop()
            self._session_id = session_id

    def stop(self) -> None:
        """Nothing is run any more; answers on their way are not wanted."""
        self._cancel()
        self._session_id = None
        self._shown.forget()

    @property
    def _idle(self) -> int | None:
        """The session, if work about it may begin."""
        return self._session_id if self._shown.progress.isHidden() else None

    def _work(
        self,
        what: str,
        question: Callable[[EngineFace, int, Report], Coroutine[Any, Any, T]],
        take: Callable[[T], object],
    ) -> None:
        """Ask it about the session; a second wish while it is at work changes nothing."""
        session_id = self._idle
        if session_id is None:
            return
        self._shown.show_progress(None)
        report = self._shown.show_progress
        self._asked = self._bridge.ask(
            what,
            lambda engine: question(engine, session_id, report),
            self._while_about(session_id, take),
            self._while_about(session_id, self._refuse),
        )

    def _while_about(self, session_id: int, take: Callable[[T], object]) -> Callable[[T], object]:
        """`take`, as long as that session is the one."""
        return lambda answer: take(answer) if self._session_id == session_id else None

    def _refuse(self, fault: Fault) -> None:
        self._shown.show_trouble("" if isinstance(fault, Cancelled) else fault.words)

    def _cancel(self) -> None:
        self._bridge.cancel(self._asked)
