"""The catalogues: all that the program says is there in each language, and nothing else."""

from __future__ import annotations

import string
from collections import Counter

import pytest
from babel.messages.catalog import Catalog, Message

from engine.language import ENGLISH, LANGUAGES
from shipping.words import as_read, as_text, is_open, place_of, read, said, updated

OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.fixture(scope="module", params=OTHERS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalogue(language: str) -> Catalog:
    return read(language)


def sentences(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(words: object) -> list[str]:
    return [words] if isinstance(words, str) else [str(one) for one in words or ()]  # type: ignore[attr-defined]


def places(words: str) -> Counter[str]:
    """What is put in where, with conversion and format; empty where none is meant."""
    try:
        parts = list(string.Formatter().parse(words))
    except ValueError:  # braces of something else
        return Counter()
    return Counter(
        f"{name}!{conversion}:{spec}" for _, name, spec, conversion in parts if name is not None
    )


def test_the_catalogue_has_all_that_the_code_says_and_nothing_else(catalogue: Catalog) -> None:
    """``python -m shipping.words`` brings it up to date."""
    in_code = {(message.context, str(message.id)) for message in sentences(said())}
    written = {(message.context, str(message.id)) for message in sentences(catalogue)}
    assert written - in_code == set()
    assert in_code - written == set()


def test_every_sentence_is_translated(catalogue: Catalog) -> None:
    assert [message.id for message in sentences(catalogue) if is_open(message)] == []
    assert [message.id for message in sentences(catalogue) if message.fuzzy] == []


def test_a_translation_puts_in_what_the_sentence_does(catalogue: Catalog) -> None:
    """The first form of a plural may say "one" without a number."""
    wrong = []
    for message in sentences(catalogue):
        english, theirs = forms(message.id), forms(message.string)
        for place, words in enumerate(theirs):
            wanted = places(english[min(place, len(english) - 1)])
            found = places(words)
            plural = len(english) > 1
            if set(found) != set(wanted) and not (
                plural and set(found) <= set(places(english[-1]))
            ):
                wrong.append((english, words))
    assert wrong == []


def test_edges_of_a_sentence_stay(catalogue: Catalog) -> None:
    """Pieces begin or end with the same space, lines are broken at the same number of places."""
    wrong = [
        (english, theirs)
        for message in sentences(catalogue)
        for english, theirs in zip(forms(message.id), forms(message.string), strict=False)
        if (english[:1] == " ", english[-1:] == " ", english.count("\n"))
        != (theirs[:1] == " ", theirs[-1:] == " ", theirs.count("\n"))
    ]
    assert wrong == []


def test_what_the_program_reads_is_made_from_what_is_written(language: str) -> None:
    """``python -m shipping.words`` makes it."""
    now = updated(language)
    assert place_of(language).read_bytes() == as_text(now)
    assert place_of(language).with_suffix(".mo").read_bytes() == as_read(now)
