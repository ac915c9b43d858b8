"""Where messages go besides this desktop: addresses that are shown without what is secret."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.errors import Fault, InvalidSetting
from engine.language import tr, trn
from engine.messages.redaction import redacted
from engine.runtime.messengers import Messengers, why_missing
from trader_gui.door.bridge import Bridge
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tone

_HINT: Final = tr(
    "Like tgram://token/chat, discord://id/token, mailtos://user:password@host or "
    "json://host:port/path. It holds keys, so it is kept in a file of its own and "
    "never shown."
)
TEST_TITLE: Final = tr("Test message")
TEST_TEXT: Final = tr("trader-gui can reach you here.")


class MessengersForm(QWidget):
    """A row for each address, a field for one more, and a test. `said(text)` is for a toast."""

    said = Signal(str)

    def __init__(
        self, bridge: Bridge, messengers: Messengers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._messengers = bridge, messengers
        self.rows: list[QWidget] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.address = LabelledField(
            tr("Address"),
            hint=_HINT,
            tip=tr("Where messages are sent: the service's name, then what it asks for."),
        )
        self.address.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.edited.connect(lambda _: self._settle())
        self.address.editor.returnPressed.connect(self._add)
        self.add = TextButton(tr("Add address"))
        self.add.clicked.connect(self._add)
        self.test = TextButton(tr("Send test message"), "paper-plane-tilt")
        self.test.clicked.connect(self._test)
        self.words = label("", "hint")
        self.words.setWordWrap(True)
        self._lay_out()
        self._show(())

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.add, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.test, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(self._list)
        column.addWidget(self.address)
        column.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        missing = why_missing()
        self.address.setEnabled(not missing)
        if missing:
            self._tell(missing, "warn")
        self._look()

    def _look(self) -> None:
        self._bridge.ask("messengers", lambda _: self._messengers.names(), self._show, self._failed)

    def _show(self, names: tuple[str, ...]) -> None:
        for old in self.rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.rows = [self._row(place, name) for place, name in enumerate(names)]
        self._settle()

    def _row(self, place: int, name: str) -> QWidget:
        row, remove = QWidget(), TextButton(tr("Remove address"))
        remove.clicked.connect(partial(self._remove, place))
        remove.setAccessibleName(tr("Remove address {address}", address=name))
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(label(name, "value"), 1)
        inner.addWidget(remove)
        self._list.addWidget(row)
        return row

    def _settle(self) -> None:
        self.add.setEnabled(bool(self.address.text))
        self.test.setEnabled(bool(self.rows) and not why_missing())

    def _add(self) -> None:
        if not self.add.isEnabled():
            return
        text = self.address.text
        self.add.setEnabled(False)
        self._bridge.ask(
            "add messenger", lambda _: self._messengers.add(text), self._added, self._not_added
        )

    def _added(self, _: object) -> None:
        self.address.set_text("")
        self._tell(tr("Added. Send a test message to see whether it arrives."))
        self._look()

    def _not_added(self, fault: Fault) -> None:
        if isinstance(fault, InvalidSetting):
            self.address.set_problem(fault.words)
            self._settle()
        else:
            self._failed(fault)

    def _remove(self, place: int) -> None:
        def done(_: object) -> None:
            self._tell(tr("Removed. Its keys are no longer in the data folder."))
            self._look()

        self._bridge.ask(
            "remove messenger", lambda _: self._messengers.remove(place), done, self._failed
        )

    def _test(self) -> None:
        self.test.setEnabled(False)
        self._tell(tr("Sending..."))
        self._bridge.ask(
            "test message",
            lambda _: self._messengers.send(TEST_TITLE, TEST_TEXT),
            self._sent,
            self._failed,
        )

    def _sent(self, count: int) -> None:
        self._tell(
            trn(
                "Sent to {count} place. Look whether it arrived.",
                "Sent to {count} places. Look whether it arrived.",
                count,
            )
        )
        self._settle()

    def _failed(self, fault: Fault) -> None:
        self._tell(redacted(fault.words), "down")
        self._settle()

    def _tell(self, words: str, tone: str = "") -> None:
        self.words.setText(words)
        set_tone(self.words, tone)
