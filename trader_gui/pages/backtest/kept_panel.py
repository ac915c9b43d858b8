"""Everything the archive keeps: used, completed, checked, deleted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.archive import Coverage, Series
from engine.errors import Cancelled, Fault
from engine.language import tr, trn
from trader_gui.coverage.facts import size_text
from trader_gui.door.bridge import Bridge
from trader_gui.models.kept_candles import KeptCandles
from trader_gui.models.kept_rows import KeptRows, SeriesNumbers, kept_columns
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_tone


class KeptPanel(QWidget):
    """`used(Series)`, `download_asked(Coverage)`, `delete_asked(Coverage)`."""

    used = Signal(object)
    download_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, bridge: Bridge, kept: KeptCandles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("help", "data#the-archive")
        self._bridge, self._kept = bridge, kept
        self._numbers = SeriesNumbers()
        self._checked: Series | None = None
        self.model = TableModel(kept_columns(), KeptRows(), lambda rows: rows.keys, self)
        self.table = TableView(self.model, tr("Kept candles"))
        self.table.sort_by("symbol", descending=False)
        self.table.picked.connect(lambda key: self._settle())
        self.table.opened.connect(lambda key: self._with_chosen(self._use))
        self.empty = EmptyState(
            tr("Nothing is kept yet."),
            tr(
                "Candles of an exchange's past are downloaded once and kept on this "
                "computer, and files of other programs are imported. Both buttons stand "
                "above."
            ),
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self.about = ElidedLabel("", "label")
        """How much it is, for the head of the panel."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot())
        kept.changed.connect(self._show)
        self._show()

    def _foot(self) -> QWidget:
        foot = frame("raised")
        self.use = TextButton(tr("Use"), "flask")
        self.complete = TextButton(tr("Download missing"), "download-simple")
        self.check = TextButton(tr("Check"), "check-circle")
        self.delete = TextButton(tr("Delete"), "trash", "danger")
        for button, what in (
            (self.use, self._use),
            (self.complete, self.download_asked.emit),
            (self.check, self._check),
            (self.delete, self.delete_asked.emit),
        ):
            button.clicked.connect(lambda _=False, then=what: self._with_chosen(then))
        self.words = label("", "hint")
        self.words.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.use, self.complete, self.check):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.delete)
        column = QVBoxLayout(foot)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.words)
        return foot

    @property
    def chosen(self) -> Coverage | None:
        return self.model.rows.cover(self.table.current_key)

    def _with_chosen(self, then: object) -> None:
        chosen = self.chosen
        if chosen is not None and callable(then):
            then(chosen)

    def _use(self, cover: Coverage) -> None:
        self.used.emit(cover.series)

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        covers = self._kept.covers
        self.model.set_rows(KeptRows(covers, self._numbers))
        self._stack.setCurrentIndex(1 if covers else 0)
        if covers and self.chosen is None:
            self.table.pick_something()
        self.about.setText(_how_much(covers))
        self._settle()

    def _settle(self) -> None:
        for button in (self.use, self.complete, self.check, self.delete):
            button.setEnabled(self.chosen is not None)
        if self.chosen is not None and not self.chosen.bars:
            self.use.setEnabled(False)  # only damaged files are left of it
        if self._checked is not None:
            self.check.setEnabled(False)

    def _say(self, words: str, tone: str = "") -> None:
        self.words.setText(words)
        set_tone(self.words, tone)

    # ------------------------------------------------------------------ checking

    def _check(self, cover: Coverage) -> None:
        series = self._checked = cover.series
        self._say(tr("Reading every byte of {label}.", label=series.label))
        self._settle()
        self._bridge.ask_check(series, lambda found: self._judged(series, found), self._failed)

    def _judged(self, series: Series, damage: tuple[str, ...]) -> None:
        if damage:
            self._say(" ".join(damage), "down")
        else:
            self._say(tr("{label}: every byte is as it was written.", label=series.label), "up")
        self._checked = None
        self._settle()
        if damage:
            self._kept.refresh()

    def _failed(self, fault: Fault) -> None:
        self._checked = None
        self._settle()
        if not isinstance(fault, Cancelled):
            self._say(fault.words, "down")


def _how_much(covers: Sequence[Coverage]) -> str:
    if not covers:
        return ""
    size = size_text(sum(cover.size for cover in covers))
    return trn("{count:,} series, {size}", "{count:,} series, {size}", len(covers), size=size)
