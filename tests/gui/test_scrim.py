"""Questions over the window, answered as a person does: mouse and keys."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.gui.waiting import shown
from trader_gui.widgets.scrim import Choice, ScrimCard

LEFT = Qt.MouseButton.LeftButton
CHOICES = [Choice("keep", "Keep bot"), Choice("delete", "Delete bot", "danger")]


def test_the_safe_choice_has_the_focus_and_escape_takes_it(qtbot: QtBot) -> None:
    host = QWidget()
    below = QPushButton("below", host)
    QVBoxLayout(host).addWidget(below)
    shown(qtbot, host, 800, 600)
    below.setFocus()
    card = ScrimCard(host, "Delete btc-trend-1?", "Its sessions stay.", CHOICES, top_inset=48)
    assert card.geometry().top() == 48
    taken: list[str] = []
    card.answered.connect(taken.append)
    assert card.button("keep").hasFocus()
    QTest.keyClick(card.button("keep"), Qt.Key.Key_Tab)
    assert card.button("delete").hasFocus()
    QTest.keyClick(card.button("delete"), Qt.Key.Key_Tab)
    assert card.button("keep").hasFocus()
    QTest.keyClick(card.button("keep"), Qt.Key.Key_Escape)
    assert taken == ["keep"]
    assert below.hasFocus()


def test_a_question_is_answered_when_what_had_the_focus_is_gone(qtbot: QtBot) -> None:
    host = QWidget()
    below = QPushButton("below", host)
    QVBoxLayout(host).addWidget(below)
    shown(qtbot, host, 800, 600)
    below.setFocus()
    card = ScrimCard(host, "Delete btc-trend-1?", "", CHOICES)
    taken: list[str] = []
    card.answered.connect(taken.append)
    delete(below)
    card.take("keep")
    assert taken == ["keep"]


def test_a_card_that_goes_from_under_another_leaves_it_the_focus(qtbot: QtBot) -> None:
    host = QWidget()
    below = QPushButton("below", host)
    QVBoxLayout(host).addWidget(below)
    shown(qtbot, host, 800, 600)
    below.setFocus()
    first, second = (ScrimCard(host, "Delete it?", "", CHOICES) for _ in range(2))
    first.take("keep")
    assert second.button("keep").hasFocus()


@pytest.mark.qt_loop
async def test_a_question_is_awaited_without_a_nested_loop() -> None:
    host = QWidget()
    host.resize(800, 600)
    host.show()
    card = ScrimCard(host, "Delete btc-trend-1?", "", CHOICES)
    asyncio.get_running_loop().call_later(
        0.01, lambda: QTest.mouseClick(card.button("delete"), LEFT)
    )
    assert await asyncio.wait_for(card.answer(), 5) == "delete"
    host.close()
