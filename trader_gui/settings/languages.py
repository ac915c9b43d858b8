"""Which language the window speaks, and how it writes numbers: chosen once, before anything is
imported that has words, from the file of settings or from the system."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from engine.language import ENGLISH, LANGUAGES, language, speak


class LanguageChoice(StrEnum):
    SYSTEM = "system"
    ENGLISH = "en"
    GERMAN = "de"


class NumberStyle(StrEnum):
    """How thousands are grouped and decimals parted. What is copied and exported is always
    ``1234.56``."""

    SYSTEM = "system"
    POINT = "1,234.56"
    COMMA = "1.234,56"
    SPACE = "1 234,56"


_SEPARATORS: Final = {
    NumberStyle.POINT.value: ",.",
    NumberStyle.COMMA.value: ".,",
    NumberStyle.SPACE.value: "\u202f,",
}


def choose(file: Path, system: QLocale | None = None) -> None:
    """Speak as the settings in `file` say. What cannot be meant there is as if it were not there:
    it is named where all of the file is read."""
    chosen, system = _chosen(file), system or QLocale.system()
    wanted = str(chosen.get("language", LanguageChoice.SYSTEM.value))
    style = str(chosen.get("numbers", NumberStyle.SYSTEM.value))
    speak(
        wanted if wanted in LANGUAGES else _of_system(system),
        _SEPARATORS.get(style) or _separators_of(system),
    )


def teach_qt(app: QCoreApplication) -> None:
    """Qt's own words, on the buttons and menus it brings along."""
    if language() == ENGLISH:
        return
    QLocale.setDefault(QLocale(language()))
    words = QTranslator(app)
    place = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(f"qtbase_{language()}", place):
        app.installTranslator(words)


def _chosen(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _of_system(system: QLocale) -> str:
    """The first of the languages that the person wants which is there."""
    wanted = [name.partition("-")[0] for name in system.uiLanguages()]
    return next((name for name in wanted if name in LANGUAGES), ENGLISH)


def _separators_of(system: QLocale) -> str:
    found = system.groupSeparator(), system.decimalPoint()
    usable = all(len(one) == 1 for one in found) and found[0] != found[1]
    return "".join(found) if usable else _SEPARATORS[NumberStyle.POINT.value]
