"""On or off, at once."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from trader_gui.theme.theme import theme


class Switch(QAbstractButton):
    """Toggled by click, Space and Enter; ``toggled`` tells. Its name is for screen readers."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(36), theme().px(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        dressed = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(1.5, 0, self.width() - 3, dressed.px(18))
        track.moveCenter(QRectF(self.rect()).center())
        radius = track.height() / 2
        on, enabled = self.isChecked(), self.isEnabled()
        painter.setPen(QPen(dressed.color("accent" if self.hasFocus() else "line2"), 2))
        painter.setBrush(dressed.color("accent_fill" if on and enabled else "raised"))
        painter.drawRoundedRect(track, radius, radius)
        knob = track.right() - radius if on else track.left() + radius
        painter.setPen(Qt.PenStyle.NoPen)
        tone = ("on_accent" if on else "text3") if enabled else "disabled"
        painter.setBrush(dressed.color(tone))
        painter.drawEllipse(QPointF(knob, track.center().y()), radius - 4, radius - 4)
