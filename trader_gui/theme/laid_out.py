"""Texts of one font, laid out once: most of what is painted again says what it said before."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QStaticText

_MOST: Final = 1000
"""Texts that are kept; then all are let go."""
_RIGHT: Final = Qt.AlignmentFlag.AlignRight
_CENTRE: Final = Qt.AlignmentFlag.AlignHCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft


class LaidOut:
    """Writes plain text of one line as `QPainter.drawText` does, for a third of its time."""

    def __init__(self, font: QFont) -> None:
        self.font, self.metrics = font, QFontMetrics(font)
        self._exact = QFontMetricsF(font)
        self.height = self._exact.height()
        self._texts: dict[str, tuple[QStaticText, float]] = {}
        self._short: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> float:
        """Pixels that a text takes."""
        return self._laid_out(text)[1]

    def shortened(self, text: str, room: int) -> str:
        """With an ellipsis at its end where there is no room for all of it."""
        found = self._short.get((text, room))
        if found is None:
            if len(self._short) >= _MOST:
                self._short.clear()
            found = self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            self._short[text, room] = found
        return found

    def write(
        self, painter: QPainter, box: QRectF, text: str, side: Qt.AlignmentFlag = _LEFT
    ) -> None:
        """In the painter's pen, at the left, right or middle of a box and half way down."""
        laid_out, width = self._laid_out(text)
        left = box.left()
        if side != _LEFT:
            left += (box.width() - width) / (2 if side == _CENTRE else 1)
        painter.setFont(self.font)
        painter.drawStaticText(
            QPointF(left, box.top() + (box.height() - self.height) / 2), laid_out
        )

    def _laid_out(self, text: str) -> tuple[QStaticText, float]:
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) >= _MOST:
                self._texts.clear()
            made = QStaticText(text)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            made.prepare(font=self.font)
            found = self._texts[text] = made, self._exact.horizontalAdvance(text)
        return found
