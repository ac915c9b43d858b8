"""The person's own strategies: which files of the folder may run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.strategy_files import Standing, StrategyChecked, StrategyFile, StrategySource
from engine.errors import Fault
from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tone, show_if

_TONES: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.NEW: "text3",
        Standing.CHANGED: "warn",
        Standing.ALLOWED: "up",
        Standing.BROKEN: "down",
        Standing.GONE: "warn",
    }
)
_WORDS: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.NEW: tr("Not allowed"),
        Standing.CHANGED: tr("Changed"),
        Standing.ALLOWED: tr("Allowed"),
        Standing.BROKEN: tr("Unusable"),
        Standing.GONE: tr("Gone"),
    }
)
_NONE: Final = tr("No files yet. Put a .py file into the folder, then look again.")


class StrategyRow(QWidget):
    """One file: how it stands, and what can be done about it."""

    allow_asked = Signal(str)
    forbid_asked = Signal(str)
    check_asked = Signal(str)

    def __init__(self, file: StrategyFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.standing = label(_WORDS[file.standing], "value", _TONES[file.standing])
        self.allow, self.forbid = TextButton(tr("Allow file")), TextButton(tr("Forbid file"))
        self.check = TextButton(tr("Check for look-ahead"))
        allowed = file.standing is Standing.ALLOWED
        self.allow.setVisible(file.standing in (Standing.NEW, Standing.CHANGED, Standing.BROKEN))
        self.forbid.setVisible(file.standing is not Standing.NEW)
        self.check.setVisible(allowed)
        self.allow.clicked.connect(lambda: self.allow_asked.emit(file.file))
        self.forbid.clicked.connect(lambda: self.forbid_asked.emit(file.file))
        self.check.clicked.connect(lambda: self.check_asked.emit(file.file))
        self.words = label("" if file.standing is Standing.NEW else file.words, "hint")
        self.words.setWordWrap(True)
        self._lay_out()
        self._settle()

    def _lay_out(self) -> None:
        file = self.file
        head, buttons = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(12)
        buttons.setSpacing(8)
        name = f"{file.title} ({file.file})" if file.title else file.file
        head.addWidget(ElidedLabel(name, "strong"), 1)
        head.addWidget(self.standing)
        hash_words = f"SHA-256 {file.sha256[:16]}…" if file.sha256 else ""
        buttons.addWidget(label(hash_words, "hint"), 1)
        for button in (self.check, self.forbid, self.allow):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(buttons)
        column.addWidget(self.words)

    def say(self, words: str, tone: str = "") -> None:
        """What a check found, or why something was refused."""
        self.words.setText(words)
        set_tone(self.words, tone)
        self._settle()

    def _settle(self) -> None:
        show_if(self.words, bool(self.words.text()))


class StrategiesForm(QWidget):
    """A row for each file. `allow_asked(StrategySource)` asks a person who has its text before
    the eyes; `said(text)` is for a toast."""

    allow_asked = Signal(object)
    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._folder = bridge, bridge.data_dir / "strategies"
        self.rows: dict[str, StrategyRow] = {}
        self._shown: tuple[StrategyFile, ...] | None = None
        self.words = label(_NONE, "hint")
        self.words.setWordWrap(True)
        self.again = TextButton(tr("Look again"), "arrow-clockwise")
        self.again.clicked.connect(self.look)
        self.open = TextButton(tr("Open folder"), "folder-open")
        self.open.clicked.connect(self._open_folder)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.again)
        row.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(self._list)
        column.addLayout(row)
        bridge.strategies_changed.connect(self.look)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Read the folder again."""
        self._bridge.ask_strategy_files(self._show, self._tell)

    def _show(self, files: tuple[StrategyFile, ...]) -> None:
        self.words.setText("" if files else _NONE)
        set_tone(self.words, "")
        if files == self._shown:  # what a check found stays
            return
        self._shown = files
        for old in self.rows.values():
            self._list.removeWidget(old)
            old.deleteLater()
        self.rows = {file.file: self._row(file) for file in files}

    def _row(self, file: StrategyFile) -> StrategyRow:
        row = StrategyRow(file)
        row.allow_asked.connect(self._ask)
        row.forbid_asked.connect(self._forbid)
        row.check_asked.connect(self._check)
        self._list.addWidget(row)
        return row

    def _ask(self, file: str) -> None:
        def read(source: StrategySource) -> None:
            self.allow_asked.emit(source)

        self._bridge.ask_strategy_source(file, read, lambda fault: self.refused(file, fault))

    def _forbid(self, file: str) -> None:
        def done() -> None:
            self.look()
            self.said.emit(tr("{file} may no longer run.", file=file))

        self._bridge.forbid_strategy(file, done, lambda fault: self.refused(file, fault))

    def _check(self, file: str) -> None:
        def told(checked: StrategyChecked) -> None:
            if file in self.rows:
                self.rows[file].say(checked.words, "" if checked.clean else "warn")

        if self._bridge.check_strategy(file, told, lambda fault: self.refused(file, fault)):
            self.rows[file].say(tr("Being asked on ever longer pasts…"))

    def refused(self, file: str, fault: Fault) -> None:
        """Why a wish about a file was not carried out, at the file."""
        if file in self.rows:
            self.rows[file].say(fault.words, "down")
        else:
            self._tell(fault)

    def _tell(self, fault: Fault) -> None:
        self.words.setText(fault.words)
        set_tone(self.words, "down")

    def _open_folder(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.said.emit(
                tr("No file manager answered. The folder is {folder}.", folder=self._folder)
            )
