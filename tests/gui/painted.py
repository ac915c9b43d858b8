"""What a window's widgets are told while something goes on: who is laid out, resized, painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

Type = QEvent.Type


class Counted(QObject):
    """Events of the window's widgets by kind, and the widgets that were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: Counter[Type] = Counter()
        self.painted: list[QWidget] = []
        self.parts: list[QRect] = []
        """Of each of them."""
        self.laid_out: list[QWidget] = []
        self.resized: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QWidget):
            self.kinds[event.type()] += 1
            if isinstance(event, QPaintEvent):
                self.painted.append(watched)
                self.parts.append(event.rect())
            if event.type() == Type.LayoutRequest:
                self.laid_out.append(watched)
            if event.type() == Type.Resize:
                self.resized.append(watched)
        return False

    def parts_of(self, widget: QWidget) -> list[QRect]:
        """Of one widget, each time it was painted."""
        both = zip(self.painted, self.parts, strict=True)
        return [part for painted, part in both if painted is widget]


@contextmanager
def counted() -> Iterator[Counted]:
    app, counter = QApplication.instance(), Counted()
    assert app is not None
    app.installEventFilter(counter)
    try:
        yield counter
    finally:
        app.removeEventFilter(counter)
