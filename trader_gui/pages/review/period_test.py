"""Who has the engine backtest a session's period, and hands what comes of it to the panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.domain.archive import Series
from engine.domain.sessions import session_label
from engine.errors import Cancelled, CandlesMissing, Fault
from engine.messages.commands import DownloadCandles, KeepSamePeriod
from engine.messages.same_period import Lacking, SamePeriod
from trader_gui.bridge import Bridge
from trader_gui.engine_face import Answer
from trader_gui.pages.review.same_period import SamePeriodPanel


class PeriodTest(QObject):
    """One session at a time. `offered(text, offers)` for a toast with buttons, `failed(Fault)`,
    `compared(ids)` where both shall stand beside each other."""

    offered = Signal(str, object)
    failed = Signal(object)
    compared = Signal(object)

    def __init__(
        self, bridge: Bridge, panel: SamePeriodPanel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._panel = bridge, panel
        self._session_id: int | None = None
        self._asked = ""
        panel.asked.connect(self.run)
        panel.cancel_asked.connect(self._cancel)
        panel.keep_asked.connect(self._keep)
        panel.download_asked.connect(self._download)

    def about(self, session_id: int) -> None:
        """Begin anew with that session, unless it is the one already."""
        if session_id != self._session_id:
            self.stop()
            self._session_id = session_id

    def stop(self) -> None:
        """Nothing is run any more; answers on their way are not wanted."""
        self._cancel()
        self._session_id = None
        self._panel.forget()

    def run(self) -> None:
        """Backtest it; a second wish while it runs changes nothing."""
        session_id = self._session_id
        if session_id is None or not self._panel.progress.isHidden():
            return

        def take(found: SamePeriod) -> None:
            if self._session_id == session_id:
                self._panel.show_found(found)

        self._panel.show_progress(None)
        report = self._panel.show_progress
        self._asked = self._bridge.ask(
            "same period",
            lambda engine: engine.same_period(session_id, report),
            take,
            lambda fault: self._refuse(session_id, fault),
        )

    def _refuse(self, session_id: int, fault: Fault) -> None:
        if self._session_id != session_id:
            return
        lacking = None
        if isinstance(fault, CandlesMissing):
            lacking = Lacking(Series(*fault.market), *fault.span)
        self._panel.show_trouble("" if isinstance(fault, Cancelled) else fault.words, lacking)

    def _download(self, lacking: Lacking) -> None:
        """What is missing, then the backtest once more."""
        session_id = self._session_id
        if session_id is None or not self._panel.progress.isHidden():
            return

        def done(answer: Answer) -> None:
            if self._session_id == session_id:
                self._panel.progress.finish()
                self.run()

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id:
                self._panel.show_trouble("")
                if not isinstance(fault, Cancelled):
                    self.failed.emit(fault)

        wish = DownloadCandles(lacking.series, lacking.from_at, lacking.to_at)
        self._panel.show_download(None)
        name = self._bridge.send(wish, done, refuse, self._panel.show_download)
        if name is None:  # the archive's own page downloads the same already
            self._panel.show_trouble("")
        self._asked = name or ""

    def _keep(self) -> None:
        session_id = self._session_id
        if session_id is None:
            return

        def done(answer: Answer) -> None:
            assert isinstance(answer, int)
            words = f"The backtest is kept as {session_label(answer)}."
            compare = ("Compare", lambda: self.compared.emit((session_id, answer)))
            self.offered.emit(words, [compare])

        self._bridge.send(KeepSamePeriod(session_id), done, self.failed.emit)

    def _cancel(self) -> None:
        self._bridge.cancel(self._asked)
