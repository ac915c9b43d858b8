"""Work in progress: what, how far, how long still, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from engine.language import tr
from trader_gui import format as fmt
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label


class ProgressStrip(QWidget):
    """Hidden until ``start``. Cancel asks; what was finished by then is kept by who does it."""

    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None, *, slim: bool = False) -> None:
        """`slim`: bar, count and Cancel alone, for a place that says itself what is done."""
        super().__init__(parent)
        self._what = ElidedLabel(look="label")
        self._count = label("", "small", "text3")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(40 if slim else 120)
        self._cancel = TextButton(tr("Cancel"))
        self._cancel.clicked.connect(self._ask_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(*((0, 0, 0, 0) if slim else (12, 4, 12, 4)))
        row.setSpacing(12)
        row.addWidget(self._what, 1)
        self._what.setHidden(slim)
        row.addWidget(self._bar, 2)
        row.addWidget(self._count)
        row.addWidget(self._cancel)
        self.hide()

    def start(self, what: str) -> None:
        """Show the strip with an unknown amount of work."""
        self._what.setText(what)
        self._count.setText("")
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(what)
        self._cancel.setEnabled(True)
        self._cancel.setText(tr("Cancel"))
        self.show()

    def advance(self, done: int, total: int, left_ms: int | None = None, words: str = "") -> None:
        """``done`` of ``total``; ``left_ms`` is the expected rest where it is known. ``words``
        where the count says nothing to a person."""
        self._bar.setRange(0, 1000)
        self._bar.setValue(done * 1000 // total if total else 0)
        text = words or tr("{done:,} of {total:,}", done=done, total=total)
        if left_ms is not None:
            left = fmt.duration(max(1000, left_ms))
            text = tr("{progress}, {left} left", progress=text, left=left)
        self._count.setText(text)

    def finish(self) -> None:
        self.hide()

    def _ask_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._cancel.setText(tr("Cancelling"))
        self.cancel_asked.emit()
