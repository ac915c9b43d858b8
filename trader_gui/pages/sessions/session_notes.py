"""What a person writes about a session: its name, tags and a note; kept when a field is left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from engine.domain.session_notes import LONGEST_TITLE
from engine.errors import Fault
from engine.language import tr
from engine.messages.commands import NoteSession, RenameSession, TagSessions
from engine.messages.history import SessionLine
from trader_gui.bridge import Bridge
from trader_gui.widgets.field import CaptionedField


class SessionNotes(QWidget):
    """Shows and keeps what was written; `failed(Fault)` where it cannot be kept."""

    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._line: SessionLine | None = None
        self.title, self.tags, self.note = QLineEdit(), QLineEdit(), QPlainTextEdit()
        self.title.setMaxLength(LONGEST_TITLE)
        self.title.setPlaceholderText(tr("The strategy's name"))
        self.tags.setPlaceholderText(tr("weekend, to check"))
        self.note.setPlaceholderText(tr("What you want to know about it in a year"))
        self.note.setTabChangesFocus(True)
        self.note.setMinimumHeight(48)
        self.note.installEventFilter(self)
        self.title.editingFinished.connect(self._keep_title)
        self.tags.editingFinished.connect(self._keep_tags)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(
            CaptionedField(
                tr("Name"), self.title, tip=tr("What you call this session in the list.")
            )
        )
        column.addWidget(
            CaptionedField(
                tr("Tags, with commas between"),
                self.tags,
                tip=tr("Words by which the search of the list finds it again."),
            )
        )
        column.addWidget(
            CaptionedField(
                tr("Note"), self.note, tip=tr("Kept with the session; it changes no result.")
            ),
            1,
        )

    def show_session(self, line: SessionLine | None) -> None:
        """Show what is kept of it; what is being typed about the same session stays."""
        before, self._line = self._line, line
        same = before is not None and line is not None and before.id == line.id
        if line is None:
            return
        if not (same and self.title.hasFocus()):
            self.title.setText(line.title)
        if not (same and self.tags.hasFocus()):
            self.tags.setText(", ".join(line.tags))
        if not (same and self.note.hasFocus()) and self.note.toPlainText() != line.note:
            self.note.setPlainText(line.note)

    def keep(self) -> None:
        """Keep what stands in the fields now: another session is about to be shown."""
        self._keep_title()
        self._keep_tags()
        self._keep_note()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._keep_note()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._keep_note()
                return True
        return False

    def _keep_title(self) -> None:
        line = self._line
        if line is not None and " ".join(self.title.text().split()) != line.title:
            self._bridge.send(RenameSession(line.id, self.title.text()), failed=self._refused)

    def _keep_tags(self) -> None:
        line = self._line
        if line is None:
            return
        typed = {" ".join(tag.casefold().split()) for tag in self.tags.text().split(",")} - {""}
        added, removed = typed - set(line.tags), set(line.tags) - typed
        if added or removed:
            wish = TagSessions((line.id,), tuple(sorted(added)), tuple(sorted(removed)))
            self._bridge.send(wish, failed=self._refused)

    def _keep_note(self) -> None:
        line = self._line
        if line is not None and self.note.toPlainText().strip() != line.note:
            self._bridge.send(NoteSession(line.id, self.note.toPlainText()), failed=self._refused)

    def _refused(self, fault: Fault) -> None:
        self.failed.emit(fault)
