"""The list at the left of a long page: jumps to a section, and may show its open errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.theme.fonts import Role
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import frame


class SectionList(QWidget):
    """`chosen(key)` when a section is asked for."""

    chosen = Signal(str)

    def __init__(
        self, sections: Sequence[tuple[str, str, str]], parent: QWidget | None = None
    ) -> None:
        """`sections` are (key, title, icon name)."""
        super().__init__(parent)
        panel = frame("panel")
        inner = QVBoxLayout(panel)
        inner.setContentsMargins(8, 10, 8, 10)
        inner.setSpacing(4)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, SectionButton] = {}
        for key, title, icon_name in sections:
            button = SectionButton(title, icon_name)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            inner.addWidget(button)
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        self.set_current(sections[0][0])

    def set_current(self, key: str) -> None:
        self.buttons[key].setChecked(True)

    def show_errors(self, errors: Mapping[str, int]) -> None:
        """Open errors by section; the others get a tick."""
        for key, button in self.buttons.items():
            button.set_errors(errors.get(key, 0))


class SectionButton(QAbstractButton):
    """Icon, title, and at the right a tick or the number of errors, once they were counted."""

    def __init__(self, title: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.errors: int | None = None
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_errors(self, count: int) -> None:
        self.errors = count
        words = tr("{count} to fix", count=count) if count else tr("complete")
        self.setAccessibleName(f"{self.text()}, {words}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme().font(Role.VALUE)).horizontalAdvance(self.text())
        width = theme().px(32) + words + self._room_at_the_right()
        return QSize(max(theme().px(150), width), theme().row_height(34))

    def _room_at_the_right(self) -> int:
        return theme().px(10 if self.errors is None else 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(colours.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        on = self.isChecked() or self.underMouse()
        painter.setBrush(colours.color("hover") if on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 6, 6)
        side, middle = colours.px(16), self.height() / 2
        tone = "text1" if self.isChecked() else "text2"
        place = QRectF(colours.px(8), middle - side / 2, side, side).toRect()
        icon(self._icon_name, tone).paint(painter, place)
        painter.setFont(colours.font(Role.VALUE if self.isChecked() else Role.BODY))
        painter.setPen(colours.color(tone))
        words = area.adjusted(colours.px(32), 0, -self._room_at_the_right(), 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        right = QRectF(self.width() - colours.px(28), middle - side / 2, colours.px(20), side)
        if self.errors:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color("tint_down"))
            painter.drawRoundedRect(right, 4, 4)
            painter.setPen(colours.color("down"))
            painter.setFont(colours.font(Role.PILL))
            painter.drawText(right, Qt.AlignmentFlag.AlignCenter, str(self.errors))
        elif self.errors is not None:
            icon("check", "text3").paint(painter, right.toRect())
