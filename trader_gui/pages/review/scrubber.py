"""The time line of a review: a groove with the session's entries and exits, and the cursor."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.columns import IntColumn
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.models.review_moments import EventTicks
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

_NO_TICKS: Final = EventTicks(np.empty(0, np.int64), np.empty(0, np.int64))
_KNOB: Final = 7
_TICKS: Final = 8
"""Height of the ticks above the groove, pixels at 100 % text."""
_WIDE: Final = 2
"""Pixels of one tick across."""


class Scrubber(QWidget):
    """Shows [from_at, to_at] and emits `moved(at)` while it is dragged or stepped with keys.

    Arrow keys are the page's own (they step candles); Home and End go to the limits.
    """

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Time in the session"))
        self.setMouseTracking(True)
        self._from, self._to, self._at = 0, 1, 0
        self._ticks = _NO_TICKS
        self._drawn: QPixmap | None = None
        self._future_shown = True
        self._ends = "", ""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme().changed.connect(self._restyle)

    def set_span(self, from_at: int, to_at: int, ticks: EventTicks) -> None:
        self._from, self._to = from_at, max(to_at, from_at + 1)
        self._ticks, self._drawn = ticks, None
        self._ends = fmt.day_time(from_at, to_at), fmt.day_time(to_at, to_at)
        self.set_at(to_at)

    def set_at(self, at: int) -> None:
        self._at = min(max(at, self._from), self._to)
        self.setAccessibleDescription(f"{fmt.date_time(self._at)} UTC")
        self.update()

    def show_future(self, shown: bool) -> None:
        """Whether ticks stand right of the moment, too."""
        if shown != self._future_shown:
            self._future_shown = shown
            self.update()

    @property
    def at(self) -> int:
        return self._at

    def sizeHint(self) -> QSize:
        return QSize(theme().px(400), theme().px(44))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(44))

    def x_of(self, at: int) -> float:
        """Where a moment lies, in widget pixels."""
        groove = self._groove()
        return groove.left() + groove.width() * (at - self._from) / (self._to - self._from)

    def _at_of(self, x: float) -> int:
        groove = self._groove()
        share = min(max((x - groove.left()) / max(groove.width(), 1.0), 0.0), 1.0)
        return self._from + round(share * (self._to - self._from))

    def _groove(self) -> QRectF:
        knob = theme().px(_KNOB) + 2
        top = theme().px(_TICKS + 8)
        return QRectF(knob, top, self.width() - 2 * knob, theme().px(4))

    # ------------------------------------------------------------------ what a person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(self._at_of(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(self._at_of(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self._go(self._from)
        elif event.key() == Qt.Key.Key_End:
            self._go(self._to)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def _go(self, at: int) -> None:
        if at != self._at:
            self.set_at(at)
            self.moved.emit(at)

    # ------------------------------------------------------------------ painting

    def _restyle(self) -> None:
        self._drawn = None
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._drawn = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._drawn is None:
            self._drawn = self._ground()
        painter.drawPixmap(0, 0, self._drawn)
        groove, x = self._groove(), self.x_of(self._at)
        if not self._future_shown:
            rest = QRectF(x + 1, 0, self.width() - x, groove.top())
            painter.fillRect(rest, theme().color("raised"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent"))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), x - groove.left(), 4), 2, 2)
        self._knob(painter, QPointF(x, groove.center().y()))
        self._labels(painter, x)
        painter.end()

    def _knob(self, painter: QPainter, centre: QPointF) -> None:
        radius = float(theme().px(_KNOB))
        outline = "accent" if self.hasFocus() else "accent_fill"
        painter.setPen(QPen(theme().color(outline), 3 if self.hasFocus() else 2))
        painter.setBrush(theme().color("text1" if theme().tokens.name == "dark" else "panel"))
        painter.drawEllipse(centre, radius - 1, radius - 1)

    def _labels(self, painter: QPainter, x: float) -> None:
        top = self._groove().bottom() + theme().px(5)
        painter.setFont(theme().font(Role.SMALL_VALUE))
        now = fmt.day_time(self._at, self._to)
        width = painter.fontMetrics().horizontalAdvance(now) + 4.0
        left = min(max(x - width / 2, 0.0), self.width() - width)
        painter.setPen(theme().color("text1"))
        place = QRectF(left, top, width, self.height() - top)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, now)
        painter.setPen(theme().color("text3"))
        (first, last), small = self._ends, theme().texts(Role.SMALL)
        line = QRectF(0, top, self.width(), small.height)
        if left > round(small.width(first)) + 8:
            small.write(painter, line, first)
        if left + width < self.width() - round(small.width(last)) - 8:
            small.write(painter, line, last, Qt.AlignmentFlag.AlignRight)

    def _ground(self) -> QPixmap:
        """The empty groove under all ticks: thousands of them are a picture, not a loop per
        frame."""
        ratio = self.devicePixelRatioF()
        drawn = QPixmap(self.size() * ratio)
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(theme().color("raised"))  # as the bar it stands on
        painter = QPainter(drawn)
        height, top = theme().px(_TICKS), theme().px(3)
        dense = len(self._ticks.at) > self.width() / 4
        groove = self._groove()
        share = (self._ticks.at - self._from) / (self._to - self._from)
        places = np.rint(groove.left() + groove.width() * share).astype(np.int64)
        # Where there is no room for both, results say more than entries.
        for tone, name, cut in ((0, "accent", height // 2), (-1, "down", 0), (1, "up", 0)):
            if dense and not tone:
                continue
            color = theme().color(name)
            for left, right in _runs(np.unique(places[self._ticks.tone == tone])):
                painter.fillRect(left, top + cut, right - left, height - cut, color)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("line2"))
        painter.drawRoundedRect(groove, 2, 2)
        painter.end()
        return drawn


def _runs(places: IntColumn) -> list[tuple[int, int]]:
    """Ticks two pixels wide at `places` (increasing) as (from, to) of those that touch."""
    breaks = np.flatnonzero(np.diff(places) > _WIDE)
    firsts = places[np.concatenate(([0], breaks + 1))] if len(places) else places
    lasts = places[np.concatenate((breaks, [-1]))] if len(places) else places
    return list(zip(firsts.tolist(), (lasts + _WIDE).tolist(), strict=True))
