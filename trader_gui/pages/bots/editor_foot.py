"""The foot of the editor: whether it can be kept and started, and the buttons for it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.language import tr, trn
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tone


class EditorFoot(QFrame):
    """`left()`, and `kept(start)` by *Save bot* (False) and *Create and start* (True)."""

    left = Signal()
    kept = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "raised")
        self.problem = label(look="label")
        self.problem.setWordWrap(True)
        self.discard = TextButton(tr("Discard"), look="ghost")
        self.discard.clicked.connect(self.left)
        self.keep = TextButton(tr("Save bot"))
        self.keep.clicked.connect(lambda: self.kept.emit(False))
        self.go = TextButton(tr("Create and start"), "play-fill", "primary")
        self.go.clicked.connect(lambda: self.kept.emit(True))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(8)
        row.addWidget(self.problem, 1)
        for button in (self.discard, self.keep, self.go):
            button.setMinimumHeight(theme().px(32))
            row.addWidget(button)

    def show_state(
        self, errors: list[str], refused: str, *, new: bool, running: bool, same: bool
    ) -> None:
        """`errors` of fields, what the engine `refused`; `same` as what is kept already."""
        if running:
            words = tr("A running bot cannot be changed.")
        elif refused:
            words = refused
        elif errors:
            words = trn(
                "{count} field to fix: {problem}",
                "{count} fields to fix: {problem}",
                len(errors),
                problem=errors[0],
            )
        else:
            words = tr("Ready to start.") if new or not same else tr("No changes.")
        self.problem.setText(words)
        set_tone(self.problem, "down" if (errors or refused) and not running else "text2")
        blocked = bool(errors) or running
        self.keep.setEnabled(not blocked and not same)
        self.go.setEnabled(not blocked)
        start = tr("Start bot") if same else tr("Save and start")
        self.go.setText(tr("Create and start") if new else start)
        self.discard.setText(tr("Discard") if new or not same else tr("Close"))
