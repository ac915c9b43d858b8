"""The catalogues of other languages: what the code says is brought into them, and they are made
into what the program reads.

    python -m shipping.words          after a sentence was added, changed or translated

New sentences stand in ``resources/languages/*/LC_MESSAGES/trader-gui.po`` with nothing behind them
then, until somebody who speaks the language fills them in; a test fails as long.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from engine.language import CATALOGUES, DOMAIN, ENGLISH, LANGUAGES

ROOT: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("engine", "trader_gui")
KEYWORDS: Final = {"tr": None, "trn": (1, 2), "trc": ((1, "c"), 2)}
_WIDTH: Final = 96


def said() -> Catalog:
    """All that the code says, with where it is said."""
    found = Catalog(charset="utf-8")
    for place, message, context in sorted(_found(), key=str):
        found.add(message, locations=[(place, 0)], context=context)
    return found


def _found() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            with path.open("rb") as file:
                for _, message, _, context in extract("python", file, KEYWORDS):
                    yield path.relative_to(ROOT).as_posix(), message, context


def place_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """What is written for it; without anything an empty one."""
    place = place_of(language)
    if not place.exists():
        return Catalog(language)
    with place.open("rb") as file:
        return read_po(file, language)


def updated(language: str) -> Catalog:
    """Its catalogue with all that the code says now, and nothing else."""
    catalogue, dated = read(language), datetime(2026, 1, 1, tzinfo=UTC)
    catalogue.update(said(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    # The same sentences make the same bytes, whenever and by whatever version they are written.
    catalogue.creation_date = catalogue.revision_date = dated
    catalogue.project, catalogue.version = DOMAIN, "1"
    catalogue.header_comment = f"# {LANGUAGES[language]} for {DOMAIN}"
    catalogue.last_translator = catalogue.language_team = DOMAIN
    catalogue.msgid_bugs_address, catalogue.fuzzy = "", False
    return catalogue


def as_text(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=_WIDTH, sort_output=True, include_lineno=False)
    return file.getvalue()


def as_read(catalogue: Catalog) -> bytes:
    """What gettext reads."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        catalogue, place = updated(language), place_of(language)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(as_text(catalogue))
        place.with_suffix(".mo").write_bytes(as_read(catalogue))
        open_ = sum(is_open(message) for message in catalogue if message.id)
        print(f"{language}: {len(catalogue):,} sentences, {open_:,} not translated yet")


def is_open(message: Message) -> bool:
    """Whether anything of it is not translated."""
    said = message.string
    return not said or (not isinstance(said, str) and not all(said))


if __name__ == "__main__":
    main()
