"""Files a backtest may use beside its candles: finer candles, and funding rates."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.forms.candle_source import CANDLE_KINDS, FUNDING_KINDS, FileLine
from trader_gui.widgets.fold import Fold
from trader_gui.widgets.looks import label


class FinerFiles(QWidget):
    """Folded away; `changed()` after every choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual = ""
        self.fine = FileLine(tr("Choose"), tr("Open finer candles"), CANDLE_KINDS, optional=True)
        self.funding = FileLine(
            tr("Choose"), tr("Open funding rates"), FUNDING_KINDS, optional=True
        )
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        for line, caption, hint in (
            (self.fine, tr("Finer candles"), tr("They decide what came first inside a bar")),
            (
                self.funding,
                tr("Funding rates"),
                tr("Paid and received by futures; CSV with time, rate"),
            ),
        ):
            line.chosen.connect(self._chosen)
            if line is not self.fine:
                inner.addSpacing(8)
            inner.addWidget(label(caption, "small"))
            inner.addWidget(line)
            inner.addWidget(label(hint, "hint"))
        self.fold = Fold(tr("More data"), body)
        self.fold.toggled.connect(lambda wanted: self._say())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold)
        self._say()

    @property
    def fine_path(self) -> str:
        return str(self.fine.path or "")

    @property
    def funding_path(self) -> str:
        return str(self.funding.path or "")

    def set_paths(self, fine: str, funding: str) -> None:
        for line, path in ((self.fine, fine), (self.funding, funding)):
            line.set_path(Path(path) if path else None)
        self._say()

    def show_usual(self, words: str) -> None:
        """What decides inside bars while no file is chosen; empty for nothing."""
        self._usual = words
        self._say()

    def _chosen(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        names = [line.path.name for line in (self.fine, self.funding) if line.path]
        if self._usual and self.fine.path is None:
            names.insert(0, self._usual)
        words = ", ".join(names) or tr("No finer candles, no funding rates")
        self.fold.show_words("" if self.fold.open else words)
