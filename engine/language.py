"""The language a person reads, of the window and of the engine's own sentences.

Words stand in the code as English and go through `tr`; what they are in another language lies in a
catalogue of GNU gettext (``resources/languages``). The choice is made once, before what speaks is
imported, so constants can be words, too. Processes that this one starts inherit it. Without a
choice it is English, as on the console and in tests.

Only what is shown depends on it: nothing that is decided, hashed or exported.
"""

from __future__ import annotations

import gettext
import os
import re
import string
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "de": "Deutsch"}
"""What each calls itself."""
MARKED: Final = "marked"
"""Of tests: every text stands in brackets, so that one which went past `tr` is seen."""
DOMAIN: Final = "trader-gui"
CATALOGUES: Final = Path(__file__).resolve().parent.parent / "resources" / "languages"
_LANGUAGE, _NUMBERS = "TRADER_GUI_LANGUAGE", "TRADER_GUI_NUMBERS"
_NUMBERS_ARE: Final = (int, float, Decimal)
_PLAIN: Final = ",."
"""How Python groups thousands and parts decimals."""


class _Marked(gettext.NullTranslations):
    """No language: English in brackets."""

    def gettext(self, message: str) -> str:
        return f"\u27e6{message}\u27e7"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


class _Formatter(string.Formatter):
    """Puts values into words; a number with a format is written as the person writes it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        is_number = isinstance(value, _NUMBERS_ARE) and not isinstance(value, bool)
        return localised(text) if is_number and format_spec else text


@dataclass(slots=True)
class _Chosen:
    """One for the process."""

    words: gettext.NullTranslations
    numbers: str
    swap: dict[int, str]


def tr(text: str, /, **values: object) -> str:
    """`text` in the chosen language. It may name `values` in braces, with formats of Python:
    ``tr("{count:,} candles", count=1200)``. Without values braces are left alone."""
    said = _chosen.words.gettext(text)
    return _filled(said, values) if values else said


def trn(one: str, many: str, count: int, /, **values: object) -> str:
    """What is said of one thing, or of `count` things; ``{count}`` is among the values:
    ``trn("{count:,} bot", "{count:,} bots", len(bots))``."""
    return _filled(_chosen.words.ngettext(one, many, count), {"count": count, **values})


def trc(context: str, text: str, /, **values: object) -> str:
    """Like `tr`, for words that mean another thing elsewhere; `context` says which one this is:
    ``trc("price", "Open")``."""
    said = _chosen.words.pgettext(context, text)
    return _filled(said, values) if values else said


def inside(words: str) -> str:
    """What begins a line, as it stands inside of one: in English with a small letter. Other
    languages keep theirs, which may be that of a noun."""
    return words[:1].lower() + words[1:] if language() == ENGLISH else words


def localised(text: str) -> str:
    """A number as Python formats it, ``1,234.50``, as the person writes it."""
    return text.translate(_chosen.swap) if _chosen.swap else text


def unlocalised(figures: str) -> str:
    """The other way round, for what is copied: of nothing but numbers, as words have points and
    commas of their own."""
    back = {ord(theirs): chr(ours) for ours, theirs in _chosen.swap.items()}
    return figures.translate(back) if back else figures


def copied(text: str) -> str:
    """What is copied where it may be a number or words: numbers lose the person's way."""
    group, point = map(re.escape, _chosen.numbers)
    number = rf"[+\u2212-]?(\d{{1,3}}({group}\d{{3}})+|\d+)({point}\d+)?( %)?"
    return unlocalised(text) if re.fullmatch(number, text) else text


def plain_number(text: str) -> str:
    """A number as a person types it, as Python reads it: ``0,5`` is ``0.5`` where decimals are
    parted by a comma, and ``0.5`` is taken there, too. What groups thousands as well as parts
    decimals is left alone, as it could mean either."""
    point = _chosen.numbers[1]
    if point == "." or "." in text or text.count(point) != 1:
        return text
    return text.replace(point, ".")


def speak(language: str, numbers: str = _PLAIN) -> None:
    """Choose for this process and those it starts: one of `LANGUAGES`, and two characters that
    group thousands and part decimals. To be called before what speaks is imported."""
    os.environ[_LANGUAGE], os.environ[_NUMBERS] = language, numbers
    _take(language, numbers)


def language() -> str:
    """The chosen one."""
    return os.environ.get(_LANGUAGE, ENGLISH)


def _filled(said: str, values: dict[str, object]) -> str:
    # Python's own way is some times faster, and log rows are many.
    if _chosen.swap and any(isinstance(value, _NUMBERS_ARE) for value in values.values()):
        return _formatter.vformat(said, (), values)
    return said.format(**values)


def _take(language: str, numbers: str) -> None:
    _chosen.words = _catalogue(language)
    swap = {ord(ours): theirs for ours, theirs in zip(_PLAIN, numbers, strict=True)}
    _chosen.numbers, _chosen.swap = numbers, swap if numbers != _PLAIN else {}


def _catalogue(language: str) -> gettext.NullTranslations:
    if language == MARKED:
        return _Marked()
    place = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if language == ENGLISH or not place.exists():
        return gettext.NullTranslations()
    with place.open("rb") as file:
        return gettext.GNUTranslations(file)


_formatter: Final = _Formatter()
_chosen: Final = _Chosen(gettext.NullTranslations(), _PLAIN, {})
_take(os.environ.get(_LANGUAGE, ENGLISH), os.environ.get(_NUMBERS, _PLAIN))
