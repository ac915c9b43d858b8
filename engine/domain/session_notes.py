"""What a person writes about a session: its name, a note, tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.errors import InvalidSetting
from engine.language import tr

LONGEST_TITLE: Final = 80
LONGEST_NOTE: Final = 4_000
LONGEST_TAG: Final = 40
MOST_TAGS: Final = 20


def checked_title(text: str) -> str:
    """One line without space around it; "" is no name. InvalidSetting for a longer one."""
    title = " ".join(text.split())
    if len(title) > LONGEST_TITLE:
        raise InvalidSetting(
            tr(
                "A name has at most {longest} letters, this one has {count}. The "
                "name was left as it was.",
                longest=LONGEST_TITLE,
                count=len(title),
            ),
            field="title",
        )
    return title


def checked_note(text: str) -> str:
    """Without space around it; InvalidSetting for a longer one."""
    note = text.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidSetting(
            tr(
                "A note has at most {longest:,} letters, this one has {count:,}. "
                "The note was left as it was.",
                longest=LONGEST_NOTE,
                count=len(note),
            ),
            field="note",
        )
    return note


def checked_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Lower case, each once, in order; InvalidSetting for what is no tag."""
    tags = sorted({" ".join(text.casefold().split()) for text in texts} - {""})
    for tag in tags:
        if len(tag) > LONGEST_TAG or "," in tag:
            raise InvalidSetting(
                tr(
                    "A tag is a word or two of at most {longest} letters, without a "
                    "comma: {tag!r} is none. The tags were left as they were.",
                    longest=LONGEST_TAG,
                    tag=tag[:LONGEST_TAG],
                ),
                field="tags",
            )
    if len(tags) > MOST_TAGS:
        raise InvalidSetting(
            tr(
                "A session has at most {most} tags, these are {count}. The tags "
                "were left as they were.",
                most=MOST_TAGS,
                count=len(tags),
            ),
            field="tags",
        )
    return tuple(tags)
