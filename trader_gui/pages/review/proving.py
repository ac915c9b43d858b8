"""Who asks the engine to run a session again, and hands what comes of it to the block beside it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.domain.sessions import session_label
from engine.language import tr
from engine.messages.commands import RunReplay
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.pages.review.long_work import LongWork
from trader_gui.pages.review.proof import ProofBlock


class Proving(LongWork):
    """`said(text)` is for a toast, too."""

    said = Signal(str)

    def __init__(self, bridge: Bridge, block: ProofBlock, parent: QObject | None = None) -> None:
        super().__init__(bridge, block, parent)
        self._block = block
        block.keep_asked.connect(self._keep)

    def prove(self) -> None:
        """Run it again."""
        self._work("proof", lambda engine, *about: engine.prove(*about), self._block.show_proof)

    def _keep(self) -> None:
        session_id = self._session_id
        if session_id is None:
            return

        def done(answer: Answer) -> None:
            assert isinstance(answer, int)
            self.said.emit(tr("The replay is kept as {session}.", session=session_label(answer)))

        self._bridge.send(RunReplay(session_id), done, self.failed.emit)
