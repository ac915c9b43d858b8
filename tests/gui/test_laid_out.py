"""Texts that are laid out once stand where Qt would write them, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

TEXTS = ("", "Signal −0.54 %", "1,364", "no_open_position", "<b>plain</b> & Überlänge")
SIDES = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)


def painted(draw: Callable[[QPainter], None]) -> QImage:
    image = QImage(400, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#111419"))
    painter = QPainter(image)
    painter.setPen(QColor("#e0e4ea"))
    draw(painter)
    painter.end()
    return image


@pytest.mark.parametrize("role", [Role.SMALL, Role.BODY, Role.STRONG, Role.VALUE])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("text", TEXTS)
def test_written_as_qt_writes(qtbot: QtBot, role: Role, side: Qt.AlignmentFlag, text: str) -> None:
    texts = theme().texts(role)
    for box in (QRectF(10, 12, 300, 22), QRectF(10, 5, texts.width(text) + 1, texts.height)):

        def by_qt(painter: QPainter, box: QRectF = box) -> None:
            painter.setFont(theme().font(role))
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)

        def laid_out(painter: QPainter, box: QRectF = box) -> None:
            texts.write(painter, box, text, side)

        assert painted(laid_out) == painted(laid_out) == painted(by_qt)
        assert not text or painted(laid_out) != painted(lambda painter: None)


def test_another_size_of_text_is_laid_out_anew(qtbot: QtBot) -> None:
    before = theme().texts(Role.BODY).width("1,364")
    theme().apply("dark", 1.5)
    assert theme().texts(Role.BODY).width("1,364") > before
    theme().apply("dark")


def test_what_has_no_room_is_shortened_for_that_room(qtbot: QtBot) -> None:
    texts = theme().texts(Role.BODY)
    long = "a rule with a long name"
    assert texts.shortened(long, 500) == long
    assert texts.shortened(long, 80).endswith("…")
    assert texts.shortened(long, 80) != texts.shortened(long, 120)
