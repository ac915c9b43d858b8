"""A short table of two columns that is typed in one line, ``0:5, 60:2``, without any widget."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.domain.settings import MAX_STEPS
from engine.errors import InvalidSetting
from engine.language import localised, plain_number, tr
from trader_gui import format as fmt
from trader_gui.forms.number_spec import could_be_thousands

Rows = tuple[tuple[Decimal, Decimal], ...]
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?")
_BETWEEN: Final = re.compile(r"[,;\n]")
_BETWEEN_WITH_DECIMAL_COMMAS: Final = re.compile(r"[;\n]|,(?=\s|$)")
"""A comma inside of a number has a digit behind it."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """Rows ``first:second`` with a comma between them, or a semicolon where a comma parts
    decimals; empty text is no row.

    `say` puts the rows in words. `check` raises InvalidSetting for rows that cannot be
    meant, or for more than so many.
    """

    key: str
    label: str
    hint: str
    example: Rows
    pair: str
    """What a row is, as it is typed: ``minutes:percent``."""
    say: Callable[[Rows], str]
    check: Callable[[Rows, int], None]
    span: int = 2
    tip: str = ""
    """What its rows mean, with their units."""

    def read(self, text: str) -> Rows:
        """The rows in `text`; InvalidSetting with one short sentence if there is something else."""
        between = _BETWEEN_WITH_DECIMAL_COMMAS if _decimal_comma() else _BETWEEN
        parts = [part.strip() for part in between.split(text)]
        rows = tuple(self._row(part) for part in parts if part)
        self.check(rows, MAX_STEPS)
        return rows

    def _row(self, part: str) -> tuple[Decimal, Decimal]:
        first, colon, second = part.replace(" ", "").replace("%", "").partition(":")
        if not colon:
            raise self._wrong(
                tr("Write {pair}, for example {example}", pair=self.pair, example=self.shown)
            )
        return self._number(first), self._number(second)

    def _number(self, text: str) -> Decimal:
        entered = plain_number(text)
        if not text:
            raise self._wrong(tr("Nothing is not a number: write {pair}", pair=self.pair))
        if could_be_thousands(text) or not _NUMBER.fullmatch(entered):
            raise self._wrong(
                tr("{entered} is not a number: write {pair}", entered=text, pair=self.pair)
            )
        return Decimal(entered)

    def text(self, rows: Rows) -> str:
        """How `rows` stand in the field."""
        between = "; " if _decimal_comma() else ", "
        return between.join(f"{fmt.exact(first)}:{fmt.exact(second)}" for first, second in rows)

    @property
    def shown(self) -> str:
        """The example as the person writes rows."""
        return self.text(self.example)

    def said(self, rows: Rows) -> str:
        """``Target steps: 2 % after 60 min``: the field in a list of what is set."""
        return f"{self.label}: {self.say(rows)}"

    def _wrong(self, words: str) -> InvalidSetting:
        return InvalidSetting(words, field=self.key)


def _decimal_comma() -> bool:
    return localised(".") == ","
