"""Numbers and times as a trader reads them. Pure functions; unknown is always an en dash.

Numbers are Decimal, int or float; ``None`` and a float that is no number are unknown. Times are
UTC milliseconds, lengths of time are milliseconds.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.messages.numbers import MINUS as MINUS
from engine.messages.numbers import UNKNOWN as UNKNOWN
from engine.messages.numbers import bar_time as bar_time
from engine.messages.numbers import duration as duration
from engine.messages.numbers import in_cents

Number = Decimal | int | float

MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DECIMALS: Final = 8


def _known(value: Number | None) -> bool:
    return value is not None and math.isfinite(value)


def _fixed(value: Number, decimals: int) -> tuple[str, int]:
    """Digits with thousands and no sign, and the sign of what is shown: -1, 0 or 1."""
    text = f"{value:,.{decimals}f}"
    digits = text.lstrip("-")
    if not digits.strip("0.,"):
        return digits, 0
    return digits, -1 if text.startswith("-") else 1


def number(value: Number | None, decimals: int = 2) -> str:
    """``97,180.4``; negative with a true minus."""
    if value is None or not _known(value):
        return UNKNOWN
    digits, sign = _fixed(value, decimals)
    return MINUS + digits if sign < 0 else digits


def price(value: Number | None, decimals: int) -> str:
    """A price or size with exactly the decimals of its step, never more."""
    return number(value, decimals)


def count(value: int | None) -> str:
    return number(value, 0)


def counted(value: int, one: str, many: str) -> str:
    """``1 bot runs``, ``3 bots run``"""
    return f"{count(value)} {one if value == 1 else many}"


def signed(value: Number | None, decimals: int = 2) -> str:
    """``+84.20``, ``−20.35``, ``0.00``: PnL and change always show their sign."""
    if value is None or not _known(value):
        return UNKNOWN
    digits, sign = _fixed(value, decimals)
    return ("+" if sign > 0 else MINUS if sign < 0 else "") + digits


def money_decimals(currency: str) -> int | None:
    """2 for fiat and stablecoins; None for other coins: as many as needed, at most 8."""
    return 2 if in_cents(currency) else None


def money(value: Number | None, currency: str) -> str:
    """An amount of ``currency`` without its name, which stands once per block."""
    decimals = money_decimals(currency)
    if decimals is not None:
        return number(value, decimals)
    return _trimmed(number(value, _MOST_DECIMALS))


def signed_money(value: Number | None, currency: str) -> str:
    decimals = money_decimals(currency)
    if decimals is not None:
        return signed(value, decimals)
    return _trimmed(signed(value, _MOST_DECIMALS))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Number | None, decimals: int = 2) -> str:
    """``41.00 %`` from 41: the value is in percent already."""
    text = number(value, decimals)
    return text if text == UNKNOWN else f"{text} %"


def signed_percent(value: Number | None, decimals: int = 2) -> str:
    text = signed(value, decimals)
    return text if text == UNKNOWN else f"{text} %"


def ratio(value: Number | None) -> str:
    return number(value, 2)


def tone(shown: str) -> str:
    """Colour token of a signed figure as it is shown: ``up``, ``down``, or ``text3`` for what
    is unknown or rounds to nothing and so has no sign."""
    return {"+": "up", MINUS: "down"}.get(shown[:1], "text3")


def plain(value: Number | None) -> str:
    """For copy and export: ``1234.56``, a plain minus, no thousands; unknown is empty."""
    if value is None or not _known(value):
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def age(at: int | None, now: int) -> str:
    """How long ago ``at`` was, ``0.8 s`` at the finest; a time in the future is ``0.0 s``."""
    if at is None:
        return UNKNOWN
    ago = max(0, now - at)
    return "0.0 s" if ago < 50 else duration(max(100, ago))


def countdown(length_ms: int | None) -> str:
    """``02:52`` or ``1:02:52`` until something happens; the last second counts as one."""
    if length_ms is None:
        return UNKNOWN
    seconds = max(0, math.ceil(length_ms / 1000))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _utc(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)


def clock(at: int | None) -> str:
    """``14:32:08`` UTC."""
    return UNKNOWN if at is None else f"{_utc(at):%H:%M:%S}"


def log_time(at: int | None) -> str:
    """``14:32:08.455`` UTC."""
    return UNKNOWN if at is None else f"{_utc(at):%H:%M:%S}.{at % 1000:03}"


def date(at: int | None) -> str:
    """``2026-03-12`` UTC."""
    return UNKNOWN if at is None else f"{_utc(at):%Y-%m-%d}"


def date_time(at: int | None) -> str:
    """``2026-03-12 14:05`` UTC."""
    return UNKNOWN if at is None else f"{_utc(at):%Y-%m-%d %H:%M}"


def moment(at: int | None, now: int) -> str:
    """``14:05`` today, ``11 Mar 20:30`` this year, ``11 Mar 2025`` before that. UTC."""
    if at is None:
        return UNKNOWN
    then, today = _utc(at), _utc(now)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    day = f"{then.day} {MONTHS[then.month - 1]}"
    return f"{day} {then:%H:%M}" if then.year == today.year else f"{day} {then.year}"


def day_time(at: int | None, now: int) -> str:
    """``11 Mar 20:30`` this year, ``11 Mar 2025 20:30`` otherwise, today too. UTC."""
    if at is None:
        return UNKNOWN
    then = _utc(at)
    year = "" if then.year == _utc(now).year else f" {then.year}"
    return f"{then.day} {MONTHS[then.month - 1]}{year} {then:%H:%M}"


def iso(at: int) -> str:
    """``2026-03-12T14:05:00.000Z`` for copy and export."""
    return f"{_utc(at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"
