"""A sweep as a map of cells: filled in while it runs, walked with keys and mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.language import tr
from trader_gui.models.sweep_cells import Front, Measure, State
from trader_gui.pages.backtest.sweep.heat_painting import (
    Axis,
    paint_axes,
    paint_cells,
    paint_frames,
)
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import text_width
from trader_gui.widgets.plain_tip import plain_tip

_GAP: Final = 2.0
_MOVES: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_FAR: Final = 10**6


class HeatMap(QWidget):
    """`chosen(number)` by click or Space, `opened(number)` by double click or Enter, `told(words)`
    about the cell under the pointer or the keys, empty for none."""

    chosen = Signal(object)
    opened = Signal(object)
    told = Signal(str)

    def __init__(self, describe: Callable[[int, int], str], parent: QWidget | None = None) -> None:
        """`describe(row, column)`: a cell in words."""
        super().__init__(parent)
        self._describe = describe
        self._front: Front | None = None
        self.measure = Measure.RETURN
        self.axes = Axis("", ("",)), Axis("", ())
        self.at = (0, 0)
        """(row, column) of the keys."""
        self.number = 0
        """The set that is chosen; 0 for none."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Parameter sweep"))
        self._plot: QRectF | None = None
        theme().changed.connect(self._place)

    # ------------------------------------------------------------------ what it shows

    def show_front(self, front: Front, measure: Measure, down: Axis, across: Axis) -> None:
        """The cells as they stand; `down` has one empty text where there is one axis."""
        self._front, self.measure, self.axes = front, measure, (down, across)
        rows, columns = front.number.shape
        self.at = min(self.at[0], rows - 1), min(self.at[1], columns - 1)
        self.setAccessibleDescription(self._describe(*self.at))
        self._place()

    def choose(self, number: int, *, go: bool = True) -> None:
        """Frame a set, from the program; `go`: the keys go on from there."""
        self.number = number
        if go and self._front is not None:
            found = np.argwhere(self._front.number == number)
            if number and len(found):
                self.at = int(found[0][0]), int(found[0][1])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(480), theme().px(320))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(90))

    def plot(self) -> QRectF:
        """Where the cells lie."""
        if self._plot is None:
            self._plot = self._placed()
        return self._plot

    def _placed(self) -> QRectF:
        down, line = self.axes[0], theme().row_height(16, Role.SMALL)
        wide = max((text_width(text, Role.SMALL) for text in down.texts), default=0)
        left = theme().px(12) + (wide + theme().px(8) if wide else 0) + (line if down.name else 0)
        top, bottom = theme().px(4), line * 2 + theme().px(6)
        wide, high = self.width() - left - theme().px(12), self.height() - top - bottom
        return QRectF(left, top, max(1, wide), max(1, high))

    def cell(self, row: int, column: int) -> QRectF:
        """Where a cell lies, without the gap to the next."""
        plot, (rows, columns) = self.plot(), self._shape()
        wide, high = plot.width() / columns, plot.height() / rows
        gap = _GAP if min(wide, high) > 6 else 0.0
        left, top = plot.left() + column * wide, plot.top() + row * high
        return QRectF(left + gap / 2, top + gap / 2, wide - gap, high - gap)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell under a point."""
        plot, (rows, columns) = self.plot(), self._shape()
        if self._front is None or not plot.contains(x, y):
            return None
        row = int((y - plot.top()) * rows / plot.height())
        column = int((x - plot.left()) * columns / plot.width())
        return min(row, rows - 1), min(column, columns - 1)

    def _place(self) -> None:
        self._plot = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _shape(self) -> tuple[int, int]:
        if self._front is None:
            return 1, 1
        rows, columns = self._front.number.shape
        return rows, columns

    # ------------------------------------------------------------------ mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.cell_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and at is not None:
            self._go(at)
            self._choose()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self.cell_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and at is not None:
            self._go(at)
            self._open()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self.cell_at(event.position().x(), event.position().y())
        self.told.emit("" if at is None else self._describe(*at))

    def leaveEvent(self, event: QEvent) -> None:
        self.told.emit("")
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.cell_at(event.pos().x(), event.pos().y())
            words = "" if at is None else self._describe(*at)
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, (row, column) = Qt.Key(event.key()), self.at
        if self._front is None:
            super().keyPressEvent(event)
        elif key in _MOVES:
            down, right = _MOVES[key]
            self._go((row + down, column + right))
        elif key == Qt.Key.Key_Home:
            self._go((row, 0))
        elif key == Qt.Key.Key_End:
            self._go((row, _FAR))
        elif key == Qt.Key.Key_Space:
            self._choose()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._open()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def _go(self, at: tuple[int, int]) -> None:
        rows, columns = self._shape()
        self.at = min(max(at[0], 0), rows - 1), min(max(at[1], 0), columns - 1)
        words = self._describe(*self.at)
        self.setAccessibleDescription(words)
        self.told.emit(words)
        self.update()

    def _done(self) -> int:
        """Number of the set at the keys if it has been played."""
        front = self._front
        done = front is not None and front.state[self.at] == State.DONE
        return int(front.number[self.at]) if front is not None and done else 0

    def _choose(self) -> None:
        if number := self._done():
            self.choose(number, go=False)
            self.chosen.emit(number)

    def _open(self) -> None:
        if number := self._done():
            self._choose()
            self.opened.emit(number)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._front is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_axes(painter, self, self._front)
        paint_cells(painter, self, self._front)
        paint_frames(painter, self, self._front)
        painter.end()
