"""Who asks the engine to run a session again, and hands what comes of it to the block beside it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.domain.sessions import session_label
from engine.errors import Cancelled, Fault
from engine.messages.commands import RunReplay
from engine.messages.proof import Proof
from trader_gui.bridge import Bridge
from trader_gui.engine_face import Answer
from trader_gui.pages.review.proof import ProofBlock


class Proving(QObject):
    """One session at a time. `said(text)` for a toast, `failed(Fault)`."""

    said = Signal(str)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, block: ProofBlock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._block = bridge, block
        self._session_id: int | None = None
        self._asked = ""
        block.cancel_asked.connect(self._cancel)
        block.keep_asked.connect(self._keep)

    def about(self, session_id: int) -> None:
        """Begin anew with that session, unless it is the one already."""
        if session_id != self._session_id:
            self.stop()
            self._session_id = session_id

    def stop(self) -> None:
        """Nothing is run any more; answers on their way are not wanted."""
        self._cancel()
        self._session_id = None
        self._block.forget()

    def prove(self) -> None:
        """Run it again; a second wish while it runs changes nothing."""
        session_id = self._session_id
        if session_id is None or not self._block.progress.isHidden():
            return

        def take(proof: Proof) -> None:
            if self._session_id == session_id:
                self._block.show_proof(proof)

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id:
                self._block.show_trouble("" if isinstance(fault, Cancelled) else fault.words)

        self._block.show_progress(None)
        report = self._block.show_progress
        self._asked = self._bridge.ask(
            "proof", lambda engine: engine.prove(session_id, report), take, refuse
        )

    def _keep(self) -> None:
        session_id = self._session_id
        if session_id is None:
            return

        def done(answer: Answer) -> None:
            assert isinstance(answer, int)
            self.said.emit(f"The replay is kept as {session_label(answer)}.")

        self._bridge.send(RunReplay(session_id), done, self.failed.emit)

    def _cancel(self) -> None:
        self._bridge.cancel(self._asked)
