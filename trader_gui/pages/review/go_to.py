"""The small window in which a person types the moment to go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import InvalidSetting
from engine.language import tr, trc
from trader_gui.forms.problem_words import refusal_of
from trader_gui.forms.typed_moment import EXAMPLES, Around, typed_moment
from trader_gui.theme.theme import theme
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.icon_button import TextButton

_WIDTH = 300

_TIP: Final = tr(
    "A time of the session: of the cursor's day, with a date, from the cursor (-2d, "
    "+90m), or {last_trade}, {start}, {end}.",
    last_trade=trc("typed moment", "last trade"),
    start=trc("typed moment", "start"),
    end=trc("typed moment", "end"),
)


class GoTo(QFrame):
    """`chosen(at)` with a moment inside the session, UTC ms. Enter takes what was typed, Escape
    or a click elsewhere leaves."""

    chosen = Signal(object)

    def __init__(self, around: Callable[[], Around], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._around = around
        self.setProperty("look", "card")
        self.setAccessibleName(tr("Go to a time"))
        self.field = LabelledField(
            tr("Time in the session"), "UTC", EXAMPLES, lambda text: self._wrong(text), tip=_TIP
        )
        self.field.editor.returnPressed.connect(self.take)
        self.button = TextButton(tr("Go there"), look="primary")
        self.button.clicked.connect(self.take)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.addWidget(self.field)
        column.addLayout(row)

    def ask(self, above: QWidget) -> None:
        """Open above a control, empty."""
        self.setFixedWidth(theme().px(_WIDTH))
        self.field.editor.clear()
        self.field.set_problem("")
        size = self.sizeHint()
        corner = above.mapToGlobal(QPoint(above.width() - self.width(), -size.height() - 6))
        self.move(corner)
        self.show()
        self.field.editor.setFocus(Qt.FocusReason.PopupFocusReason)

    def take(self) -> None:
        """Go to what was typed, or say what is wrong with it."""
        try:
            at = typed_moment(self.field.text, self._around())
        except InvalidSetting as refused:
            self.field.set_problem(refused.words)
            self.adjustSize()
            return
        self.hide()
        self.chosen.emit(at)

    def event(self, event: QEvent) -> bool:
        """Keys in here are no moves of the page behind it."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def _wrong(self, text: str) -> str:
        return refusal_of(lambda: typed_moment(text, self._around())) if text else ""
