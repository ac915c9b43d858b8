"""A bot's session beside a backtest of the same period: what both disagree about, and why."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.progress import Progress
from engine.messages.same_period import Kind, Lacking, SamePeriod
from trader_gui.models.period_rows import (
    PairRows,
    ShareRows,
    candles_words,
    pair_columns,
    results_words,
    share_columns,
)
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.panels.rows import Header
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import frame, label, set_hint, set_tone
from trader_gui.widgets.progress_strip import ProgressStrip

_SHARES: Final = 348
_LOW: Final = 190
"""Pixels at 100 % text."""
_HOW: Final = tr(
    "The same settings on candles from elsewhere: trades are paired one to one, and "
    "every difference is told in money."
)


class SamePeriodPanel(QWidget):
    """`asked()` for the backtest, `cancel_asked()`, `keep_asked()`, `download_asked(Lacking)`, and
    `jumped(at)` to the moment at which a pair differs."""

    asked = Signal()
    cancel_asked = Signal()
    keep_asked = Signal()
    download_asked = Signal(object)
    jumped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: SamePeriod | None = None
        self.lacking: Lacking | None = None
        self._build_head()
        self._build_tables()
        self.progress = ProgressStrip()
        self.progress.cancel_asked.connect(self.cancel_asked)
        self.start = EmptyState(tr("Not backtested yet."), _HOW, tr("Backtest the same period"))
        self.start.asked.connect(self.asked)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start)
        self._stack.addWidget(self._result)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.progress)
        column.addWidget(self._stack, 1)
        self.forget()

    def _build_head(self) -> None:
        self.head = Header(tr("Backtest"))
        self.results = ElidedLabel("", "value")
        self.download = TextButton(tr("Download what is missing"), "download-simple")
        self.download.clicked.connect(self._download)
        self.keep = TextButton(tr("Keep the backtest"))
        self.keep.setToolTip(tr("Store it as a session of its own, to be reviewed and compared"))
        self.keep.clicked.connect(self.keep_asked)
        self.again = IconButton("arrow-clockwise", tr("Backtest the same period again"))
        self.again.clicked.connect(self.asked)
        row = self.head.row
        row.addSpacing(6)
        row.addWidget(self.results, 1)
        for part in (self.download, self.keep, self.again):
            row.addWidget(part, alignment=Qt.AlignmentFlag.AlignVCenter)

    def _build_tables(self) -> None:
        self.shares = TableModel(share_columns(), ShareRows(), lambda rows: rows.ids, self)
        self.account = TableView(self.shares, tr("Kinds of difference"))
        self.account.picked.connect(lambda key: self._show_kind())
        self.pairs = TableModel(pair_columns(), PairRows(), lambda rows: rows.numbers, self)
        self.table = TableView(self.pairs, tr("Pairs of trades"))
        self.table.clicked.connect(lambda index: self._jump(self.pairs.key_at(index.row())))
        self.table.opened.connect(self._jump)
        self.none = label(tr("Nothing differs: every trade is the same in both."), "label", "text2")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pairs = QStackedWidget()
        self._pairs.addWidget(self.table)
        self._pairs.addWidget(self.none)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.addWidget(self.account)
        across.addWidget(self._pairs)
        across.setStretchFactor(1, 1)
        across.setSizes([theme().px(_SHARES), theme().px(2 * _SHARES)])
        self.candles = ElidedLabel("", "label")
        set_tone(self.candles, "text2")
        self._line = QWidget()
        line = QHBoxLayout(self._line)
        line.setContentsMargins(12, 5, 12, 5)
        line.addWidget(self.candles)
        self._result = frame("panel")
        column = QVBoxLayout(self._result)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addWidget(across, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Where it is low, the candles' line gives its room to the tables; the results' tip has
        it, too."""
        self._line.setVisible(self.height() >= theme().px(_LOW))

    # ------------------------------------------------------------------ what is shown

    def forget(self) -> None:
        """Another session: nothing was asked about it."""
        self.found = None
        self.start.say(tr("Not backtested yet."), _HOW)
        self._settle(None, "")

    def show_progress(self, progress: Progress | None) -> None:
        """Work has begun (None) or got on."""
        if progress is None:
            self.progress.start(tr("Backtesting the same period"))
            self.again.setEnabled(False)
        else:
            self.progress.advance(progress.done, progress.total)

    def show_download(self, progress: Progress | None) -> None:
        """Candles are being downloaded (None) or came."""
        if progress is None:
            self.progress.start(tr("Downloading the missing candles"))
            self.again.setEnabled(False)
        else:
            self.progress.advance(progress.done, progress.total, words=progress.words)

    def show_found(self, found: SamePeriod) -> None:
        """The answer."""
        self.found = found
        self._settle(found.lacking, results_words(found))
        self.candles.setText(candles_words(found))
        set_tone(self.candles, "warn" if found.missing or found.revised else "text2")
        set_hint(self.results, f"{results_words(found)}\n{candles_words(found)}")
        self._fold()
        self.shares.set_rows(ShareRows(found))
        self.pairs.set_rows(PairRows(found))
        self.account.pick(0)
        self._show_kind()

    def show_trouble(self, words: str, lacking: Lacking | None = None) -> None:
        """It could not be made; "" when it was cancelled: what was there before stays."""
        if not words:
            self._settle(self.lacking, self.results.text())
            return
        self.found = None
        self.start.say(tr("It cannot be backtested."), words)
        self._settle(lacking, "")

    def _settle(self, lacking: Lacking | None, results: str) -> None:
        self.progress.finish()
        self.lacking = lacking
        self.results.setText(results)
        self.download.setVisible(lacking is not None)
        self.again.setEnabled(True)
        for part in (self.keep, self.again):
            part.setVisible(self.found is not None)
        self._stack.setCurrentIndex(0 if self.found is None else 1)

    def _show_kind(self) -> None:
        """The pairs of the kind that is chosen."""
        key = self.account.current_key
        kind: Kind | None = None if not key else self.shares.rows.kind(key)
        self.pairs.set_filter(lambda rows: rows.showing(kind))
        self._pairs.setCurrentIndex(0 if self.pairs.rowCount() else 1)

    # ------------------------------------------------------------------ what is asked

    def _jump(self, key: int | None) -> None:
        if key is not None and self.found is not None:
            self.jumped.emit(self.found.pairs[key - 1].at)

    def _download(self) -> None:
        if self.lacking is not None:
            self.download_asked.emit(self.lacking)
