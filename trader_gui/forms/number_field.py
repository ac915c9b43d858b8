"""A labelled field for one number: checked while typing, stepped with arrows and the wheel."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from engine.errors import InvalidSetting
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.problem_words import refusal_of
from trader_gui.widgets.field import LabelledField

_FAST = 10


class NumberField(LabelledField):
    """Shows one `NumberSpec`. `edited` tells of every change a person makes, steps included."""

    def __init__(self, spec: NumberSpec, parent: QWidget | None = None) -> None:
        def wrong(text: str) -> str:
            return refusal_of(lambda: spec.read(text))

        super().__init__(spec.label, spec.unit, spec.hint, wrong, parent, tip=spec.tip)
        self.spec = spec
        if spec.optional:
            self.editor.setPlaceholderText(spec.empty)
        self.editor.installEventFilter(self)

    def value(self) -> Decimal | None:
        """The number that stands in the field; InvalidSetting if it is none."""
        return self.spec.read(self.text)

    def set_value(self, value: Decimal | int | None) -> None:
        self.set_text(self.spec.text(value))

    def said(self, usual: object) -> str:
        """The field in a list of what is set; empty while it is off, usual or unreadable."""
        try:
            value = self.value()
        except InvalidSetting:
            return ""
        return "" if value is None or value == usual else self.spec.said(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.editor and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
            if steps and event.type() == QEvent.Type.KeyPress:
                self._step(steps, event.modifiers())
                return True
        if watched is self.editor and isinstance(event, QWheelEvent):
            # Only with the focus: scrolling the page must not change numbers under the mouse.
            if not self.editor.hasFocus():
                event.ignore()
                return True
            self._step(1 if event.angleDelta().y() > 0 else -1, event.modifiers())
            return True
        return super().eventFilter(watched, event)

    def _step(self, steps: int, modifiers: Qt.KeyboardModifier) -> None:
        if self.editor.isReadOnly() or not self.isEnabled():
            return
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            steps *= _FAST
        try:
            now = self.value()
        except InvalidSetting:
            now = None
        self.set_value(self.spec.stepped(now, steps))
        self.edited.emit(self.text)
