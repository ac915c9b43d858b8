"""The pages of the window and the rail that leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.language import tr
from trader_gui.resources import ICON_FILE
from trader_gui.theme.fonts import Role
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.looks import set_hint, set_look

WIDE_RAIL: Final = 64
NARROW_RAIL: Final = 48
_BESIDE_CAPTION: Final = 12


@dataclass(frozen=True, slots=True)
class Page:
    """A page by name. ``factory`` makes its widget when the page is first opened."""

    name: str
    title: str
    icon: str  # a Phosphor icon's name
    factory: Callable[[], QWidget]
    at_bottom: bool = False
    keys: str = ""


def first_pages(wait: str = "", title: str = "") -> list[Page]:
    """The window's pages while there is no engine: each says what it waits for, usually the
    engine.

    With ``title`` they say instead that it will not come, and ``wait`` says why.
    """
    words = wait or tr("The engine is starting.")

    def opening(name: str, shown: str, icon_name: str, keys: str, at_bottom: bool = False) -> Page:
        return Page(
            name, shown, icon_name, lambda: EmptyState(title or shown, words), at_bottom, keys
        )

    return [
        opening("monitor", tr("Monitor"), "activity", "Ctrl+1"),
        opening("sessions", tr("Sessions"), "clock-counter-clockwise", "Ctrl+2"),
        opening("backtest", tr("Backtest"), "flask", "Ctrl+3"),
        opening("bots", tr("Bots"), "robot", "Ctrl+4"),
        opening("settings", tr("Settings"), "gear-six", "Ctrl+,", at_bottom=True),
    ]


class Rail(QFrame):
    """Icons with captions at the left edge; icons alone when the window is narrow."""

    chosen = Signal(str)

    def __init__(self, pages: list[Page], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "rail")
        self.setAccessibleName(tr("Pages"))
        self._narrow = False
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _RailButton] = {}
        self._logo = QLabel()
        self._logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        column.addWidget(self._logo)
        column.addSpacing(4)
        for page in (page for page in pages if not page.at_bottom):
            column.addWidget(self._button(page))
        column.addStretch(1)
        for page in (page for page in pages if page.at_bottom):
            column.addWidget(self._button(page))
        self._dress()
        theme().changed.connect(self._dress)

    @property
    def names(self) -> list[str]:
        return list(self._buttons)

    def set_current(self, name: str) -> None:
        self._buttons[name].setChecked(True)
        self.update()

    def set_attention(self, name: str, words: str) -> None:
        """A red dot at a page's icon, with what it means for tooltip and screen readers."""
        self._buttons[name].set_attention(words)

    def set_narrow(self, narrow: bool) -> None:
        if narrow != self._narrow:
            self._narrow = narrow
            self._dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        current = self._group.checkedButton()
        if current is None:
            return
        area = current.geometry()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent"))
        bar = QRectF(-3, area.top() + area.height() * 0.25, 6, area.height() * 0.5)
        painter.drawRoundedRect(bar, 3, 3)

    def _button(self, page: Page) -> _RailButton:
        button = _RailButton(page)
        button.clicked.connect(lambda: self.chosen.emit(page.name))
        button.toggled.connect(self.update)
        self._group.addButton(button)
        self._buttons[page.name] = button
        return button

    def _dress(self) -> None:
        dressed = theme()
        self.setFixedWidth(dressed.px(NARROW_RAIL) if self._narrow else self._wide())
        self._logo.setFixedHeight(dressed.px(48))
        side = dressed.px(28)
        self._logo.setPixmap(
            QIcon(str(ICON_FILE)).pixmap(QSize(side, side), self.devicePixelRatioF())
        )
        for button in self._buttons.values():
            button.dress(self._narrow)

    def _wide(self) -> int:
        """The usual width, more where a caption in the person's language needs it."""
        letters = QFontMetrics(theme().font(Role.SMALL))
        widest = max(letters.horizontalAdvance(one.text()) for one in self._buttons.values())
        return max(theme().px(WIDE_RAIL), widest + theme().px(_BESIDE_CAPTION))


class _RailButton(QToolButton):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._attention = ""
        self.setProperty("look", "rail")
        self.setText(page.title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click opens the page, the page has focus
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._explain()

    def set_attention(self, words: str) -> None:
        if words != self._attention:
            self._attention = words
            self._explain()
            self.update()

    def dress(self, narrow: bool) -> None:
        side = theme().px(20)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon(self._page.icon, "text3", "accent"))
        set_look(self, "rail-narrow" if narrow else "rail")
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonIconOnly if narrow else style.ToolButtonTextUnderIcon
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._attention:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("down"))
            half = theme().px(10)
            top = (
                (self.height() - 2 * half) / 2
                if self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
                else theme().px(7)
            )
            painter.drawEllipse(QPointF(self.width() / 2 + half, top + 1), 3.5, 3.5)

    def _explain(self) -> None:
        parts = [self._page.title]
        if self._page.keys:
            written = QKeySequence.SequenceFormat.NativeText
            parts[0] += f" ({QKeySequence(self._page.keys).toString(written)})"
        if self._attention:
            parts.append(self._attention)
        set_hint(self, ". ".join(parts))
        self.setAccessibleName(self._page.title)
        self.setAccessibleDescription(self._attention)
