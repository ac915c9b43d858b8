"""The guide as text: its chapters, their sections, and what is found in them. No Qt here.

English lies in the guide's own folder, another language in a folder of its name there, with the
same files. Headings are named alike in all of them, by their English words, so that links and what
F1 asks for lead to the same places: where a heading has other words, an anchor stands above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from engine.language import ENGLISH

CONTENTS: Final = "README.md"
"""Lists the chapters, in their order."""

_CHAPTER: Final = re.compile(r"^\* \[(?P<title>[^\]]+)\]\((?P<key>[a-z-]+)\.md\)", re.MULTILINE)
_HEADING: Final = re.compile(r"^(#+) (.+)$")
_ANCHOR: Final = re.compile(r'^<a id="([\w-]+)"></a>$')
"""On a line of its own: the name of the heading that follows."""
_MARKS: Final = re.compile(r"!\[[^\]]*\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)|[*`|]+|-{3,}")
_SPACES: Final = re.compile(r"\s+")
_AROUND: Final = 44
"""Letters of a hit's excerpt before and after what was found."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a chapter and the words under it; `place` is what links call it, "" for the
    chapter's title, where it begins."""

    chapter: str
    title: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """`key` is its file's name without the end; `text` is Markdown, `folder` where it lies. There
    is a section for each heading."""

    key: str
    title: str
    text: str
    sections: tuple[Section, ...]
    folder: Path = Path()


@dataclass(frozen=True, slots=True)
class Hit:
    """A section in which all that was typed stands, and some words around the first of it."""

    chapter: Chapter
    section: Section
    excerpt: str


@dataclass(frozen=True, slots=True)
class Guide:
    folder: Path
    chapters: tuple[Chapter, ...]

    def chapter(self, key: str) -> Chapter | None:
        return next((one for one in self.chapters if one.key == key), None)

    def about(self, name: str) -> Section | None:
        """The section whose heading is `name`: so a field's label leads to its meaning. English
        is known in every language: a label may not be translated yet."""
        wanted = place_of(name)
        sections = [one for chapter in self.chapters for one in chapter.sections if one.place]
        titled = (one for one in sections if place_of(one.title) == wanted)
        placed = (one for one in sections if one.place == wanted)
        return next(titled, None) or next(placed, None)

    def search(self, typed: str) -> list[Hit]:
        """Sections that hold every word of what was typed, those named so first."""
        wanted = typed.casefold().split()
        if not wanted:
            return []
        found: list[tuple[int, Hit]] = []
        for chapter in self.chapters:
            for section in chapter.sections:
                title, words = section.title.casefold(), section.words.casefold()
                if not all(one in title or one in words for one in wanted):
                    continue
                rank = 0 if all(one in title for one in wanted) else 1
                found.append((rank, Hit(chapter, section, _excerpt(section.words, wanted))))
        found.sort(key=lambda each: each[0])
        return [hit for _, hit in found]


def place_of(title: str) -> str:
    """The name of a heading in links, as code forges make it: ``Stop loss`` is ``stop-loss``."""
    kept = re.sub(r"[^\w\- ]", "", title.strip().casefold())
    return kept.replace(" ", "-")


@lru_cache(maxsize=2)
def read_guide(folder: Path, spoken: str = ENGLISH) -> Guide:
    """The chapters that the contents of `folder` list, in the language `spoken` as far as they are
    there, else in English.

    Raises:
        OSError: one of them is not there.
    """
    own = folder / spoken
    titles = _titles(own) if (own / CONTENTS).exists() else {}
    chapters = [
        _read(own, key, titles.get(key, title))
        if (own / f"{key}.md").exists()
        else _read(folder, key, title)
        for key, title in _titles(folder).items()
    ]
    return Guide(folder, tuple(chapters))


def _titles(folder: Path) -> dict[str, str]:
    """By chapter, as the contents of `folder` have them."""
    listed = _CHAPTER.finditer((folder / CONTENTS).read_text("utf-8"))
    return {one["key"]: one["title"] for one in listed}


def _read(folder: Path, key: str, title: str) -> Chapter:
    lines: list[str] = []
    begun: list[tuple[str, str, list[str]]] = []
    """Headings, their places, and the lines under them."""
    anchor, fenced = "", False
    for line in (folder / f"{key}.md").read_text("utf-8").splitlines():
        if found := _ANCHOR.match(line):
            anchor = found[1]
            continue
        lines.append(line)
        fence = line.startswith("```")
        fenced ^= fence
        if not fenced and (found := _HEADING.match(line)):
            place = (anchor or place_of(found[2])) if begun else ""
            begun.append((found[2], place, []))
            anchor = ""
        elif begun and not fence:
            begun[-1][2].append(line if fenced else _plain(line))
    sections = tuple(
        Section(key, heading, place, _SPACES.sub(" ", " ".join(under)).strip())
        for heading, place, under in begun
    )
    return Chapter(key, title, "\n".join(lines), sections, folder)


def _plain(line: str) -> str:
    return _MARKS.sub(lambda found: found[1] or "", line)


def _excerpt(words: str, wanted: list[str]) -> str:
    at = min((place for one in wanted if (place := words.casefold().find(one)) >= 0), default=0)
    first = max(0, at - _AROUND)
    if first:
        first = words.find(" ", first) + 1
    last = at + 2 * _AROUND
    return ("…" if first else "") + words[first:last].strip() + ("…" if last < len(words) else "")
