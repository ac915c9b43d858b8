"""The foot of the form: run it once, or sweep it, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from engine.language import tr, trn
from engine.messages.sweeping import SweepOutlook
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_hint, set_look, show_if

_EDGE: Final = 14
_GAP: Final = 8


class RunFoot(QFrame):
    """`run_asked()`, `sweep_asked()`."""

    run_asked = Signal()
    sweep_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "raised")
        self.run = TextButton(tr("Run backtest"), "play-fill", "primary")
        self.run.clicked.connect(self.run_asked)
        self.sweep = TextButton(tr("Run sweep"), "grid-four", "primary")
        self.sweep.clicked.connect(self.sweep_asked)
        self.why = label(look="hint")
        self.why.setWordWrap(True)
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(_GAP)
        for button in (self.run, self.sweep):
            button.setMinimumHeight(theme().px(32))
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE, 10, _EDGE, 10)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.why)
        self.sweep.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Beside each other; below where both have no room in one line."""
        wanted = self.run.sizeHint().width() + _GAP + self.sweep.sizeHint().width()
        beside = self.sweep.isHidden() or wanted <= self.width() - 2 * _EDGE
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.LeftToRight if beside else ways.TopToBottom)

    def show_once(self, problems: Sequence[str], running: bool) -> None:
        """No parameter is swept: the one button, and whether it can be pressed."""
        show_if(self.sweep, False)
        self._dress(self.run, "primary", tr("Run backtest"))
        if running:
            words = tr("A backtest is running; the next one starts after it.")
        else:
            words = _problem_words(problems) or tr("Ctrl+Enter runs it.")
        self._settle(self.run, not problems and not running, words)
        self.why.setText(words)

    def show_sweep(
        self,
        problems: Sequence[str],
        running: bool,
        sweeping: bool,
        outlook: SweepOutlook | None,
        refused: str,
    ) -> None:
        """Some are: `outlook` says how many runs that is, `refused` why it is none."""
        self.sweep.show()
        self._dress(self.run, "", tr("Run once"))
        start = tr("Run sweep")
        if outlook is not None:
            start = tr("Run sweep of {runs:,}", runs=outlook.runs)
        self._dress(self.sweep, "primary", start)
        self._place()
        words = _problem_words(problems) or refused
        if not words and outlook is not None:
            words = skipped_words(outlook)
        if sweeping:
            runs_now = tr("A sweep is running; the next one starts after it.")
            words = f"{words} {runs_now}".strip()
        elif not words:
            words = tr("Ctrl+Enter runs the sweep.")
        self._settle(self.run, not problems and not running, words)
        runs = outlook is not None and outlook.runs > 0
        self._settle(self.sweep, not problems and runs and not sweeping, words)
        self.why.setText(words)

    @staticmethod
    def _dress(button: TextButton, look: str, words: str) -> None:
        button.setText(words)
        if (button.property("look") or "") != look:
            set_look(button, look)
            button.set_tone(look)

    @staticmethod
    def _settle(button: TextButton, enabled: bool, words: str) -> None:
        button.setEnabled(enabled)
        set_hint(button, "" if enabled else words)


def _problem_words(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    first, others = problems[0], len(problems) - 1
    if not others:
        return f"{first}."
    return trn("{first}. {count} more.", "{first}. {count} more.", others, first=first)


def skipped_words(outlook: SweepOutlook) -> str:
    """How many sets are not run, and why; empty if all are."""
    skipped = len(outlook.refused)
    if not skipped:
        return ""
    why = next(iter(outlook.refused.values())).split(". ")[0].rstrip(".")
    if len(outlook.grid) == 2:
        return trn(
            "{count:,} of {total:,} pairs is skipped: {why}.",
            "{count:,} of {total:,} pairs are skipped: {why}.",
            skipped,
            total=outlook.total,
            why=why,
        )
    return trn(
        "{count:,} of {total:,} sets is skipped: {why}.",
        "{count:,} of {total:,} sets are skipped: {why}.",
        skipped,
        total=outlook.total,
        why=why,
    )
