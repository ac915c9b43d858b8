"""Stop or target of the open position: its price, and a field in its place to move it by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.errors import InvalidSetting
from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from trader_gui.models.level_move import level_spec, price_words, read_move
from trader_gui.panels.rows import show_text
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import label, set_hint, set_tip, set_tone

_FAST: Final = 10


class LevelRow(QWidget):
    """A click on the price or the pencil opens the field: Enter asks, Esc leaves it.

    `moved(Decimal)` with a price that can stand; what it would bring is said below before.
    """

    moved = Signal(object)

    def __init__(self, *, stop: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stop = stop
        self._name = tr("Stop") if stop else tr("Target")
        self._wish = tr("Move the stop") if stop else tr("Move the target")
        self._bot: BotSnapshot | None = None
        self._level = 0
        self._editable = False
        self.value = ElidedLabel("", "value")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.installEventFilter(self)
        self.second = label("", "", "text3")
        self.pencil = IconButton("pencil-simple", self._wish, look="inline")
        self.pencil.clicked.connect(self.edit)
        self.editor = QLineEdit()
        self.editor.setAccessibleName(tr("New stop") if stop else tr("New target"))
        set_tip(
            self.editor, tr("A price; it is brought to the market's price step. Enter moves it.")
        )
        self.editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editor.setMaximumWidth(theme().px(120))
        self.editor.installEventFilter(self)
        self.editor.textEdited.connect(lambda text: self._say())
        self.outcome = label("", "hint")
        self.outcome.setWordWrap(True)
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignRight)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(label(self._name, "label"))
        line.addWidget(self.value, 1)
        line.addWidget(self.editor)
        line.addWidget(self.second)
        line.addWidget(self.pencil)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.outcome)
        self._show_editing(False)

    @property
    def editing(self) -> bool:
        return self.editor.isVisibleTo(self)

    def show_level(self, bot: BotSnapshot, level: int, words: str, second: str, why: str) -> None:
        """`words` of the price and a muted `second` part; it can be moved unless `why` says not."""
        if self._bot is None or (self._bot.bot_id, self._bot.session.trade) != (
            bot.bot_id,
            bot.session.trade,
        ):
            self.leave()
        self._bot, self._level, self._editable = bot, level, not why
        show_text(self.value, words)
        show_text(self.second, second)
        self.second.setVisible(bool(second))
        self.pencil.setEnabled(self._editable)
        set_hint(self.pencil, why or self._wish)
        self.setAccessibleName(f"{self._name} {words} {second}".strip())
        if self.editing:
            self._say() if self._editable else self.leave()

    def set_movable(self, movable: bool) -> None:
        """Whether levels are moved here at all: not under review."""
        self.pencil.setVisible(movable)

    def edit(self) -> None:
        """Open the field at the level as it stands."""
        if self._bot is None or not self._editable or self.pencil.isHidden():
            return
        now = self._bot.price.price if self._bot.price else self._bot.session.entry
        self.editor.setText(price_words(self._bot, self._level or now))
        self._show_editing(True)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editor.selectAll()
        self._say()

    def leave(self) -> None:
        """Close the field, nothing is asked."""
        if self.editing:
            self._show_editing(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.value and isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonRelease:
                self.edit()
            return False
        if watched is self.editor and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # single letters and Esc mean the field, not the page
            return True
        if watched is self.editor and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        if watched is self.editor and event.type() == QEvent.Type.FocusOut:
            self.leave()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.leave()
            self.pencil.setFocus(Qt.FocusReason.OtherFocusReason)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            fast = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._step((1 if key == Qt.Key.Key_Up else -1) * (_FAST if fast else 1))
        else:
            return False
        return True

    def _step(self, steps: int) -> None:
        if self._bot is None:
            return
        spec = level_spec(self._bot, self._name)
        try:
            price = spec.stepped(spec.read(self.editor.text()), steps)
        except InvalidSetting:
            return  # there is nothing to step from; what is wrong stands below
        self.editor.setText(price_words(self._bot, int(price / self._bot.market.price_step)))
        self._say()

    def _ask(self) -> None:
        if self._bot is None:
            return
        move = read_move(self._bot, self.editor.text(), stop=self._stop)
        if move.price is None:
            self._say()
            return
        self.leave()
        self.pencil.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell(move.price)

    def _tell(self, price: Decimal) -> None:
        self.moved.emit(price)

    def _say(self) -> None:
        if self._bot is None:
            return
        move = read_move(self._bot, self.editor.text(), stop=self._stop)
        show_text(self.outcome, move.words)
        set_tone(self.outcome, move.tone)
        self.editor.setProperty("state", "error" if move.price is None else "")
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)

    def _show_editing(self, editing: bool) -> None:
        self.editor.setVisible(editing)
        self.outcome.setVisible(editing)
        self.value.setVisible(not editing)
