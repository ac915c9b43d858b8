"""Which language the window speaks: chosen before anything with words is imported, by the file of
preferences or by the system."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from engine.language import ENGLISH, language, localised, speak
from engine.runtime.messengers import Messengers
from tests.gui.fakes import FakeEngine
from tests.gui.opened import press
from tests.gui.paged import paged
from trader_gui.pages.settings.languages import LanguageForm
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.settings.languages import LanguageChoice, NumberStyle, choose
from trader_gui.settings.preferences import FILE_NAME, Preferences

ROOT = Path(__file__).resolve().parents[2]
GERMAN, FRENCH, AMERICAN = QLocale("de_DE"), QLocale("fr_FR"), QLocale("en_US")
LISTENED = """
import engine.language

said = []
for name in ("tr", "trn", "trc"):
    setattr(engine.language, name, lambda *words, **values: said.append(words[0]) or words[0])
import {module}

print(said)
"""


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak(ENGLISH)
    for name in ("TRADER_GUI_LANGUAGE", "TRADER_GUI_NUMBERS"):
        os.environ.pop(name, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


def kept_in(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text("utf-8"))


def said_by_importing(module: str) -> str:
    code = LISTENED.format(module=module)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "module", ["trader_gui.__main__", "trader_gui.options", "trader_gui.settings.languages"]
)
def test_nothing_is_said_before_the_language_is_chosen(module: str) -> None:
    assert said_by_importing(module) == "[]"


def test_a_word_said_while_a_module_is_imported_would_be_heard() -> None:
    assert "'stopped'" in said_by_importing("engine.messages.value_words")


@pytest.mark.parametrize(
    ("file", "spoken", "number"),
    [
        ('language = "de"\nnumbers = "1,234.56"', "de", "1,234.50"),
        ('language = "de"\nnumbers = "1.234,56"', "de", "1.234,50"),
        ('language = "en"\nnumbers = "1 234,56"', "en", "1\u202f234,50"),
        ('language = "de"\nnumbers = "system"', "de", "1\u202f234,50"),
        ('language = "system"\nnumbers = "1,234.56"', "en", "1,234.50"),
    ],
)
def test_what_the_file_says_comes_before_the_system(
    path: Path, file: str, spoken: str, number: str
) -> None:
    path.write_text(file, "utf-8")
    choose(path, FRENCH)  # whose language the program does not speak
    assert (language(), localised("1,234.50")) == (spoken, number)


@pytest.mark.parametrize(
    ("system", "spoken", "number"),
    [
        (GERMAN, "de", "1.234,50"),
        (AMERICAN, "en", "1,234.50"),
        (FRENCH, "en", "1\u202f234,50"),
    ],
)
@pytest.mark.parametrize(
    "file",
    [
        None,
        b"",
        b'theme = "dark"',
        b'language = "klingon"\nnumbers = "1_234"',
        b"language = 4\nnumbers = [1, 2]",
        b"[language]\nname = 3\n[numbers]",
        b"language = = de",
        b"language = \xff\xfe",
    ],
)
def test_what_cannot_be_meant_leaves_it_to_the_system(
    path: Path, file: bytes | None, system: QLocale, spoken: str, number: str
) -> None:
    if file is not None:
        path.write_bytes(file)
    choose(path, system)
    assert (language(), localised("1,234.50")) == (spoken, number)


def test_a_folder_in_the_place_of_the_file_changes_nothing(path: Path) -> None:
    path.mkdir()
    choose(path, GERMAN)
    assert language() == "de"


def test_programs_that_this_one_starts_speak_the_same(path: Path) -> None:
    path.write_text('language = "de"\nnumbers = "1 234,56"', "utf-8")
    choose(path, AMERICAN)
    told = "from engine.language import language, localised; print(language(), localised('1,5'))"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", told],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.strip() == "de 1\u202f5"


@pytest.mark.qt_loop
async def test_the_settings_page_keeps_what_is_chosen_for_the_next_start(path: Path) -> None:
    preferences, folder = Preferences(path), path.parent
    choose(path, AMERICAN)

    def page(bridge: object) -> SettingsPage:
        return SettingsPage(bridge, preferences, Messengers(folder))  # type: ignore[arg-type]

    async with paged(FakeEngine(folder), page) as held:
        said: list[str] = []
        edited: list[None] = []
        held.page.said.connect(said.append)
        held.page.edited.connect(lambda: edited.append(None))
        form = held.page.languages
        assert (form.language.value, form.numbers.value) == ("system", "system")
        press(form.language, "de")
        assert preferences.language is LanguageChoice.GERMAN
        press(form.numbers, "1.234,56")
        assert preferences.numbers is NumberStyle.COMMA
        assert said == ["This is used from the next start of the program on."] * 2
        assert len(edited) == 2
    assert language() == ENGLISH  # until that start
    preferences.save()
    assert kept_in(path) == {"language": "de", "numbers": "1.234,56"}
    choose(path, AMERICAN)
    assert (language(), localised("1,234.50")) == ("de", "1.234,50")


def test_the_form_shows_what_was_chosen_before(path: Path, qapp: QApplication) -> None:
    path.write_text('language = "en" # mine\nnumbers = "1 234,56"', "utf-8")
    preferences = Preferences(path)
    assert preferences.problems == ()
    form = LanguageForm(preferences)
    assert (form.language.value, form.numbers.value) == ("en", "1 234,56")


def test_comments_in_the_file_are_english_whatever_is_spoken(path: Path) -> None:
    speak("marked")
    code = (
        "from pathlib import Path\n"
        "from trader_gui.settings.preferences import Preferences, ThemeChoice\n"
        f"preferences = Preferences(Path({str(path)!r}))\n"
        "preferences.theme, preferences.quiet_from = ThemeChoice.LIGHT, 60\n"
        "preferences.keep_awake, preferences.proxy = True, 'http://10.0.0.1:3128'\n"
        "preferences.save()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    text = path.read_text("utf-8")
    assert "\u27e6" not in text
    assert 'theme = "light" # How the window looks: dark, light or system' in text
    assert "# When quiet hours begin: a time of the day like 22:30" in text
    assert "an address like http://host:port, or empty" in text


def test_what_cannot_be_meant_is_named_in_the_language_by_its_key_and_values(path: Path) -> None:
    path.write_text('theme = "pink"', "utf-8")
    code = (
        "from pathlib import Path; from trader_gui.settings.preferences import Preferences\n"
        f"print(Preferences(Path({str(path)!r})).problems[0])"
    )
    speak("marked")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.strip() == (
        "\u27e6theme is 'pink', not \u27e6dark, light or system\u27e7. Dark is used.\u27e7"
    )
