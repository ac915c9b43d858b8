"""Faults and mistakes of the program as toasts: what happened, and what is behind it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from engine.errors import Fault
from engine.language import tr
from engine.messages.redaction import redacted
from engine.runtime.crashes import crash_text
from trader_gui.frame.main_window import MainWindow
from trader_gui.telling.fault_report import report_text, show_report


def toast_fault(window: MainWindow, fault: Fault) -> None:
    """The fault's words, with its details to copy where it has some."""
    offers = []
    if fault.details:
        text = redacted(f"{fault.words}\n\n{fault.details}")
        clipboard = QGuiApplication.clipboard()
        offers.append((tr("Copy details"), lambda: clipboard.setText(text)))
    window.toasts.show(redacted(fault.words), "error", offers)


def toast_unexpected(window: MainWindow, data_dir: Path, place: str, error: BaseException) -> None:
    """A mistake of the program at `place`, with a report of it to show."""
    words = tr(
        "Something in the program failed ({error} in {place}). The rest goes on. "
        "Restart the program if it behaves strangely.",
        error=type(error).__name__,
        place=place,
    )
    happened = crash_text(error)
    offers = [(tr("Show report"), partial(_show_report, window, data_dir, words, happened))]
    window.toasts.show(redacted(words), "error", offers)


def _show_report(window: MainWindow, data_dir: Path, words: str, happened: str) -> None:
    show_report(window, tr("Something failed"), words, report_text(data_dir, happened))
