"""How the map of kept candles is painted: months by quality, holes, the chosen period."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from engine.domain.archive import Coverage, MonthCover
from engine.domain.candles import timeframe_text
from trader_gui.coverage.facts import end_of, grade
from trader_gui.coverage.months import MonthLine, month_name, month_of, month_start
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.theme.tokens import over, see_through
from trader_gui.widgets.painting import draw_text, text_width

_LEAST_HOLE: Final = 1.5
"""Pixels: a hole of one candle is still seen."""
_BESIDE_PCT: Final = 48
"""How strong rows are that are not the one that is used."""
_HANDLE: Final = (6.0, 14.0)
_SAMPLE_MONTH: Final = month_of(1_709_251_200_000)
"""March 2024: its name has the room that names of months need."""


class Shown(Protocol):
    """What the map knows of itself, as `CoverageMap` tells it."""

    rows: tuple[Coverage, ...]
    bright: int
    from_at: int | None
    to_at: int | None
    split_at: int | None

    @property
    def at(self) -> tuple[int, int]: ...
    def line(self) -> MonthLine: ...
    def left(self) -> float: ...
    def row_area(self, row: int) -> QRectF: ...
    def shown_span(self) -> tuple[int, int]: ...
    def width(self) -> int: ...
    def hasFocus(self) -> bool: ...  # noqa: N802 (Qt's name)


def paint_map(painter: QPainter, shown: Shown) -> None:
    line = shown.line()
    _names_of_months(painter, shown, line)
    for number, cover in enumerate(shown.rows):
        area = shown.row_area(number)
        used = number == shown.bright
        name = QRectF(theme().px(14), area.top() - 3, shown.left(), area.height() + 6)
        text = timeframe_text(cover.series.timeframe_ms)
        role = Role.SMALL_VALUE if used else Role.SMALL
        draw_text(painter, name, text, "text1" if used else "text3", role)
        _row(painter, cover, line, area, used)
    if shown.from_at is not None or shown.to_at is not None:
        _period(painter, shown, line)
    if shown.hasFocus():
        _cursor(painter, shown, line)


def _names_of_months(painter: QPainter, shown: Shown, line: MonthLine) -> None:
    room = text_width(month_name(_SAMPLE_MONTH), Role.SMALL) + theme().px(8)
    end = float(shown.width())
    for month, name in line.ticks(room):
        x = line.x(month_start(month))
        area = QRectF(x, 0, end - x, shown.row_area(0).top() - 2)
        draw_text(painter, area, name, "text3", Role.SMALL)


def _row(painter: QPainter, cover: Coverage, line: MonthLine, area: QRectF, used: bool) -> None:
    track = QRectF(area)
    track.setLeft(line.x(month_start(line.first)))
    track.setRight(line.x(month_start(line.last + 1)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(track, theme().color("raised"))
    apart = 1.0 if line.step >= 4 else 0.0
    for month in cover.months:
        cell = _cell(cover, month, line, area, apart)
        _month(painter, month, cell, used)
    ground = theme().color("raised")
    for at, lost in cover.gaps:
        left = line.x(at)
        wide = line.x(at + lost * cover.series.timeframe_ms) - left
        hole = QRectF(left, area.top(), max(wide, _LEAST_HOLE), area.height())
        if not _inside_damage(cover, at):
            painter.fillRect(hole, ground)


def _inside_damage(cover: Coverage, at: int) -> bool:
    """What is missing with a damaged month is shown by its mark."""
    return any(month.damaged and month_of(month.first_at) == month_of(at) for month in cover.months)


def _cell(
    cover: Coverage, month: MonthCover, line: MonthLine, area: QRectF, apart: float
) -> QRectF:
    """The part of a month that lies between the first and the last candle; all of a damaged one
    that lies outside of them."""
    begin, after = month.first_at, month_start(month_of(month.first_at) + 1)
    if begin < end_of(cover) and after > cover.first_at:
        begin, after = max(begin, cover.first_at), min(after, end_of(cover))
    left, right = line.x(begin), line.x(after)
    return QRectF(left, area.top(), max(right - left - apart, 1.0), area.height())


def _month(painter: QPainter, month: MonthCover, cell: QRectF, used: bool) -> None:
    quality = grade(month)
    if quality == "damaged":
        painter.fillRect(cell, theme().color("tint_down"))
        painter.fillRect(cell, QBrush(theme().color("down"), Qt.BrushStyle.BDiagPattern))
        draw_text(painter, cell.adjusted(2, -3, 0, 3), "!" if cell.width() >= 8 else "", "text1")
        return
    if quality == "empty":
        return
    painter.fillRect(cell, _shade("warn" if quality == "poor" else "accent", used))
    if quality == "gaps":
        foot = max(2.0, round(cell.height() / 4))
        strip = QRectF(cell.left(), cell.bottom() - foot, cell.width(), foot)
        painter.fillRect(strip, _shade("warn", used))


def _shade(tone: str, used: bool) -> QColor:
    tokens = theme().tokens
    full: str = getattr(tokens, tone)
    return theme().color(tone) if used else over(see_through(full, _BESIDE_PCT), tokens.panel)


def _period(painter: QPainter, shown: Shown, line: MonthLine) -> None:
    from_at, to_at = shown.shown_span()
    top, bottom = shown.row_area(0).top() - 3, shown.row_area(len(shown.rows) - 1).bottom() + 3
    box = QRectF(QPointF(line.x(from_at), top), QPointF(line.x(to_at), bottom))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shade = theme().see_through("panel", 0.55)
    left, right = line.x(month_start(line.first)), line.x(month_start(line.last + 1))
    painter.fillRect(QRectF(QPointF(left, top), QPointF(box.left(), bottom)), shade)
    painter.fillRect(QRectF(QPointF(box.right(), top), QPointF(right, bottom)), shade)
    painter.setPen(QPen(theme().color("text1"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if shown.split_at is not None and from_at < shown.split_at < to_at:
        x = round(line.x(shown.split_at)) + 0.5
        painter.setPen(QPen(theme().color("text1"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("text1"))
    wide, high = _HANDLE
    for x in (box.left(), box.right()):
        knob = QRectF(x - wide / 2, box.center().y() - high / 2, wide, high)
        painter.drawRoundedRect(knob, 2, 2)


def _cursor(painter: QPainter, shown: Shown, line: MonthLine) -> None:
    row, month = shown.at
    area = shown.row_area(row)
    left, right = line.x(month_start(month)), line.x(month_start(month + 1))
    mark = QRectF(left - 1, area.top() - 2, max(right - left, 4) + 1, area.height() + 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().color("text1"), 2))
    painter.drawRoundedRect(mark, 2, 2)
