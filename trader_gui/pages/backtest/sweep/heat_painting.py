"""How a heat map is painted: cells or, where they are many, an image; axes and frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from trader_gui.models.sweep_cells import Front, Measure, State
from trader_gui.models.sweep_words import figure_text
from trader_gui.pages.backtest.sweep.heat_colors import shades, shades_of
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import text_width

MOST_PAINTED: Final = 1_600
"""More cells than that are an image: 40 x 40."""
_DONE, _REFUSED, _RUNNING = int(State.DONE), int(State.REFUSED), int(State.RUNNING)
_NO_PEN, _CENTRE = Qt.PenStyle.NoPen, Qt.AlignmentFlag.AlignCenter
_MIDDLE, _RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class Axis:
    """Its name, and a text for each of its values."""

    name: str
    texts: tuple[str, ...]


class Shown(Protocol):
    """What the map knows of itself, as `HeatMap` tells it."""

    measure: Measure
    axes: tuple[Axis, Axis]
    number: int
    at: tuple[int, int]

    def plot(self) -> QRectF: ...
    def cell(self, row: int, column: int) -> QRectF: ...
    def hasFocus(self) -> bool: ...  # noqa: N802 (Qt's name)


def paint_cells(painter: QPainter, shown: Shown, front: Front) -> None:
    if front.number.size > MOST_PAINTED:
        _paint_image(painter, shown, front)
        return
    colors = [QBrush(one) for one in shades(shown.measure)]
    hatched = QBrush(theme().color("line2"), Qt.BrushStyle.BDiagPattern)
    first, empty = shown.cell(0, 0), QBrush(theme().color("track"))
    texts = first.width() >= theme().px(30) and first.height() >= theme().px(14)
    ink, measure = theme().color("text1"), shown.measure
    painter.setFont(theme().font(Role.SMALL_VALUE))
    # Many times a second, for a thousand cells: lists, and names that are looked up once.
    columns = (front.state, shades_of(measure, front.value), front.value, front.share)
    flat = zip(*(column.ravel().tolist() for column in columns), strict=True)
    for place, (state, shade, value, share) in enumerate(flat):
        area = shown.cell(*divmod(place, front.number.shape[1]))
        painter.setPen(_NO_PEN)
        if state == _DONE:
            painter.setBrush(colors[shade])
        else:
            painter.setBrush(hatched if state == _REFUSED else empty)
        painter.drawRoundedRect(area, 3, 3)
        if state == _DONE and texts:
            painter.setPen(ink)
            painter.drawText(area, _CENTRE, figure_text(measure, value))
        elif state == _RUNNING:
            _paint_running(painter, area, share)


def _paint_running(painter: QPainter, area: QRectF, share: float) -> None:
    painter.setPen(QPen(theme().color("accent"), 1))
    painter.setBrush(theme().color("tint_accent"))
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    inset = area.width() * 0.2
    track = QRectF(area.left() + inset, area.center().y() - 1.5, area.width() - 2 * inset, 3)
    painter.fillRect(track, theme().color("line2"))
    track.setWidth(track.width() * share)
    painter.fillRect(track, theme().color("accent"))


def _paint_image(painter: QPainter, shown: Shown, front: Front) -> None:
    colors = np.array([_packed(one) for one in shades(shown.measure)], np.uint32)
    pixels = colors[shades_of(shown.measure, front.value)]
    for state, name in (
        (State.PENDING, "track"),
        (State.RUNNING, "accent"),
        (State.REFUSED, "app"),
    ):
        pixels[front.state == state] = _packed(theme().color(name))
    rows, columns = pixels.shape
    kind = QImage.Format.Format_RGB32
    image = QImage(np.ascontiguousarray(pixels).tobytes(), columns, rows, 4 * columns, kind)
    painter.drawImage(shown.plot(), image)


def _packed(color: QColor) -> int:
    """As a pixel of an image without transparency."""
    return color.red() << 16 | color.green() << 8 | color.blue()


def paint_frames(painter: QPainter, shown: Shown, front: Front) -> None:
    """Around the set that is chosen, and around the cell of the keys."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if shown.number:
        painter.setPen(QPen(theme().color("text1"), 2))
        for row, column in np.argwhere(front.number == shown.number).tolist():
            painter.drawRoundedRect(shown.cell(row, column), 3, 3)
    if shown.hasFocus():
        painter.setPen(QPen(theme().color("accent"), 2))
        painter.drawRoundedRect(shown.cell(*shown.at).adjusted(3, 3, -3, -3), 2, 2)


def paint_axes(painter: QPainter, shown: Shown, front: Front) -> None:
    """Values beside and below the cells, those of the chosen set strong; names outside."""
    (down, across), plot = shown.axes, shown.plot()
    line = theme().row_height(16, Role.SMALL)
    found = np.argwhere(front.number == shown.number).tolist() if shown.number else []
    row, column = found[0] if found else (-1, -1)
    right = plot.left() - theme().px(6)
    for place in _shown_places(len(down.texts), plot.height(), line):
        box = QRectF(0, shown.cell(place, 0).center().y() - line / 2, right, line)
        _label(painter, box, down.texts[place], strong=place == row, side=_RIGHT)
    wide = max((text_width(text, Role.SMALL_VALUE) for text in across.texts), default=0)
    for place in _shown_places(len(across.texts), plot.width(), wide + theme().px(8)):
        middle = shown.cell(0, place).center().x()
        box = QRectF(middle - wide, plot.bottom() + 2, 2 * wide, line)
        _label(painter, box, across.texts[place], strong=place == column)
    _label(painter, QRectF(plot.left(), plot.bottom() + line, plot.width(), line), across.name)
    if down.name:
        painter.save()
        painter.translate(theme().px(4) + line / 2, plot.center().y())
        painter.rotate(-90)
        box = QRectF(-plot.height() / 2, -line / 2, plot.height(), line)
        _label(painter, box, down.name)
        painter.restore()


def _shown_places(count: int, length: float, each: float) -> range:
    """Places whose texts have room, the first one among them."""
    return range(0, count, max(1, int(-(-each * count // max(1.0, length)))))


def _label(
    painter: QPainter,
    box: QRectF,
    text: str,
    *,
    strong: bool = False,
    side: Qt.AlignmentFlag = _MIDDLE,
) -> None:
    painter.setFont(theme().font(Role.SMALL_VALUE if strong else Role.SMALL))
    painter.setPen(theme().color("text1" if strong else "text3"))
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
