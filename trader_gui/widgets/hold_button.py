"""A button for what cannot be undone: it acts only after being held down."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from engine.language import tr
from trader_gui.theme.fonts import Role
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class HoldButton(QAbstractButton):
    """Fills from the left while held by mouse, Space or Enter; letting go cancels."""

    held = Signal()

    def __init__(
        self, text: str, icon_name: str = "", hold_ms: int = 1000, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(
            tr("Hold for {seconds:g} s to confirm", seconds=hold_ms / 1000)
        )
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._icon_name = icon_name
        self._hint = tr("hold {seconds:g} s", seconds=hold_ms / 1000)
        self._shows_hint = True
        self._fill = QVariantAnimation(self)
        self._fill.setStartValue(0.0)
        self._fill.setEndValue(1.0)
        self._fill.setDuration(hold_ms)
        self._fill.valueChanged.connect(self.update)
        self._fill.finished.connect(self._complete)
        self.pressed.connect(self.begin)
        self.released.connect(self.cancel)
        theme().changed.connect(self._dress)
        self._dress()

    @property
    def progress(self) -> float:
        """How much of the hold is done, 0 to 1."""
        running = self._fill.state() is QVariantAnimation.State.Running
        return float(self._fill.currentValue()) if running else 0.0

    def show_hint(self, shown: bool) -> None:
        """Whether the words "hold 1 s" stand beside the text."""
        self._shows_hint = shown
        self.updateGeometry()
        self.update()

    def begin(self) -> None:
        """Start the hold, also from a shortcut held down elsewhere."""
        if self.isEnabled() and self.progress == 0.0:
            self._fill.start()

    def cancel(self) -> None:
        self._fill.stop()
        self.update()

    def sizeHint(self) -> QSize:
        dressed = theme()
        width = self.fontMetrics().horizontalAdvance(self.text()) + dressed.px(24)
        if self._icon_name:
            width += dressed.px(22)
        if self._shows_hint:
            width += self._hint_width() + dressed.px(8)
        return QSize(width, dressed.row_height(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.begin()
        elif not event.isAutoRepeat():
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return  # a held key repeats; only the true release counts
        if event.key() in _ENTER:
            self.cancel()
        else:
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self.cancel()

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        dressed = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        area = QRectF(self.rect())
        shape.addRoundedRect(area, 6, 6)
        painter.setClipPath(shape)
        enabled = self.isEnabled()
        hot = self.underMouse() and enabled
        ground = dressed.color("danger_fill_hover" if hot else "danger_fill")
        painter.fillPath(shape, ground if enabled else dressed.color("raised"))
        done = QRectF(area.left(), area.top(), area.width() * self.progress, area.height())
        painter.fillRect(done, dressed.color("danger_fill").darker(190))
        if self.hasFocus():
            painter.setPen(QPen(dressed.color("text1"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 5, 5)
        self._paint_words(painter, "on_danger" if enabled else "disabled")

    def _paint_words(self, painter: QPainter, tone: str) -> None:
        dressed = theme()
        content = self.sizeHint().width() - dressed.px(24)
        left = (self.width() - content) // 2
        if self._icon_name:
            size = dressed.px(16)
            image = icon(self._icon_name, tone, tone).pixmap(size, size)
            painter.drawPixmap(left, (self.height() - size) // 2, image)
            left += dressed.px(22)
        painter.setPen(dressed.color(tone))
        painter.setFont(dressed.font(Role.STRONG))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        area = self.rect()
        area.setLeft(left)
        painter.drawText(area, middle, self.text())
        if self._shows_hint:
            painter.setFont(dressed.font(Role.SMALL))
            area.setLeft(left + self.fontMetrics().horizontalAdvance(self.text()) + dressed.px(8))
            painter.drawText(area, middle, self._hint)

    def _hint_width(self) -> int:
        return QFontMetrics(theme().font(Role.SMALL)).horizontalAdvance(self._hint)

    def _dress(self) -> None:
        self.setFont(theme().font(Role.STRONG))
        self.updateGeometry()
        self.update()

    def _complete(self) -> None:
        self.update()
        self.held.emit()
