"""One choice out of a few, all visible: segments for modes, chips for filters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QStyle,
    QStyleOption,
    QStyleOptionToolButton,
    QToolButton,
    QWidget,
)

from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import set_hint

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}
_WIDGET = QStyle.PrimitiveElement.PE_Widget


class SegmentedControl(QFrame):
    """Keys and labels of an exclusive choice. Arrow keys move it, Tab leaves it."""

    chosen = Signal(str)  # key, by the person only

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str]],
        look: str = "segment",
        parent: QWidget | None = None,
    ) -> None:
        """``name`` is for screen readers; ``options`` are (key, label); look segment or chip."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("look", "segments" if look == "segment" else "")
        self._keys = [key for key, _ in options]
        self._group = QButtonGroup(self)
        self._segments: list[Segment] = []
        self._ground = ""
        row = QHBoxLayout(self)
        inset = 2 if look == "segment" else 0
        row.setContentsMargins(inset, inset, inset, inset)
        row.setSpacing(2 if look == "segment" else 6)
        for index, (_, label) in enumerate(options):
            button = Segment(label, look, self)
            button.setAccessibleName(f"{name}: {label}")
            self._group.addButton(button, index)
            self._segments.append(button)
            row.addWidget(button)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._keys[index]))
        if options:
            self.set_value(self._keys[0])

    def set_ground(self, token: str) -> None:
        """What it stands on, one colour: painted here, all that lies below is not."""
        self._ground = token
        self._cover()

    def _cover(self) -> None:
        """Say that all of it is painted; each dressing by the style sheet forgets it."""
        if self._ground:
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._cover()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._cover()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ground:
            painter = QPainter(self)
            painter.fillRect(self.rect(), theme().color(self._ground))
            option = QStyleOption()
            option.initFrom(self)
            # Qt leaves its own ground away where all is said to be painted.
            self.style().drawPrimitive(_WIDGET, option, painter, self)
            painter.end()
        super().paintEvent(event)

    @property
    def value(self) -> str:
        return self._keys[self._group.checkedId()]

    def set_value(self, key: str) -> None:
        """Show ``key`` as chosen, without a signal.

        Raises:
            ValueError: no such key.
        """
        index = self._keys.index(key)
        self._group.button(index).setChecked(True)
        for other, button in enumerate(self._group.buttons()):
            focus = Qt.FocusPolicy.StrongFocus if other == index else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(focus)

    def rename(self, key: str, text: str) -> None:
        """Another label for `key`."""
        self._segments[self._keys.index(key)].rename(text)

    def offer(self, key: str, wanted: bool) -> None:
        """Whether `key` is there to be chosen at all."""
        button = self._group.button(self._keys.index(key))
        button.setEnabled(wanted)
        button.setVisible(wanted)

    def refuse(self, key: str, why: str) -> None:
        """`key` cannot be chosen, and its tooltip says why; with no words it can."""
        button = self._group.button(self._keys.index(key))
        button.setEnabled(not why)
        set_hint(button, why)

    def step(self, by: int) -> None:
        """Move the choice as an arrow key does, over what cannot be chosen."""
        index = self._group.checkedId() + by
        while not self._group.button(index % len(self._keys)).isEnabled():
            index += by
        index %= len(self._keys)
        self.set_value(self._keys[index])
        self._group.button(index).setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit(self._keys[index])


class Segment(QToolButton):
    """One of the choices."""

    def __init__(self, text: str, look: str, owner: SegmentedControl) -> None:
        super().__init__(owner)
        self._owner = owner
        self._words = text
        self.setText(text)
        self.setCheckable(True)
        self.setProperty("look", look)

    def text(self) -> str:
        return self._words

    def rename(self, text: str) -> None:
        """Say something else. A button of Qt has all around it laid out for that; this one only
        where the words take another width."""
        if text == self._words:
            return
        width = self.fontMetrics().horizontalAdvance
        same = width(text) == width(super().text())
        self._words = text
        if same:
            self.update()
        else:
            self.setText(text)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        option.text = self._words

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = _STEPS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self._owner.step(by)
