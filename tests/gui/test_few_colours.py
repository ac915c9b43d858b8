"""Pictures for the documentation: small, and the same to the eye."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from trader_gui.pictures.few_colours import few_of, with_few_colours


def test_a_picture_of_few_colours_stays_as_it_is() -> None:
    picture = QImage(7, 3, QImage.Format.Format_ARGB32)
    picture.fill(QColor("#111419"))
    picture.setPixelColor(6, 2, QColor("#35C48F"))
    few = with_few_colours(picture)
    assert few.format() == QImage.Format.Format_Indexed8
    assert few.convertToFormat(picture.format()) == picture


def test_many_shades_become_their_nearest_kept_ones() -> None:
    picture = QImage(600, 40, QImage.Format.Format_RGB32)
    with QPainter(picture) as painter:
        ramp = QLinearGradient(0, 0, 600, 0)
        ramp.setColorAt(0, QColor("#0B0D11"))
        ramp.setColorAt(1, QColor("#E8EBF0"))
        painter.fillRect(picture.rect(), ramp)
    few = with_few_colours(picture)
    assert few.colorCount() <= 256
    for x in range(0, 600, 17):
        was, now = picture.pixelColor(x, 20), few.pixelColor(x, 20)
        assert abs(was.red() - now.red()) <= 6
        assert abs(was.blue() - now.blue()) <= 6


def test_a_thin_line_keeps_its_colour_and_shades_give_way() -> None:
    greys = np.repeat(np.arange(100, 130, dtype=np.uint32), 3).reshape(-1, 3)
    colours = np.concatenate([greys, np.array([[180, 150, 240]], np.uint32)])
    often = np.array([1_000] * 30 + [40])
    kept, nearest = few_of(colours, often, 4)
    assert 30 in kept
    assert kept[nearest[30]] == 30
    shown = colours[kept][nearest].astype(int)
    assert abs(shown - colours.astype(int)).max() <= 10
    every, itself = few_of(colours, often)
    assert (colours[every][itself] == colours).all()
