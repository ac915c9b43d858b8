"""A column that scrolls when the window is too low for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


def scrolling(body: QWidget, column: QVBoxLayout) -> QScrollArea:
    """`body`, laid out by `column`, in a scroll area without a frame.

    The scroll bar takes its room from the right margin, so what stands in the column keeps its
    place and its width, whether there is a bar or not.
    """
    area = QScrollArea()
    area.setWidget(body)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    bar, usual = area.verticalScrollBar(), column.contentsMargins()

    def make_room(lowest: int, highest: int) -> None:
        margins = column.contentsMargins()
        taken = bar.sizeHint().width() if highest > lowest else 0
        margins.setRight(max(0, usual.right() - taken))
        column.setContentsMargins(margins)

    bar.rangeChanged.connect(make_room)
    return area
