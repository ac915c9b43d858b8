"""The guide as text: its chapters, their sections, and what is found in them. No Qt here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

CONTENTS: Final = "README.md"
"""Lists the chapters, in their order."""

_CHAPTER: Final = re.compile(r"^\* \[(?P<title>[^\]]+)\]\((?P<key>[a-z-]+)\.md\)", re.MULTILINE)
_HEADING: Final = re.compile(r"^(#+) (.+)$")
_MARKS: Final = re.compile(r"!\[[^\]]*\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)|[*`|]+|-{3,}")
_SPACES: Final = re.compile(r"\s+")
_AROUND: Final = 44
"""Letters of a hit's excerpt before and after what was found."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a chapter and the words under it; `place` is what links call it."""

    chapter: str
    title: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """`key` is its file's name without the end; `text` is Markdown."""

    key: str
    title: str
    text: str
    sections: tuple[Section, ...]


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
        """The section whose heading is `name`: so a field's label leads to its meaning."""
        wanted = place_of(name)
        sections = (one for chapter in self.chapters for one in chapter.sections)
        return next((one for one in sections if wanted and one.place == wanted), None)

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
def read_guide(folder: Path) -> Guide:
    """The chapters that the contents of `folder` list.

    Raises:
        OSError: one of them is not there.
    """
    listed = _CHAPTER.finditer((folder / CONTENTS).read_text("utf-8"))
    return Guide(folder, tuple(_read(folder, one["key"], one["title"]) for one in listed))


def _read(folder: Path, key: str, title: str) -> Chapter:
    text = (folder / f"{key}.md").read_text("utf-8")
    sections: list[Section] = []
    heading, under, fenced = title, [""], False
    for line in [*text.splitlines(), "# "]:
        fenced ^= line.startswith("```")
        found = None if fenced else _HEADING.match(line)
        if found is None and line != "# ":
            under.append("" if line.startswith("```") else line if fenced else _plain(line))
            continue
        words = _SPACES.sub(" ", " ".join(under)).strip()
        if sections or words:
            sections.append(Section(key, heading, place_of(heading), words))
        heading, under = (found[2] if found else ""), []
    return Chapter(key, title, text, tuple(sections))


def _plain(line: str) -> str:
    return _MARKS.sub(lambda found: found[1] or "", line)


def _excerpt(words: str, wanted: list[str]) -> str:
    at = min((place for one in wanted if (place := words.casefold().find(one)) >= 0), default=0)
    first = max(0, at - _AROUND)
    if first:
        first = words.find(" ", first) + 1
    last = at + 2 * _AROUND
    return ("…" if first else "") + words[first:last].strip() + ("…" if last < len(words) else "")
