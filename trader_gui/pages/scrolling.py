"""A column that scrolls when the window is too low for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class _LateScroll(QScrollArea):
    """Takes its body when it is first shown. Taking it shows it, which dresses everything in it;
    done while the page is being put together, that would be repeated with every new parent."""

    def __init__(self, body: QWidget, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._waiting: QWidget | None = body
        body.setParent(self.viewport())
        body.hide()  # or it would be shown twice

    def showEvent(self, event: QShowEvent) -> None:
        if self._waiting is not None:
            body, self._waiting = self._waiting, None
            self.setWidget(body)
        super().showEvent(event)


def scrolling(body: QWidget, column: QVBoxLayout, parent: QWidget | None = None) -> QScrollArea:
    """`body`, laid out by `column`, in a scroll area without a frame. Asked for while the column is
    empty, and with the `parent` it will have, nothing in it changes its parent later.

    The scroll bar takes its room from the right margin, so what stands in the column keeps its
    place and its width, whether there is a bar or not.
    """
    area = _LateScroll(body, parent)
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
