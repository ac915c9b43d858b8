"""One bot that ran when the program ended: whether it is to go on, and what a person must know."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from engine.language import tr
from engine.messages.recovery import RanBot
from engine.messages.snapshot import BotSnapshot
from trader_gui.models import facts, restart
from trader_gui.models.facts import Said
from trader_gui.widgets.looks import label, set_tone


class BotRow(QWidget):
    """`changed()` when a person chose or unchose it."""

    changed = Signal()

    def __init__(self, bot: BotSnapshot, ran: RanBot, now: int) -> None:
        super().__init__()
        self.bot_id = bot.bot_id
        self.choice = QCheckBox()
        self.choice.setChecked(True)
        self.choice.setAccessibleName(tr("Resume {name}", name=bot.settings.name))
        self.choice.setToolTip(tr("Let this bot go on with its session"))
        self.choice.toggled.connect(lambda _: self.changed.emit())
        self.name = label(bot.settings.name, "strong")
        self.market = label(
            f"{bot.settings.symbol} {facts.timeframe(bot)}, {facts.source_word(bot)}", "label"
        )
        self.held, self.missed, self.will = (_line() for _ in range(3))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 10, 0, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.choice, 0, 0)
        grid.addWidget(self.name, 0, 1)
        grid.addWidget(self.market, 0, 2)
        for row, line in enumerate((self.held, self.missed, self.will), 1):
            grid.addWidget(line, row, 1, 1, 2, top)
        grid.setColumnStretch(2, 1)
        self.show_bot(bot, ran, now)

    @property
    def chosen(self) -> bool:
        """Whether the bot waits, and is to go on."""
        return self.choice.isEnabled() and self.choice.isChecked()

    @property
    def waits(self) -> bool:
        """Nobody has gone on with it or left it stopped."""
        return self.choice.isEnabled()

    def show_bot(self, bot: BotSnapshot | None, ran: RanBot, now: int) -> None:
        """The bot as it stands; None: it was deleted."""
        if bot is None:
            self.choice.setEnabled(False)
            _say(self.will, Said(tr("Was deleted"), "text3"))
            return
        self.choice.setEnabled(restart.waits(bot, ran))
        _say(self.held, restart.held_words(bot, ran, now))
        _say(self.missed, restart.missed_words(bot, ran))
        _say(self.will, restart.will_words(bot, ran))


def _line() -> QLabel:
    made = label("", "label")
    made.setWordWrap(True)
    return made


def _say(line: QLabel, said: Said) -> None:
    if line.text() != said.words:
        line.setText(said.words)
    set_tone(line, said.tone)
