"""At the right of the editor: duplicates, what is missing before a start, what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from trader_gui.pages.bots.checks import Check
from trader_gui.pages.scrolling import scrolling
from trader_gui.panels.rows import Header
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.check_mark import CheckMark
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label

_BEFORE: Final = tr("Before it can start")


class PreviewPanel(QWidget):
    """`fix_asked(section)` by a line's button, `other_asked(bot_id)` for the duplicate."""

    fix_asked = Signal(str)
    other_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.checks: tuple[Check, ...] = ()
        self._other: int | None = None
        self._lines: list[QWidget] = []
        self._duplicate = self._build_duplicate()
        body = frame("panel")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.setSpacing(10)
        self._column.addWidget(self._duplicate)
        self._column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = Header(_BEFORE)
        column.addWidget(self.header)
        scroll = scrolling(body, self._column)
        column.addWidget(scroll, 1)
        self.setMinimumWidth(theme().px(230))

    def _build_duplicate(self) -> QWidget:
        card = frame("card")
        self._duplicate_words = label(look="value", tone="warn")
        self._duplicate_words.setWordWrap(True)
        more = label(
            tr("Both may open a position on the same signal. Each trades with its own share."),
            "hint",
        )
        more.setWordWrap(True)
        show = TextButton(tr("Open that bot"), look="link")
        show.clicked.connect(self._ask_other)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self._duplicate_words)
        column.addWidget(more)
        column.addWidget(show, alignment=Qt.AlignmentFlag.AlignLeft)
        card.hide()
        return card

    def show_checks(self, checks: Sequence[Check], *, running: bool) -> None:
        """One line each, errors first; of a bot that is `running` they only say what is set."""
        self.header.title.setText(tr("What it runs with") if running else _BEFORE)
        order = ("error", "warn", "ok")
        wanted = tuple(sorted(checks, key=lambda check: order.index(check.level)))
        if wanted == self.checks:
            return
        self.checks = wanted
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(check) for check in wanted]
        for place, line in enumerate(self._lines):
            self._column.insertWidget(place + 1, line)

    def show_duplicate(self, other: BotSnapshot | None, title: str) -> None:
        """Warn of another bot that trades the same; None takes the warning away."""
        self._other = other.bot_id if other else None
        self._duplicate.setVisible(other is not None)
        if other is not None:
            name, symbol = other.settings.name, other.settings.symbol
            self._duplicate_words.setText(
                tr(
                    "{bot} already trades {symbol} with {strategy}",
                    bot=name,
                    symbol=symbol,
                    strategy=title,
                )
            )

    def _ask_other(self) -> None:
        if self._other is not None:
            self.other_asked.emit(self._other)

    def _line(self, check: Check) -> QWidget:
        line = QWidget()
        mark = CheckMark(check.level)
        mends = check.level != "ok" and bool(check.section)
        text = QFontMetrics(theme().font(Role.BODY)).height()
        first = max(text, theme().px(24)) if mends else text  # a button is 24 high
        mark.setFixedHeight(first)
        words = label(check.words, tone="text1" if check.level != "ok" else "text2")
        words.setWordWrap(True)
        words.setContentsMargins(0, (first - text) // 2, 0, 0)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1, Qt.AlignmentFlag.AlignTop)
        if mends:
            fix = TextButton(tr("Fix") if check.level == "error" else tr("Show"), look="link")
            fix.setAccessibleName(f"{fix.text()}: {check.words}")
            fix.clicked.connect(lambda: self.fix_asked.emit(check.section))
            fix.setFixedHeight(first)
            row.addWidget(fix, alignment=Qt.AlignmentFlag.AlignTop)
        return line
