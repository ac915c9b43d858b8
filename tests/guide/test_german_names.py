"""The German guide calls things as the German window does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

import pytest

from engine.domain.reasons import EndReason, ExitReason, Refusal
from engine.domain.sub_states import SubState
from engine.errors import FaultKind
from engine.language import ENGLISH, speak, tr, trc
from engine.markets.exchange import faults
from engine.messages.proof import Cause
from tests.guide.test_editions import FILES, parts, whole

NAME: Final = re.compile(r"(?<![*\w])\*{1,2}([^\s*][^*]*?)\*{1,2}(?![*\w])")
CONTEXTS: Final = ("button", "coin", "level", "money")
"""In which a name of the guide may mean what the window says."""
OTHER: Final = {
    "bots.md": {"short"},
    "exits.md": {"short"},
    "rules.md": {"short"},
    "settings.md": {"Check"},
    "trust.md": {"Check"},
}
"""Where a name is another thing than the window's: what a strategy says is a verb, and strategies
are checked by another button than candles."""


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    speak("de")
    yield
    speak(ENGLISH)
    for name in ("TRADER_GUI_LANGUAGE", "TRADER_GUI_NUMBERS"):
        os.environ.pop(name, None)


@pytest.mark.parametrize("name", FILES)
def test_names_of_buttons_pages_and_settings_are_the_windows(name: str) -> None:
    missing = []
    for english, german in zip(parts(ENGLISH, name), parts("de", name), strict=True):
        words = " ".join(german.split())
        for one in NAME.findall(re.sub(r"^\* ", "- ", english, flags=re.MULTILINE)):
            named = " ".join(one.split()).rstrip(".")
            if named in OTHER.get(name, ()):
                continue
            if not any(said in words for said in spoken(named)):
                missing.append(f"{named}: {spoken(named)}")
    assert missing == []


def spoken(english: str) -> set[str]:
    """What the window may say for it; "", which is in everything, for what it does not say."""
    said = {tr(english), *(trc(context, english) for context in CONTEXTS)} - {english}
    return {*said, f"*{english}*"} if said else {""}  # a stop is a *Stop* in German, too


@pytest.mark.parametrize(
    ("chapter", "words"),
    [
        ("rules", [one.code for one in Refusal]),
        ("exits", [one.code.replace("_", " ") for one in ExitReason]),
        ("replay", [one.code.replace("_", " ") for one in EndReason]),
        ("replay", [one.value for one in Cause]),
        ("troubleshooting", [one.value for one in FaultKind]),
    ],
    ids=["refusals", "exits", "ends", "causes", "faults"],
)
def test_words_for_codes_are_the_windows(chapter: str, words: list[str]) -> None:
    text = whole("de", f"{chapter}.md")
    said = [tr(one) for one in words if tr(one) != one]
    assert [one for one in said if one not in text] == []


def test_what_a_bot_says_beside_its_state_is_told() -> None:
    text = whole("de", "troubleshooting.md")
    braces = {name: f"{{{name}}}" for name in ("exchange", "known", "wanted")}
    templates = [one.words(**braces) for one in SubState if one is not SubState.NONE]
    said = [re.sub(r" ?\{.*", "", tr(one)) for one in templates if tr(one) != one]
    assert [one for one in said if f"**{one}**" not in text] == []


def test_what_an_exchange_says_is_told() -> None:
    table = whole("de", "troubleshooting.md").partition("| sie sagt |")[2].partition("\n\n")[0]
    told = "; ".join(row.split("|")[1] for row in table.splitlines()[2:]).split(";")
    for words in faults.WORDS.values():
        said = tr(words)
        if said != words:
            assert any(is_within(one, said) for one in told), said


def is_within(phrase: str, sentence: str) -> bool:
    """Whether the sentence says these words in this order, with others between them."""
    rest = iter(re.findall(r"\w+", sentence))
    return all(any(word == other for other in rest) for word in re.findall(r"\w+", phrase))
