"""A report of a fault: what happened and what the program runs on, to be copied or saved by the
person. Nothing of it is ever sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.redaction import redacted
from engine.runtime.private_files import open_private
from trader_gui.frame.main_window import MainWindow
from trader_gui.theme.theme import theme
from trader_gui.widgets.file_dialogs import ask_file_to_save
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tone
from trader_gui.widgets.scrim import Choice, ScrimCard

_WIDTH: Final = 680
_HEIGHT: Final = 300
_MOST: Final = 20_000
"""Characters of what happened; the end of it says most."""
PRIVACY: Final = tr(
    "The report below has no keys, passwords or account numbers in it. Nothing is "
    "sent: copy or save it if you want to show it to somebody."
)


def report_text(data_dir: Path, happened: str) -> str:
    """What happened, then versions, folder, preferences and the end of the log, without secrets
    and without the name of the person's home folder."""
    from trader_gui.telling.diagnosis import diagnosis

    text = f"{happened[-_MOST:].strip()}\n\n{diagnosis(data_dir)}\n"
    return redacted(text).replace(str(Path.home()), "~")


def crash_words(crash: Path) -> str:
    """When the program ended unexpectedly, as far as the file's name tells."""
    number = crash.stem.rpartition("-")[2]
    if not number.isdecimal():
        return tr("The program ended unexpectedly.")
    at = datetime.fromtimestamp(int(number) / 1_000, UTC)
    return tr(
        "The program ended unexpectedly on {date} at {time} UTC.",
        date=f"{at:%Y-%m-%d}",
        time=f"{at:%H:%M}",
    )


class ReportText(QWidget):
    """The report as it would be given away, with buttons to copy and to save it."""

    def __init__(self, report: str) -> None:
        super().__init__()
        self.setMinimumWidth(theme().px(_WIDTH))
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Report"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setFixedHeight(theme().px(_HEIGHT))
        self.copy = TextButton(tr("Copy report"), "copy")
        self.copy.clicked.connect(self._copy)
        self.save = TextButton(tr("Save report"), "download-simple")
        self.save.clicked.connect(self._ask_where)
        self.told = label("", "hint")
        self.told.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.copy)
        row.addWidget(self.save)
        row.addWidget(self.told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.text)
        column.addLayout(row)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._tell(tr("The report was copied."))

    def _ask_where(self) -> None:
        ask_file_to_save(
            self, tr("Save report"), "trader-gui-report.txt", self.save_to, tr("Text (*.txt)")
        )

    def save_to(self, path: Path) -> None:
        """Write it there, for this user alone."""
        try:
            path.unlink(missing_ok=True)
            with open_private(path) as file:
                file.write(self.text.toPlainText())
        except OSError as error:
            self._tell(
                tr(
                    "It could not be saved ({reason}). Choose another place.",
                    reason=error.strerror,
                ),
                "down",
            )
        else:
            self._tell(tr("Saved as {file}.", file=path.name))

    def _tell(self, words: str, tone: str = "") -> None:
        self.told.setText(words)
        set_tone(self.told, tone)


def show_report(window: MainWindow, title: str, words: str, report: str) -> ScrimCard:
    """A card over the page with the report; closing it is all it asks for."""
    return window.ask(
        title, f"{words} {PRIVACY}", [Choice("close", tr("Close"))], ReportText(report)
    )


def _kept_of(crash: Path) -> str:
    """What the file tells; where it cannot be read, that."""
    try:
        return crash.read_text("utf-8", "replace")
    except OSError as error:
        return tr(
            "{file}, which tells what happened, cannot be read ({reason}).",
            file=crash.name,
            reason=error.strerror,
        )


async def show_crash(window: MainWindow, data_dir: Path, crash: Path) -> ScrimCard:
    """What ended the program last."""

    report = await asyncio.to_thread(lambda: report_text(data_dir, _kept_of(crash)))
    checked = tr("What was stored is checked at every start.")
    return show_report(window, tr("The program crashed"), f"{crash_words(crash)} {checked}", report)
