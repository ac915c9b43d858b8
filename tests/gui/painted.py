"""What a window's widgets are told while something goes on: who is laid out, resized, painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

Type = QEvent.Type


class Counted(QObject):
    """Events of the window's widgets by kind, and the widgets that were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: Counter[Type] = Counter()
        self.painted: list[QWidget] = []
        self.laid_out: list[QWidget] = []
        self.resized: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QWidget):
            self.kinds[event.type()] += 1
            if event.type() == Type.Paint:
                self.painted.append(watched)
            if event.type() == Type.LayoutRequest:
                self.laid_out.append(watched)
            if event.type() == Type.Resize:
                self.resized.append(watched)
        return False


@contextmanager
def counted() -> Iterator[Counted]:
    app, counter = QApplication.instance(), Counted()
    assert app is not None
    app.installEventFilter(counter)
    try:
        yield counter
    finally:
        app.removeEventFilter(counter)
