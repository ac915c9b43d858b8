"""The guide in other languages says what the English one says, in the same places."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from engine.language import ENGLISH, LANGUAGES
from tests.guide.worked import GUIDE
from trader_gui.pages.help.chapters import CONTENTS, Guide, place_of, read_guide

EDITIONS: Final = sorted(LANGUAGES.keys() - {ENGLISH})
FILES: Final = sorted(path.name for path in GUIDE.glob("*.md"))
IN_EACH: Final = [(edition, name) for edition in EDITIONS for name in FILES]
CODE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING: Final = re.compile(r"^(#+) (.*)$", re.MULTILINE)
LINK: Final = re.compile(r"(!?)\[([^\]]*)\]\(([^)]*)\)")
ANCHOR: Final = re.compile(r'^<a id="([^"]*)"></a>$', re.MULTILINE)
KEYS: Final = {
    "de": {
        "Ctrl": "Strg",
        "Shift": "Umschalt",
        "Space": "Leertaste",
        "Left": "Links",
        "Right": "Rechts",
        "Home": "Pos1",
        "End": "Ende",
    },
}
"""What is printed on the keys."""
ROWS: Final = {
    "de": {
        "minutes:percent": "Minuten:Prozent",
        "profit:share": "Gewinn:Anteil",
        "loss:times": "Verlust:Vielfaches",
    },
}
"""What the fields for tables call their columns."""


def text(edition: str, name: str) -> str:
    """What is written there, without blocks of code."""
    return CODE.sub("", whole(edition, name))


def whole(edition: str, name: str) -> str:
    return (GUIDE / ("" if edition == ENGLISH else edition) / name).read_text("utf-8")


def parts(edition: str, name: str) -> list[str]:
    """The words between its headings."""
    return re.split(r"^#+ .*$", text(edition, name), flags=re.MULTILINE)


@pytest.mark.parametrize("edition", EDITIONS)
def test_it_has_the_same_chapters_in_the_same_order(edition: str) -> None:
    assert sorted(path.name for path in (GUIDE / edition).iterdir()) == FILES
    english, other = read_guide(GUIDE), read_guide(GUIDE, edition)
    assert [one.key for one in other.chapters] == [one.key for one in english.chapters]
    assert {one.folder for one in other.chapters} == {GUIDE / edition}
    assert [one.title for one in other.chapters] == [
        one.text.splitlines()[0].removeprefix("# ") for one in other.chapters
    ]
    assert links(edition, CONTENTS) == links(ENGLISH, CONTENTS)


@pytest.mark.parametrize(("edition", "name"), IN_EACH)
def test_headings_have_the_same_levels_and_are_called_the_same_by_links(
    edition: str, name: str
) -> None:
    levels = [
        [len(marks) for marks, _ in HEADING.findall(text(one, name))] for one in (ENGLISH, edition)
    ]
    assert levels[0] == levels[1]
    if name == CONTENTS:
        return
    english, other = (read_guide(GUIDE, one).chapter(Path(name).stem) for one in (ENGLISH, edition))
    assert english
    assert other
    assert [one.place for one in other.sections] == [one.place for one in english.sections]
    # A forge, too, finds the place: by the anchor, or by the heading if that has the same name.
    named = [place_of(title) for _, title in HEADING.findall(text(edition, name))]
    anchors = ANCHOR.findall(whole(edition, name))
    places = [one.place for one in other.sections if one.place]
    assert [one for one in places if one in anchors] == anchors, "an anchor without its heading"
    assert [one for one in places if one not in anchors and one not in named] == []


@pytest.mark.parametrize(("edition", "name"), IN_EACH)
def test_blocks_of_code_are_the_same(edition: str, name: str) -> None:
    assert CODE.findall(whole(edition, name)) == CODE.findall(whole(ENGLISH, name))


@pytest.mark.parametrize(("edition", "name"), IN_EACH)
def test_links_lead_to_the_same_places_and_pictures_are_there(edition: str, name: str) -> None:
    assert sorted(links(edition, name)) == sorted(links(ENGLISH, name))
    for picture, words, target in LINK.findall(text(edition, name)):
        assert words
        assert (GUIDE / edition / (target.partition("#")[0] or name)).exists(), target
        assert bool(picture) == target.startswith("../images/")


def links(edition: str, name: str) -> list[str]:
    return [
        target.removeprefix("" if edition == ENGLISH else "../")
        for _, _, target in LINK.findall(text(edition, name))
    ]


@pytest.mark.parametrize(("edition", "name"), IN_EACH)
def test_each_section_names_the_same_codes_options_and_keys(edition: str, name: str) -> None:
    for english, other in zip(parts(ENGLISH, name), parts(edition, name), strict=True):
        expected = {in_language(edition, one) for one in codes(english)}
        assert codes(other) == expected, other


def codes(words: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", words))


def in_language(edition: str, code: str) -> str:
    keys = {code: code} | KEYS[edition]
    held = [keys.get(one, one) for one in code.split("+")] if code != "+" else [code]
    return ROWS[edition].get(code, "+".join(held))


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_chapter_that_is_missing_is_read_in_english(edition: str, tmp_path: Path) -> None:
    shutil.copytree(GUIDE, tmp_path / "guide")
    (tmp_path / "guide" / edition / "exits.md").unlink()
    guide, other = read_guide(tmp_path / "guide", edition), read_guide(GUIDE, edition)
    english = read_guide(GUIDE)
    assert titles(guide) == titles(other) | {"exits": titles(english)["exits"]}
    missing = guide.chapter("exits")
    assert missing
    assert missing.folder == tmp_path / "guide"
    shutil.rmtree(tmp_path / "guide" / edition)
    read_guide.cache_clear()
    assert titles(read_guide(tmp_path / "guide", edition)) == titles(english)


def titles(guide: Guide) -> dict[str, str]:
    return {one.key: one.title for one in guide.chapters}
