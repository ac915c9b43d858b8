"""One line of text that shortens with an ellipsis instead of pushing its neighbours."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

from trader_gui.widgets.looks import set_look


class ElidedLabel(QLabel):
    """Always plain text; what does not fit is in the tooltip and for screen readers."""

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.mode = Qt.TextElideMode.ElideRight
        self._whole = False
        if look:
            set_look(self, look)
        self.setText(text)

    def setText(self, text: str) -> None:
        line = " ".join(text.split())
        super().setText(line)
        self.setAccessibleName(line)
        self._explain()

    def set_whole(self, whole: bool) -> None:
        """A figure is drawn whole or not at all: the beginning of a price is another price."""
        if whole != self._whole:
            self._whole = whole
            self._explain()
            self.update()

    def shown(self) -> str:
        """The text as drawn at the present width."""
        text, width = self.text(), self.contentsRect().width()
        fitting = self.fontMetrics().elidedText(text, self.mode, width)
        return "" if self._whole and fitting != text else fitting

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        wanted = self.fontMetrics().horizontalAdvance(self.text()) + 2
        return QSize(wanted, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.setPen(option.palette.windowText().color())
        painter.drawText(self.contentsRect(), self.alignment(), self.shown())

    def _explain(self) -> None:
        whole = self.text()
        self.setToolTip("" if self.shown() == whole else _as_plain(whole))


def _as_plain(text: str) -> str:
    """Qt guesses markup in tooltips; escaped text inside a span is shown as it is."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<span>{escaped}</span>"
