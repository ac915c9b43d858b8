"""The head of the editor: which bot, whether it runs, and what can be done about that."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import frame, label, set_hint, set_tone
from trader_gui.widgets.pills import ModeBadge


class EditorHead(QWidget):
    """`left()` back to the list, `stop_asked()`, `delete_asked()`."""

    left = Signal()
    stop_asked = Signal()
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bar = frame("header")
        back = IconButton("caret-left", tr("Back to the bots"))
        back.clicked.connect(self.left)
        way = TextButton(tr("Bots"), look="ghost")
        way.clicked.connect(self.left)
        self.title = label(look="page")
        self.state = label(look="label", tone="text3")
        self.stop = TextButton(tr("Stop bot"), "stop-fill")
        self.stop.clicked.connect(self.stop_asked)
        self.delete = TextButton(tr("Delete bot"), "trash", "danger")
        self.delete.clicked.connect(self.delete_asked)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 12, 0)
        bar.setFixedHeight(theme().px(40))
        row.setSpacing(8)
        crumbs = QHBoxLayout()
        crumbs.setSpacing(0)
        for crumb in (back, way, label("/", "label", "text3")):
            crumbs.addWidget(crumb)
        row.addLayout(crumbs)
        row.addWidget(self.title)
        row.addWidget(ModeBadge("paper"))
        row.addWidget(self.state, 1)
        row.addWidget(self.stop)
        row.addWidget(self.delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(bar)

    def show_bot(self, bot: BotSnapshot | None, *, running: bool) -> None:
        """`bot` as it is now; None for a new one."""
        self.title.setText(bot.settings.name if bot else tr("New bot"))
        self.stop.setVisible(running)
        self.delete.setVisible(bot is not None)
        holds = bot is not None and bot.session.position != 0
        why = (
            tr("Stop the bot first") if running else tr("Close its position first") if holds else ""
        )
        self.delete.setEnabled(bot is not None and not why)
        set_hint(self.delete, why)
        self.state.setText(tr("It runs. Stop it to change its settings.") if running else "")
        set_tone(self.state, "warn" if running else "text3")
