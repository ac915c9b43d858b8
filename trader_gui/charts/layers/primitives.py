"""Arrays of lines and rectangles handed to QPainter in one call, without an object for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter

_STRIP = 64
"""Rows of pixels that Qt fills by itself; from 96 on it hands parts to other threads."""


class Lines:
    """A reusable buffer of line segments; it grows to the largest frame and stays there."""

    def __init__(self) -> None:
        self._array = PrimitiveArray(QLineF, 4)

    def take(self, count: int) -> NDArray[np.float64]:
        """Make room for `count` segments; returns float64 (count, 4): x1, y1, x2, y2 to fill."""
        return _room(self._array, count)

    def draw(self, painter: QPainter) -> None:
        """Stroke the segments with the painter's pen."""
        if len(self._array):
            painter.drawLines(*self._array.drawargs())


class Rects:
    """A reusable buffer of rectangles."""

    def __init__(self) -> None:
        self._array = PrimitiveArray(QRectF, 4)

    def take(self, count: int) -> NDArray[np.float64]:
        """Make room for `count` rectangles; returns float64 (count, 4): x, y, width, height."""
        return _room(self._array, count)

    def draw(self, painter: QPainter) -> None:
        """Fill the rectangles with the painter's brush."""
        if len(self._array):
            painter.drawRects(*self._array.drawargs())


def tint(painter: QPainter, area: QRectF, color: QColor) -> None:
    """Fill with a see-through colour, in this thread: Qt would wait until each of the others had
    its turn, which takes 5 to 50 ms where something else runs beside."""
    top, most = area.top(), _STRIP / painter.device().devicePixelRatio()
    while top < area.bottom():
        high = min(most, area.bottom() - top)
        painter.fillRect(QRectF(area.left(), top, area.width(), high), color)
        top += high


def _room(array: PrimitiveArray, count: int) -> NDArray[np.float64]:
    # grows to powers of two: an exact size would reallocate at nearly every frame of a zoom
    array.resize(1 << max(6, (count - 1).bit_length()) if count else 0)
    array.resize(count)
    rows: NDArray[np.float64] = array.ndarray()
    return rows
