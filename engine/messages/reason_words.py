"""The reasons of the strategies that come with the program, as a person reads them.

They are stored with their numbers, in English, so that a session is the same whoever ran it; what
a strategy of a person's own says stays as it is written.
"""

from __future__ import annotations

import re
from typing import Final

from engine.language import localised, tr

_NUMBER: Final = r"-?[\d.,]+|n/a|\u2026"
"""As it was stored; an ellipsis where several reasons are told as one."""


def _stored(text: str) -> re.Pattern[str]:
    """``RSI <value> crossed above <level>``: words, and names of numbers."""
    return re.compile(re.sub(r"<(\w+)>", lambda name: f"(?P<{name[1]}>{_NUMBER})", text))


_BY_FILE: Final = "the signals file says so"
_TREND: Final = re.compile(rf"(?P<cross>.*), (?P<side>above|below) trend (?P<trend>{_NUMBER})")
_REASONS: Final = (
    (
        _stored("EMA fast <fast> crossed above EMA slow <slow>"),
        tr("EMA fast {fast} crossed above EMA slow {slow}"),
    ),
    (
        _stored("EMA fast <fast> crossed below EMA slow <slow>"),
        tr("EMA fast {fast} crossed below EMA slow {slow}"),
    ),
    (
        _stored("close came into the lower third of the band, below <level>"),
        tr("close came into the lower third of the band, below {level}"),
    ),
    (
        _stored("close came into the upper third of the band, above <level>"),
        tr("close came into the upper third of the band, above {level}"),
    ),
    (
        _stored("RSI <value> came back above oversold <level>"),
        tr("RSI {value} came back above oversold {level}"),
    ),
    (
        _stored("RSI <value> came back below overbought <level>"),
        tr("RSI {value} came back below overbought {level}"),
    ),
    (
        _stored("RSI <value> crossed above <level>"),
        tr("RSI {value} crossed above {level}"),
    ),
    (
        _stored("RSI <value> crossed below <level>"),
        tr("RSI {value} crossed below {level}"),
    ),
    (_stored(_BY_FILE), tr("the signals file says so")),
)
"""What is stored, and how it is said."""
_AS_STORED: Final = tr(_BY_FILE) == _BY_FILE and localised("1,0.5") == "1,0.5"
"""Nothing is to be put into other words: log rows are many."""


def reason_words(stored: str) -> str:
    """``EMA fast 97,180.4 crossed above EMA slow 97,170.2`` in the person's language."""
    return stored if _AS_STORED else known_reason(stored) or stored


def known_reason(stored: str) -> str:
    """The same; "" for a reason of a strategy that is not of the program."""
    for pattern, said in _REASONS:
        found = pattern.fullmatch(stored)
        if found is not None:
            return said.format(**_numbers(found))
    found = _TREND.fullmatch(stored)
    if found is None:
        return ""
    cross, trend = known_reason(found["cross"]), localised(found["trend"])
    if not cross:
        return ""
    if found["side"] == "above":
        return tr("{cross}, above trend {trend}", cross=cross, trend=trend)
    return tr("{cross}, below trend {trend}", cross=cross, trend=trend)


def _numbers(found: re.Match[str]) -> dict[str, str]:
    return {name: localised(text) for name, text in found.groupdict().items()}
