"""The foot of the form: run it once, or sweep it, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.sweeping import SweepOutlook
from trader_gui import format as fmt
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_hint, set_look, show_if


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
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.run, self.sweep):
            button.setMinimumHeight(theme().px(32))
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.why)
        self.sweep.hide()

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
        count = "" if outlook is None else tr(" of {count}", count=fmt.count(outlook.runs))
        self._dress(self.sweep, "primary", tr("Run sweep{count}", count=count))
        words = _problem_words(problems) or refused
        if not words and outlook is not None:
            words = skipped_words(outlook)
        if sweeping:
            words = tr(
                "{words} A sweep is running; the next one starts after it.", words=words
            ).strip()
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
    more = tr(" {count} more.", count=len(problems) - 1) if len(problems) > 1 else ""
    return f"{problems[0]}.{more}"


def skipped_words(outlook: SweepOutlook) -> str:
    """How many sets are not run, and why; empty if all are."""
    skipped = len(outlook.refused)
    if not skipped:
        return ""
    what = "pairs" if len(outlook.grid) == 2 else "sets"
    why = next(iter(outlook.refused.values()))
    verb = "is" if skipped == 1 else "are"
    first = why.split(". ")[0].rstrip(".")
    return tr(
        "{skipped:,} of {total:,} {what} {verb} skipped: {first}.",
        skipped=skipped,
        total=outlook.total,
        what=what,
        verb=verb,
        first=first,
    )
