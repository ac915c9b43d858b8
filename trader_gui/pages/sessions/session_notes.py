"""What a person writes about a session: its name, tags and a note; kept when a field is left."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from engine.domain.session_notes import LONGEST_TITLE
from engine.errors import Fault
from engine.language import tr
from engine.messages.commands import NoteSession, RenameSession, SessionCommand, TagSessions
from engine.messages.history import SessionLine
from trader_gui.door.bridge import Bridge
from trader_gui.widgets.field import CaptionedField

_TITLE: Final = "title"
_TAGS: Final = "tags"
_NOTE: Final = "note"


class SessionNotes(QWidget):
    """Shows and keeps what was written; `failed(Fault)` where it cannot be kept."""

    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._line: SessionLine | None = None
        self._sent: dict[tuple[int, str], str | tuple[str, ...]] = {}
        """What was written of a session and is not in the history's rows yet."""
        self._refused_texts: dict[tuple[int, str], str] = {}
        """What was typed about a session and could not be kept: it stays to be corrected."""
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
        title, tags, note = (self._text(line, part) for part in (_TITLE, _TAGS, _NOTE))
        if not (same and self.title.hasFocus()):
            self.title.setText(title)
        if not (same and self.tags.hasFocus()):
            self.tags.setText(tags)
        if not (same and self.note.hasFocus()) and self.note.toPlainText() != note:
            self.note.setPlainText(note)

    def _text(self, line: SessionLine, part: str) -> str:
        """What its field shows."""
        known = self._known(line, part)
        shown = known if isinstance(known, str) else ", ".join(known)
        return self._refused_texts.get((line.id, part), shown)

    def _known(self, line: SessionLine, part: str) -> str | tuple[str, ...]:
        """What was sent last, until the row shows it: rows come later than wishes go."""
        shown: str | tuple[str, ...] = getattr(line, part)
        if self._sent.get((line.id, part)) == shown:
            del self._sent[line.id, part]
        return self._sent.get((line.id, part), shown)

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
        line, title = self._line, " ".join(self.title.text().split())
        if line is not None and self._is_new(line, _TITLE, title):
            self._send(line, _TITLE, title, RenameSession(line.id, title))

    def _keep_tags(self) -> None:
        line = self._line
        if line is None:
            return
        known = set(self._known(line, _TAGS))
        typed = {" ".join(tag.casefold().split()) for tag in self.tags.text().split(",")} - {""}
        if self._is_new(line, _TAGS, tuple(sorted(typed))):
            added, removed = tuple(sorted(typed - known)), tuple(sorted(known - typed))
            wish = TagSessions((line.id,), added, removed)
            self._send(line, _TAGS, tuple(sorted(typed)), wish)

    def _keep_note(self) -> None:
        line, note = self._line, self.note.toPlainText().strip()
        if line is not None and self._is_new(line, _NOTE, note):
            self._send(line, _NOTE, note, NoteSession(line.id, note))

    def _is_new(self, line: SessionLine, part: str, value: str | tuple[str, ...]) -> bool:
        """Whether it is another than what is known; what was refused is tried again."""
        self._refused_texts.pop((line.id, part), None)
        return value != self._known(line, part)

    def _send(
        self, line: SessionLine, part: str, value: str | tuple[str, ...], wish: SessionCommand
    ) -> None:
        self._sent[line.id, part] = value
        typed = {_TITLE: self.title.text, _TAGS: self.tags.text, _NOTE: self.note.toPlainText}
        refused = partial(self._refused, (line.id, part), value, typed[part]())
        self._bridge.send(wish, failed=refused, in_turn=True)

    def _refused(
        self, sent: tuple[int, str], value: str | tuple[str, ...], typed: str, fault: Fault
    ) -> None:
        if self._sent.get(sent) == value:
            del self._sent[sent]
            self._refused_texts[sent] = typed
        self.failed.emit(fault)
