"""What a person writes about a session: its name, a note, tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.errors import InvalidSetting

LONGEST_TITLE: Final = 80
LONGEST_NOTE: Final = 4_000
LONGEST_TAG: Final = 40
MOST_TAGS: Final = 20


def checked_title(text: str) -> str:
    """One line without space around it; "" is no name. InvalidSetting for a longer one."""
    title = " ".join(text.split())
    if len(title) > LONGEST_TITLE:
        raise InvalidSetting(
            f"A name has at most {LONGEST_TITLE} letters, this one has {len(title)}. The name was "
            "left as it was.",
            field="title",
        )
    return title


def checked_note(text: str) -> str:
    """Without space around it; InvalidSetting for a longer one."""
    note = text.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidSetting(
            f"A note has at most {LONGEST_NOTE:,} letters, this one has {len(note):,}. The note "
            "was left as it was.",
            field="note",
        )
    return note


def checked_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Lower case, each once, in order; InvalidSetting for what is no tag."""
    tags = sorted({" ".join(text.casefold().split()) for text in texts} - {""})
    for tag in tags:
        if len(tag) > LONGEST_TAG or "," in tag:
            raise InvalidSetting(
                f"A tag is a word or two of at most {LONGEST_TAG} letters, without a comma: "
                f"{tag[:LONGEST_TAG]!r} is none. The tags were left as they were.",
                field="tags",
            )
    if len(tags) > MOST_TAGS:
        raise InvalidSetting(
            f"A session has at most {MOST_TAGS} tags, these are {len(tags)}. The tags were left "
            "as they were.",
            field="tags",
        )
    return tuple(tags)
