"""Which months of a market are kept, in rows of timeframes, and the period that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.domain.archive import Coverage, MonthCover
from engine.domain.candles import timeframe_text
from engine.language import tr
from trader_gui.coverage.facts import end_of, month_words, months_of
from trader_gui.coverage.months import MonthLine, month_of, month_start
from trader_gui.coverage.painting import paint_map
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import text_width

_ROW: Final = 12
_GAP: Final = 6
_HANDLE: Final = 6
"""Pixels beside an end of the period from which it can be dragged."""
_STEPS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -12,
    Qt.Key.Key_PageDown: 12,
    Qt.Key.Key_Home: -(10**6),
    Qt.Key.Key_End: 10**6,
}


class CoverageMap(QWidget):
    """Click a month for its period, drag for several, drag an end to move it, double click for
    everything. Arrow keys move, with Shift they choose, Enter chooses one, Backspace everything.

    `chosen(from_at, to_at)`, UTC ms, None and None for everything. `told(words)` about the month
    under the pointer or the keys; empty for none.
    """

    chosen = Signal(object, object)
    told = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Coverage, ...] = ()
        self.bright = 0
        """The row whose candles are used."""
        self.from_at: int | None = None
        self.to_at: int | None = None
        self.split_at: int | None = None
        """Where the part of the period begins that is held back as unseen."""
        self._month, self._row = 0, 0
        self._anchor: int | None = None
        self._months: list[dict[int, MonthCover]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Kept candles by month"))
        theme().changed.connect(self._restyle)

    # ------------------------------------------------------------------ what it shows

    def set_rows(self, rows: Sequence[Coverage], bright: int = 0) -> None:
        """Series of one market, the one that is used at place `bright`."""
        rows = tuple(rows)
        if (rows, bright) == (self.rows, self.bright):
            return
        before, self.rows, self.bright = len(self.rows), rows, bright
        self._months = [{month_of(each.first_at): each for each in row.months} for row in rows]
        self._anchor = None
        self._row = bright
        if rows:
            line = self.line()
            self._month = min(max(self._month or line.last, line.first), line.last)
        if len(rows) != before:
            self.updateGeometry()
        self._describe()
        self.update()

    def set_span(self, from_at: int | None, to_at: int | None) -> None:
        """The chosen period; None is no limit."""
        if (from_at, to_at) != (self.from_at, self.to_at):
            self.from_at, self.to_at = from_at, to_at
            self.split_at = None
            self.update()

    def set_split(self, at: int | None) -> None:
        """Where what is held back begins, until the period changes; None is nowhere."""
        if at != self.split_at:
            self.split_at = at
            self.update()

    @property
    def at(self) -> tuple[int, int]:
        """(row, month) that the keys are at."""
        return self._row, self._month

    def line(self) -> MonthLine:
        """The months of all rows over the width."""
        firsts, lasts = zip(*map(months_of, self.rows), strict=True)
        return MonthLine(min(firsts), max(lasts), self.left(), self.width() - theme().px(14))

    def left(self) -> float:
        """Where the first month begins, right of the names of the rows."""
        names = [timeframe_text(row.series.timeframe_ms) for row in self.rows]
        wide = max((text_width(name, Role.SMALL) for name in names), default=0)
        return float(theme().px(14) + wide + theme().px(10))

    def row_area(self, row: int) -> QRectF:
        """Where a row lies, over the whole width."""
        top = self._axis_height() + row * theme().px(_ROW + _GAP)
        return QRectF(0, top, self.width(), theme().px(_ROW))

    def words(self, row: int, month: int) -> str:
        """What there is of that month in that row."""
        if not 0 <= row < len(self.rows):
            return ""
        found = self._months[row].get(month)
        return "" if found is None else month_words(self.rows[row].series, found)

    def sizeHint(self) -> QSize:
        rows = max(1, len(self.rows)) * theme().px(_ROW + _GAP)
        return QSize(theme().px(400), self._axis_height() + rows + theme().px(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def _axis_height(self) -> int:
        return theme().row_height(20, Role.SMALL)

    # ------------------------------------------------------------------ the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.rows:
            return
        x, line = event.position().x(), self.line()
        month = line.month_at(x)
        extends = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._anchor = self._held_end(x)
        if self._anchor is None:
            self._anchor = self._month if extends else month
            self._choose(self._anchor, month)
        self._go(self._row_at(event.position().y()), month)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.rows:
            return
        x = event.position().x()
        month = self.line().month_at(x)
        if event.buttons() & Qt.MouseButton.LeftButton and self._anchor is not None:
            self._choose(self._anchor, month)
        over_end = self._held_end(x) is not None
        shape = Qt.CursorShape.SizeHorCursor if over_end else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)
        self.told.emit(self.words(self._row_at(event.position().y()), month))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.rows and event.button() == Qt.MouseButton.LeftButton:
            self._everything()

    def leaveEvent(self, event: QEvent) -> None:
        self.told.emit(self.words(*self.at) if self.hasFocus() else "")
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.rows:
            place = event.pos()
            month = self.line().month_at(place.x())
            QToolTip.showText(event.globalPos(), self.words(self._row_at(place.y()), month), self)
            return True
        return super().event(event)

    def _row_at(self, y: float) -> int:
        row = int((y - self._axis_height() + theme().px(_GAP) / 2) // theme().px(_ROW + _GAP))
        return min(max(row, 0), len(self.rows) - 1)

    def _held_end(self, x: float) -> int | None:
        """The month at the other end of the period, if an end of it is where `x` is."""
        if self.from_at is None and self.to_at is None:
            return None
        line, (from_at, to_at) = self.line(), self.shown_span()
        if abs(x - line.x(from_at)) <= theme().px(_HANDLE):
            return month_of(to_at - 1)
        if abs(x - line.x(to_at)) <= theme().px(_HANDLE):
            return month_of(from_at)
        return None

    # ------------------------------------------------------------------ the keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = Qt.Key(event.key()), self._row
        if not self.rows:
            super().keyPressEvent(event)
        elif key in _STEPS:
            line, before = self.line(), self._month
            month = min(max(before + _STEPS[key], line.first), line.last)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = before if self._anchor is None else self._anchor
                self._choose(self._anchor, month)
            else:
                self._anchor = None
            self._go(row, month)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = -1 if key == Qt.Key.Key_Up else 1
            self._go(min(max(row + step, 0), len(self.rows) - 1), self._month)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                super().keyPressEvent(event)
            else:
                self._choose(self._month, self._month)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._everything()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.told.emit(self.words(*self.at))
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._anchor = None
        self.told.emit("")
        self.update()

    # ------------------------------------------------------------------ what is chosen

    def shown_span(self) -> tuple[int, int]:
        """The period within what is kept."""
        first = min(row.first_at for row in self.rows)
        end = max(end_of(row) for row in self.rows)
        from_at = first if self.from_at is None else min(max(self.from_at, first), end)
        to_at = end if self.to_at is None else min(max(self.to_at, from_at), end)
        return from_at, to_at

    def _choose(self, one: int, other: int) -> None:
        first, last = sorted((one, other))
        self._say(month_start(first), month_start(last + 1))

    def _everything(self) -> None:
        self._anchor = None
        self._say(None, None)

    def _say(self, from_at: int | None, to_at: int | None) -> None:
        if (from_at, to_at) != (self.from_at, self.to_at):
            self.set_span(from_at, to_at)
            self.chosen.emit(from_at, to_at)

    def _go(self, row: int, month: int) -> None:
        self._row, self._month = row, month
        self._describe()
        self.told.emit(self.words(row, month))
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self.words(*self.at) or tr("No candles in this month."))

    # ------------------------------------------------------------------ painting

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.rows:
            painter = QPainter(self)
            paint_map(painter, self)
            painter.end()
