"""How exchanges are reached: a proxy, and whose certificates are trusted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from engine.domain.connection import Connection
from engine.language import tr
from trader_gui.forms.problem_words import refusal_of
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.looks import label, set_tone

_NOW = tr("Connections begin with these settings when the program starts.")
_LATER = tr("Kept. The program uses it from its next start on.")


class NetworkForm(QWidget):
    """`chosen(Connection)` after every edit that can be used."""

    chosen = Signal(object)

    def __init__(self, connection: Connection, parent: QWidget | None = None) -> None:
        """`connection` is what the program began with."""
        super().__init__(parent)
        self._in_force = self._told = connection
        self.proxy = LabelledField(
            tr("Proxy"),
            hint=tr(
                "Empty for none. A password in it would be kept as plain text in the preferences."
            ),
            check=lambda text: refusal_of(Connection(text).check),
            tip=tr("Address through which exchanges are reached, as http://host:port."),
        )
        self.proxy.editor.setPlaceholderText("http://host:port")
        self.proxy.set_text(connection.proxy)
        self.proxy.edited.connect(lambda text: self._edited())
        self.system = QCheckBox(tr("Use the operating system's certificates"))
        self.system.setToolTip(
            tr("For networks whose own certificate is installed on this computer")
        )
        self.system.setChecked(connection.system_certificates)
        self.system.toggled.connect(lambda wanted: self._edited())
        self.words = label(_NOW, "hint")
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.proxy, self.system, self.words):
            column.addWidget(part)

    def _edited(self) -> None:
        wanted = Connection(self.proxy.text, self.system.isChecked())
        if refusal_of(wanted.check) or wanted == self._told:
            return
        self._told = wanted
        self.words.setText(_NOW if wanted == self._in_force else _LATER)
        set_tone(self.words, "" if wanted == self._in_force else "warn")
        self.chosen.emit(wanted)
