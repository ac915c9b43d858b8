"""A form field: caption above, unit inside at the right, hint or problem below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label, set_tip, show_if

# The sentence that says what is wrong ("Must be below 20"); empty when nothing is.
Check = Callable[[str], str]
CHECK_AFTER_MS = 300


class CaptionedField(QWidget):
    """Any control under its caption, and below it the hint or what is wrong."""

    edited = Signal(str)  # what stands there, at every change the person makes
    validity_changed = Signal(bool)

    def __init__(
        self,
        caption: str,
        control: QWidget,
        hint: str = "",
        parent: QWidget | None = None,
        *,
        tip: str = "",
    ) -> None:
        """`tip` says in a sentence or two what is entered, with its unit."""
        super().__init__(parent)
        set_tip(self, tip)
        self._control, self._hint_text = control, hint
        self._problem = self._found = ""
        control.setAccessibleName(caption)
        control.setAccessibleDescription(hint)
        self.caption = caption
        """What the field is called, in the guide too."""
        self._caption = label(caption, "small")
        self._caption.setBuddy(control)
        self._below = label(hint, "hint")
        self._below.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._caption)
        column.addWidget(control)
        column.addWidget(self._below)
        show_if(self._below, bool(hint))

    @property
    def problem(self) -> str:
        """The sentence shown as an error, or nothing."""
        return self._problem

    def check_now(self) -> bool:
        """Show what is wrong; True when nothing is."""
        self._show(self._found)
        return not self._problem

    def set_problem(self, sentence: str) -> None:
        """Show an error found elsewhere, for example in the relation of two fields; it stays
        until the person changes the field or it is taken back."""
        self._found = sentence
        self._show(sentence)

    def take_back(self) -> None:
        """What `set_problem` said holds no longer."""
        if self._found:
            self._found = ""
            self.check_now()

    def set_hint(self, hint: str) -> None:
        """Other words below, where nothing is wrong."""
        if hint != self._hint_text:
            self._hint_text = hint
            if not self._problem:
                self._say(hint, error=False)

    def _show(self, sentence: str) -> None:
        was, self._problem = self._problem, sentence
        self._say(sentence or self._hint_text, error=bool(sentence))
        if bool(was) != bool(sentence):
            self.validity_changed.emit(not sentence)

    def _say(self, sentence: str, *, error: bool) -> None:
        before, state = self._control.property("state") or "", "error" if error else ""
        if self._below.text() == sentence and before == state:
            return
        self._below.setText(sentence)
        show_if(self._below, bool(sentence))
        self._control.setAccessibleDescription(sentence)
        if before == state:
            return
        self._below.setProperty("look", state or "hint")
        self._control.setProperty("state", state)
        for widget in (self._below, self._control):
            widget.style().unpolish(widget)
            widget.style().polish(widget)


class LabelledField(CaptionedField):
    """One line of input which is checked while typing and on leaving the field."""

    def __init__(
        self,
        caption: str,
        unit: str = "",
        hint: str = "",
        check: Check | None = None,
        parent: QWidget | None = None,
        *,
        tip: str = "",
    ) -> None:
        editor = QLineEdit()
        super().__init__(caption, editor, hint, parent, tip=tip)
        self.editor = editor
        self._check = check
        self._unit = label(unit, "small", "text3")
        self._unit.setParent(self.editor)
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner = QVBoxLayout(self.editor)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addWidget(
            self._unit, alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self._place_unit()
        self._pause = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._pause.timeout.connect(self.check_now)
        self.editor.textEdited.connect(self._typed)
        self.editor.editingFinished.connect(self.check_now)
        theme().changed.connect(self._place_unit)

    @property
    def text(self) -> str:
        return self.editor.text().strip()

    def set_text(self, text: str) -> None:
        """Fill the field from the program and check it."""
        self._found = ""
        self.editor.setText(text)
        self.check_now()

    def set_unit(self, unit: str) -> None:
        if unit != self._unit.text():
            self._unit.setText(unit)
            self._place_unit()

    def check_now(self) -> bool:
        """Check what stands in the field; True when nothing is wrong."""
        self._pause.stop()
        self._show((self._check(self.text) if self._check else "") or self._found)
        return not self._problem

    def _typed(self, text: str) -> None:
        if self._found:
            self._found = ""
            self._show("")
        self._pause.start()
        self.edited.emit(text.strip())

    def _place_unit(self) -> None:
        room = self._unit.sizeHint().width() + 8 if self._unit.text() else 0
        self.editor.setTextMargins(0, 0, room, 0)
