"""A short table of two columns that is typed in one line, ``0:5, 60:2``, without any widget."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from engine.domain.money import plain
from engine.domain.settings import MAX_STEPS
from engine.errors import InvalidSetting
from engine.language import tr

Rows = tuple[tuple[Decimal, Decimal], ...]
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """Rows ``first:second`` with a comma between them; empty text is no row.

    `say` puts the rows in words. `check` raises InvalidSetting for rows that cannot be
    meant, or for more than so many.
    """

    key: str
    label: str
    hint: str
    example: str
    pair: str
    """What a row is, as it is typed: ``minutes:percent``."""
    say: Callable[[Rows], str]
    check: Callable[[Rows, int], None]
    span: int = 2
    tip: str = ""
    """What its rows mean, with their units."""

    def read(self, text: str) -> Rows:
        """The rows in `text`; InvalidSetting with one short sentence if there is something else."""
        parts = [part.strip() for part in re.split(r"[,;\n]", text)]
        rows = tuple(self._row(part) for part in parts if part)
        self.check(rows, MAX_STEPS)
        return rows

    def _row(self, part: str) -> tuple[Decimal, Decimal]:
        first, colon, second = part.replace(" ", "").replace("%", "").partition(":")
        if not colon:
            raise self._wrong(
                tr("Write {pair}, for example {example}", pair=self.pair, example=self.example)
            )
        return self._number(first), self._number(second)

    def _number(self, text: str) -> Decimal:
        if not _NUMBER.fullmatch(text):
            raise self._wrong(
                tr("{value} is not a number: write {pair}", value=text or "Nothing", pair=self.pair)
            )
        try:
            return Decimal(text)
        except InvalidOperation:
            raise self._wrong(
                tr("{words} is not a number: write {pair}", words=text, pair=self.pair)
            ) from None

    def text(self, rows: Rows) -> str:
        """How `rows` stand in the field."""
        return ", ".join(f"{plain(first)}:{plain(second)}" for first, second in rows)

    def said(self, rows: Rows) -> str:
        """``Target steps: 2 % after 60 min``: the field in a list of what is set."""
        return f"{self.label}: {self.say(rows)}"

    def _wrong(self, words: str) -> InvalidSetting:
        return InvalidSetting(words, field=self.key)
