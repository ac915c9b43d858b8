"""Areas that are handed to QPainter."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from trader_gui.charts.layers.primitives import tint

THREADS_FROM = 96
"""Rows of pixels at which Qt's raster engine gives parts of an area to other threads."""


def painted(ratio: float, area: QRectF, *, whole: bool) -> tuple[QImage, list[float]]:
    heights: list[float] = []

    class Seen(QPainter):
        def fillRect(self, part: QRectF, color: QColor) -> None:  # type: ignore[override]
            heights.append(part.height() * ratio)
            super().fillRect(part, color)

    image = QImage(round(60 * ratio), round(400 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#102030"))
    painter = Seen(image)
    color = QColor(200, 100, 50, 60)
    if whole:
        painter.fillRect(area, color)
    else:
        tint(painter, area, color)
    painter.end()
    return image, heights


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("top", [0.0, 10.4, 10.5, 33.7])
@pytest.mark.parametrize("height", [0.0, 0.8, 64.0, 300.3])
def test_a_tint_is_the_whole_area_in_parts_that_one_thread_fills(
    qapp: Any, ratio: float, top: float, height: float
) -> None:
    area = QRectF(5, top, 40, height)
    image, heights = painted(ratio, area, whole=False)
    assert image == painted(ratio, area, whole=True)[0]
    assert max(heights, default=0.0) + 1 < THREADS_FROM
