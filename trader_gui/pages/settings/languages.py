"""The language of the window, and how it writes numbers."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.language import LANGUAGES, tr
from trader_gui.settings.languages import LanguageChoice, NumberStyle
from trader_gui.settings.preferences import Preferences
from trader_gui.widgets.looks import set_tip
from trader_gui.widgets.segmented import SegmentedControl

_LANGUAGES: Final = ((LanguageChoice.SYSTEM.value, tr("System")), *LANGUAGES.items())
_NUMBERS: Final = (
    (NumberStyle.SYSTEM.value, tr("System")),
    *((style.value, style.value) for style in NumberStyle if style is not NumberStyle.SYSTEM),
)


class LanguageForm(QWidget):
    """Writes what is clicked into the preferences, and says so: `changed()`; `said(text)` for a
    toast, as it is seen at the next start only."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.language = SegmentedControl(tr("Language"), _LANGUAGES)
        set_tip(self.language, tr("System takes the language of your desktop, if it is there."))
        self.language.set_value(preferences.language.value)
        self.language.chosen.connect(self._choose_language)
        self.numbers = SegmentedControl(tr("Numbers"), _NUMBERS)
        set_tip(
            self.numbers,
            tr(
                "How thousands are grouped and decimals parted. Tables that are copied and "
                "files that are exported stay plain, like 1234.56."
            ),
        )
        self.numbers.set_value(preferences.numbers.value)
        self.numbers.chosen.connect(self._choose_numbers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for control in (self.language, self.numbers):
            column.addWidget(control, alignment=Qt.AlignmentFlag.AlignLeft)

    def _choose_language(self, choice: str) -> None:
        self._preferences.language = LanguageChoice(choice)
        self._tell()

    def _choose_numbers(self, choice: str) -> None:
        self._preferences.numbers = NumberStyle(choice)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        self.said.emit(tr("This is used from the next start of the program on."))
