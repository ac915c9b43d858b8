"""Words and numbers in the chosen language, and where the choice is made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine import language
from engine.language import copied, localised, plain_number, speak, tr, trc, trn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak("en")
    for name in ("TRADER_GUI_LANGUAGE", "TRADER_GUI_NUMBERS"):
        os.environ.pop(name, None)


def test_english_is_what_stands_in_the_code() -> None:
    assert tr("{count:,} of {name}", count=1234, name="{x}") == "1,234 of {x}"
    assert tr("{braces} stay without values") == "{braces} stay without values"
    assert trn("{count:,} bot", "{count:,} bots", 1) == "1 bot"
    assert trn("{count:,} bot of {name}", "{count:,} bots of {name}", 1200, name="me") == (
        "1,200 bots of me"
    )
    assert trc("price", "Open") == "Open"
    assert localised("1,234.50") == "1,234.50"


def test_the_catalogue_is_asked_and_what_it_lacks_stays_english() -> None:
    speak("de", ".,")
    assert tr("Settings") == "Einstellungen"
    assert trn("no such {count}", "no such {count}", 2) == "no such 2"
    assert tr("nobody says this {value:,.2f}", value=Decimal("1234.5")) == (
        "nobody says this 1.234,50"
    )


@pytest.mark.parametrize(
    ("numbers", "shown"), [(",.", "1,234.50"), (".,", "1.234,50"), ("\u202f,", "1\u202f234,50")]
)
def test_numbers_are_written_as_chosen_in_words_and_alone(numbers: str, shown: str) -> None:
    speak("en", numbers)
    assert localised("1,234.50") == shown
    assert tr("{value:,.2f} {plain} {text}", value=1234.5, plain=1234.5, text="1,2") == (
        f"{shown} 1234.5 1,2"
    )
    assert tr("{yes}", yes=True) == "True"


def test_what_is_typed_is_read_as_it_is_meant_or_left_to_be_refused() -> None:
    assert plain_number("0.5") == "0.5"
    assert plain_number("1,234") == "1,234"
    speak("en", ".,")
    assert plain_number("0,5") == "0.5"
    assert plain_number("0.5") == "0.5"
    assert plain_number("1.234,5") == "1.234,5"
    assert plain_number("1,2,3") == "1,2,3"


def test_what_is_copied_loses_the_persons_way_where_it_is_a_number() -> None:
    speak("en", ".,")
    assert copied("0,075") == "0.075"
    assert copied("\u22121.234,50 %") == "\u22121,234.50 %"
    assert copied("a.b,csv") == "a.b,csv"
    assert copied("0.1.0") == "0.1.0"


def test_a_process_that_is_started_speaks_the_same() -> None:
    speak("de", ".,")
    look = "from engine.language import tr; print(tr('Settings'), tr('{x:,}', x=1000))"
    done = subprocess.run(
        [sys.executable, "-c", look],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.split() == ["Einstellungen", "1.000"]


def test_a_language_without_a_catalogue_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "CATALOGUES", Path("nowhere"))
    speak("de")
    assert tr("Settings") == "Settings"
