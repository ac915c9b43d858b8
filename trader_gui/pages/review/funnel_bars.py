"""The funnel as a person points at it: a bar for each step, and the exits in one bar."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.language import tr
from trader_gui import format as fmt
from trader_gui.models.funnel import Line, Step, exit_tone, exit_word
from trader_gui.theme.fonts import Role
from trader_gui.theme.laid_out import LaidOut
from trader_gui.theme.theme import theme

_BAR: Final = 10
_LEAST_TRACK: Final = 40
"""A bar keeps this much, however long the names are."""
_KEYS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}
_PICK: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Pointed(QWidget):
    """Parts that are pointed at, walked over with the arrow keys and picked. `picked(Step)`."""

    picked = Signal(object)

    def __init__(self, pickable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen: Step | None = None
        self._under = self._current = -1
        self._pickable = pickable
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        if pickable:
            self.setMouseTracking(True)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def steps(self) -> tuple[Step, ...]:
        """What can be picked, in order."""
        raise NotImplementedError

    def part_at(self, at: QPointF) -> int:
        """Place of the part under a pixel, -1 for none."""
        raise NotImplementedError

    def show_chosen(self, step: Step | None) -> None:
        """Which part stands out."""
        if step != self.chosen:
            self.chosen = step
            self.update()

    def _pick(self, place: int) -> None:
        if self._pickable and 0 <= place < len(self.steps()):
            self._current = place
            self.picked.emit(self.steps()[place])
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(self.part_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.part_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)

    def _point(self, place: int) -> None:
        if place != self._under:
            self._under = place
            hand = Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor
            self.setCursor(hand)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS and self.steps():
            self._current = min(max(self._current + _KEYS[key], 0), len(self.steps()) - 1)
            self.update()
        elif key in _PICK:
            self._pick(max(self._current, 0))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paint_ground(self, painter: QPainter, area: QRectF, place: int) -> None:
        """What a part stands on: chosen, pointed at, or where the keys are."""
        wide = area.adjusted(-theme().px(4), 0, theme().px(4), 0)
        if self.steps()[place] == self.chosen:
            painter.fillRect(wide, theme().color("sel"))
        elif place == self._under:
            painter.fillRect(wide, theme().color("hover"))
        if place == self._current and self.hasFocus():
            painter.setPen(theme().color("accent"))
            painter.drawRect(wide.adjusted(0, 0, -1, -1))


class CountBars(_Pointed):
    """Named counts as bars; the first line is the whole, the last what is left of it."""

    def __init__(self, pickable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(pickable, parent)
        self.lines: tuple[Line, ...] = ()

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines == self.lines:
            return
        if len(lines) != len(self.lines):
            self.updateGeometry()
        self.lines = lines
        words = ", ".join(f"{line.name} {line.count} {line.gain}".strip() for line in lines)
        self.setAccessibleName(words or tr("Nothing was refused"))
        self.update()

    def steps(self) -> tuple[Step, ...]:
        return tuple(line.step for line in self.lines)

    def part_at(self, at: QPointF) -> int:
        place = int(at.y() // self._row())
        return place if 0 <= place < len(self.lines) else -1

    def _row(self) -> int:
        return theme().row_height(22)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), max(1, len(self.lines)) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("panel"))
        row, most = self._row(), max([line.count for line in self.lines], default=1)
        left = _widest(theme().texts(Role.BODY), [line.name for line in self.lines])
        values = theme().texts(Role.VALUE)
        gains = _widest(values, [line.gain for line in self.lines if line.gain])
        counts = _widest(values, [_count(line) for line in self.lines])
        counts = counts if gains else max(theme().px(44), counts)
        left = min(left, self.width() - counts - gains - theme().px(_LEAST_TRACK))
        for place, line in enumerate(self.lines):
            area = QRectF(0, place * row, self.width(), row)
            self.paint_ground(painter, area, place)
            self._write(painter, area, line, left, gains, place in (0, len(self.lines) - 1))
            track = QRectF(left, 0, self.width() - left - counts - gains, theme().px(_BAR))
            track.moveTop(area.center().y() - track.height() / 2)
            painter.fillRect(track, theme().color("raised"))
            scale = max(track.width(), 0) / max(most, 1)
            track.moveLeft(track.left() + scale * line.start)
            track.setWidth(max(scale * line.count, 1.0 if line.count else 0.0))
            painter.fillRect(track, theme().color(line.tone))

    def _write(
        self, painter: QPainter, area: QRectF, line: Line, left: int, gains: int, ends: bool
    ) -> None:
        """Name at the left, count and, behind it, gain at the right."""
        names, values = theme().texts(Role.STRONG if ends else Role.BODY), theme().texts(Role.VALUE)
        painter.setPen(theme().color("text1" if ends else "text2"))
        names.write(painter, area, names.shortened(line.name, left - 4))
        painter.setPen(theme().color("text1"))
        right, before = Qt.AlignmentFlag.AlignRight, area.adjusted(0, 0, -gains, 0)
        values.write(painter, before, _count(line), right)
        if line.gain:
            painter.setPen(theme().color(fmt.tone(line.gain)))
            values.write(painter, area, line.gain, right)


class ExitsBar(_Pointed):
    """How trades ended, as parts of one bar and named below it."""

    def __init__(self, pickable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(pickable, parent)
        self.exits: tuple[tuple[int, int], ...] = ()
        self._places: list[QRectF] = []

    def show_exits(self, exits: tuple[tuple[int, int], ...]) -> None:
        """(ExitReason or STILL_OPEN, how often), in the order shown."""
        if exits == self.exits:
            return
        self.exits = exits
        said = ", ".join(f"{exit_word(code)} {count}" for code, count in exits)
        self.setAccessibleName(
            tr("Exits by reason: {reasons}", reasons=said) if said else tr("Exits by reason: none")
        )
        self._lay_out()
        self.update()

    def steps(self) -> tuple[Step, ...]:
        return tuple(Step("exit", code) for code, _ in self.exits)

    def part_at(self, at: QPointF) -> int:
        if at.y() < self._bar().bottom() + theme().px(3):
            inside = [place for place, part in enumerate(self._parts()) if part.right() > at.x()]
            return inside[0] if inside else -1
        inside = [place for place, area in enumerate(self._places) if area.contains(at)]
        return inside[0] if inside else -1

    def sizeHint(self) -> QSize:
        bottom = max([area.bottom() for area in self._places], default=self._bar().bottom())
        return QSize(theme().px(200), round(bottom) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _bar(self) -> QRectF:
        return QRectF(0, theme().px(3), self.width(), theme().px(8))

    def _parts(self) -> list[QRectF]:
        bar, whole = self._bar(), max(sum(count for _, count in self.exits), 1)
        parts, left = [], bar.left()
        for _, count in self.exits:
            width = bar.width() * count / whole
            parts.append(QRectF(left, bar.top(), width, bar.height()))
            left += width
        return parts

    def _lay_out(self) -> None:
        """Places of the names: beside each other, in as many lines as they need."""
        row, gap, places = theme().row_height(20), theme().px(10), list[QRectF]()
        words = theme().texts(Role.SMALL).metrics
        left, top = 0.0, self._bar().bottom() + theme().px(5)
        for code, count in self.exits:
            text = f"{exit_word(code)} {fmt.count(count)}"
            width = theme().px(14) + words.horizontalAdvance(text) + theme().px(4)
            if left and left + width > self.width():
                left, top = 0.0, top + row
            places.append(QRectF(left, top, width, row))
            left += width + gap
        if places != self._places:
            before = self.sizeHint().height()
            self._places = places
            if self.sizeHint().height() != before:
                self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("panel"))
        painter.fillRect(self._bar(), theme().color("raised"))
        parts = self._parts()
        for place, (code, count) in enumerate(self.exits):
            part = parts[place]
            tone = theme().color(exit_tone(code))
            gap = 1 if part.width() > theme().px(4) else 0
            painter.fillRect(part.adjusted(0, 0, -gap, 0), tone)
            area = self._places[place]
            self.paint_ground(painter, area, place)
            side = theme().px(8)
            spot = QRectF(area.left() + theme().px(2), area.center().y() - side / 2, side, side)
            painter.fillRect(spot, tone)
            painter.setPen(theme().color("text2"))
            text = area.adjusted(theme().px(14), 0, 0, 0)
            theme().texts(Role.SMALL).write(painter, text, f"{exit_word(code)} {fmt.count(count)}")


def _count(line: Line) -> str:
    """What is left stands plain, what is taken away with a minus."""
    count = fmt.count(line.count)
    return f"{fmt.MINUS}{count}" if line.step.kind == "rule" else count


def _widest(texts: LaidOut, words: list[str]) -> int:
    """Room for the widest of `words` and a gap; nothing for none."""
    room = max([round(texts.width(word)) for word in words], default=0)
    return room + theme().px(10) if words else 0
