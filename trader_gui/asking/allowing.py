"""The question before a person's own strategy may run: its text, and what allowing means."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from engine.domain.strategy_files import StrategyFile, StrategySource
from engine.errors import Fault
from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.frame.main_window import MainWindow
from trader_gui.pages.settings.strategies import StrategiesForm
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label
from trader_gui.widgets.scrim import Choice, ScrimCard

_WIDTH = 620
_HEIGHT = 260


class SourceText(QWidget):
    """The text as it stands in the file, and its hash below."""

    def __init__(self, source: StrategySource) -> None:
        super().__init__()
        self.setMinimumWidth(theme().px(_WIDTH))
        self.text = QPlainTextEdit(source.text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Text of {file}", file=source.file))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setFixedHeight(theme().px(_HEIGHT))
        self.text.setTabStopDistance(4 * self.text.fontMetrics().horizontalAdvance(" "))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(label(f"SHA-256 {source.sha256}", "hint"))


def ask_to_allow(
    window: MainWindow, bridge: Bridge, form: StrategiesForm, source: StrategySource
) -> ScrimCard:
    """Show the file; only these very bytes are allowed, and only by the second button."""

    def allowed(file: StrategyFile) -> None:
        window.toasts.show(
            tr(
                "{title} ({file}) can be chosen as a strategy now.",
                title=file.title,
                file=file.file,
            )
        )
        form.look()

    def refused(fault: Fault) -> None:
        form.refused(source.file, fault)

    def answered(key: str) -> None:
        if key == "allow":
            bridge.allow_strategy(source, allowed, refused)

    card = window.ask(
        tr("Allow {file}?", file=source.file),
        tr(
            "It will run with all rights of this program: it can read and change your files and "
            "use the network. Allow only what you wrote or have read and understood. When the "
            "file changes, you are asked again."
        ),
        [Choice("leave", tr("Leave it")), Choice("allow", tr("Allow this file"), "danger")],
        SourceText(source),
    )
    card.answered.connect(answered)
    return card
