"""A moment of a session as a person types it to go there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS
from engine.errors import InvalidSetting
from engine.language import tr, trc
from trader_gui import format as fmt
from trader_gui.forms.moments import read_moment

EXAMPLES: Final = tr("14:05, 2026-03-09 14:05, -2d, +90m, last trade")
_LAST_TRADE: Final = frozenset({"last trade", trc("typed moment", "last trade").casefold()})
_START: Final = frozenset({"start", trc("typed moment", "start").casefold()})
_END: Final = frozenset({"end", trc("typed moment", "end").casefold()})
"""In English, too, whatever the person's language."""
_FIELD: Final = "time"
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_SHIFT: Final = re.compile(r"([+\-−])\s*(\d{1,6})\s*([smhdw])")
_UNITS: Final = {"s": 1_000, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}


@dataclass(frozen=True, slots=True)
class Around:
    """What typed words may lean on, UTC ms: the cursor, the session's ends, its last trade."""

    at: int
    from_at: int
    to_at: int
    last_trade: int | None = None


def typed_moment(text: str, around: Around) -> int:
    """UTC ms of ``14:05`` (the day of the cursor), ``-2d`` (from the cursor), ``last trade``,
    ``start``, ``end``, a date, or a date and a time.

    Raises:
        InvalidSetting: it cannot be read, or lies outside of the session; one short sentence.
    """
    entered = " ".join(text.split()).casefold()
    if not entered:
        raise InvalidSetting(tr("Type a time"), field=_FIELD)
    at = _named(entered, around)
    if at is None:
        at = _clock(entered, around.at)
    if at is None:
        at = _shifted(entered, around.at)
    if at is None:
        at = _date(text)
    if at % DAY_MS == 0 and at < around.from_at < at + DAY_MS:
        return around.from_at  # a day that began before the session did
    if not around.from_at <= at <= around.to_at:
        first, last = fmt.date_time(around.from_at), fmt.date_time(around.to_at)
        raise InvalidSetting(
            tr("The session runs from {first} to {last} UTC", first=first, last=last), field=_FIELD
        )
    return at


def _named(entered: str, around: Around) -> int | None:
    if entered in _LAST_TRADE:
        if around.last_trade is None:
            raise InvalidSetting(tr("There is no trade in this session"), field=_FIELD)
        return around.last_trade
    if entered in _START:
        return around.from_at
    return around.to_at if entered in _END else None


def _clock(entered: str, at: int) -> int | None:
    found = _CLOCK.fullmatch(entered)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        raise InvalidSetting(tr("A day goes from 00:00 to 23:59"), field=_FIELD)
    return at - at % DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1_000


def _shifted(entered: str, at: int) -> int | None:
    found = _SHIFT.fullmatch(entered)
    if found is None:
        return None
    sign, count, unit = found.groups()
    return at + (1 if sign == "+" else -1) * int(count) * _UNITS[unit]


def _date(text: str) -> int:
    try:
        at = read_moment(text, _FIELD)
    except InvalidSetting:
        at = None
    if at is None:
        raise InvalidSetting(tr("Write it as {examples}", examples=EXAMPLES), field=_FIELD)
    return at
