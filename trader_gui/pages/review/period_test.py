"""Who has the engine backtest a session's period, and hands what comes of it to the panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.domain.archive import Series
from engine.domain.sessions import session_label
from engine.errors import Cancelled, CandlesMissing, Fault
from engine.language import tr
from engine.messages.commands import DownloadCandles, KeepSamePeriod
from engine.messages.same_period import Lacking
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.pages.review.long_work import LongWork
from trader_gui.pages.review.same_period import SamePeriodPanel


class PeriodTest(LongWork):
    """`offered(text, offers)` is for a toast with buttons, `compared(ids)` where both shall stand
    beside each other."""

    offered = Signal(str, object)
    compared = Signal(object)

    def __init__(
        self, bridge: Bridge, panel: SamePeriodPanel, parent: QObject | None = None
    ) -> None:
        super().__init__(bridge, panel, parent)
        self._panel = panel
        panel.asked.connect(self.run)
        panel.keep_asked.connect(self._keep)
        panel.download_asked.connect(self._download)

    def run(self) -> None:
        """Backtest it."""
        self._work(
            "same period",
            lambda engine, *about: engine.same_period(*about),
            self._panel.show_found,
        )

    def _refuse(self, fault: Fault) -> None:
        if isinstance(fault, CandlesMissing):
            lacking = Lacking(Series(*fault.market), *fault.span)
            self._panel.show_trouble(fault.words, lacking)
        else:
            super()._refuse(fault)

    def _download(self, lacking: Lacking) -> None:
        """What is missing, then the backtest once more."""
        session_id = self._idle
        if session_id is None:
            return

        def done(answer: Answer) -> None:
            self._panel.progress.finish()
            self.run()

        def refuse(fault: Fault) -> None:
            self._panel.show_trouble("")
            if not isinstance(fault, Cancelled):
                self.failed.emit(fault)

        wish = DownloadCandles(lacking.series, lacking.from_at, lacking.to_at)
        self._panel.show_download(None)
        name = self._bridge.send(
            wish,
            self._while_about(session_id, done),
            self._while_about(session_id, refuse),
            self._panel.show_download,
        )
        if name is None:  # the archive's own page downloads the same already
            self._panel.show_trouble("")
        self._asked = name or ""

    def _keep(self) -> None:
        session_id = self._session_id
        if session_id is None:
            return

        def done(answer: Answer) -> None:
            assert isinstance(answer, int)
            words = tr("The backtest is kept as {session}.", session=session_label(answer))
            compare = (tr("Compare"), lambda: self.compared.emit((session_id, answer)))
            self.offered.emit(words, [compare])

        self._bridge.send(KeepSamePeriod(session_id), done, self.failed.emit)
