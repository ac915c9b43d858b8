"""Numbers and times as a trader reads them. Pure functions; unknown is always an en dash.

Numbers are Decimal, int or float; ``None`` and a float that is no number are unknown. Times are
UTC milliseconds, lengths of time are milliseconds. The examples are those of English; separators
are the person's own, and so are months, save in what is copied and exported (`plain`, `iso`).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.domain.money import plain as plain_text
from engine.language import localised, tr
from engine.messages.numbers import MINUS as MINUS
from engine.messages.numbers import UNKNOWN as UNKNOWN
from engine.messages.numbers import bar_time as bar_time
from engine.messages.numbers import duration as duration
from engine.messages.numbers import in_cents

Number = Decimal | int | float

MONTHS: Final = (
    tr("Jan"),
    tr("Feb"),
    tr("Mar"),
    tr("Apr"),
    tr("May"),
    tr("Jun"),
    tr("Jul"),
    tr("Aug"),
    tr("Sep"),
    tr("Oct"),
    tr("Nov"),
    tr("Dec"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DECIMALS: Final = 8


def _known(value: Number | None) -> bool:
    return value is not None and math.isfinite(value)


def _written(value: Number | None, decimals: int, plus: str = "", *, trimmed: bool = False) -> str:
    """With `plus` before what is shown above zero; `trimmed` without zeros at its end."""
    if value is None or not _known(value):
        return UNKNOWN
    text = f"{value:,.{decimals}f}"
    digits = text.lstrip("-")
    sign = "" if not digits.strip("0.,") else MINUS if text.startswith("-") else plus
    if trimmed and "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return sign + localised(digits)


def number(value: Number | None, decimals: int = 2) -> str:
    """``97,180.4``; negative with a true minus."""
    return _written(value, decimals)


def exact(value: Decimal) -> str:
    """``0.5``, ``1250``: all digits that there are and no thousands, as it is typed, too."""
    return localised(plain_text(value))


def price(value: Number | None, decimals: int) -> str:
    """A price or size with exactly the decimals of its step, never more."""
    return number(value, decimals)


def count(value: int | None) -> str:
    return number(value, 0)


def signed(value: Number | None, decimals: int = 2) -> str:
    """``+84.20``, ``−20.35``, ``0.00``: PnL and change always show their sign."""
    return _written(value, decimals, "+")


def money_decimals(currency: str) -> int | None:
    """2 for fiat and stablecoins; None for other coins: as many as needed, at most 8."""
    return 2 if in_cents(currency) else None


def money(value: Number | None, currency: str) -> str:
    """An amount of ``currency`` without its name, which stands once per block."""
    return _money(value, currency)


def signed_money(value: Number | None, currency: str) -> str:
    return _money(value, currency, "+")


def _money(value: Number | None, currency: str, plus: str = "") -> str:
    decimals = money_decimals(currency)
    if decimals is not None:
        return _written(value, decimals, plus)
    return _written(value, _MOST_DECIMALS, plus, trimmed=True)


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
    return localised("0.0 s") if ago < 50 else duration(max(100, ago))


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


def day(then: datetime) -> str:
    """``11 Mar``"""
    return tr("{day} {month}", day=then.day, month=MONTHS[then.month - 1])


def moment(at: int | None, now: int) -> str:
    """``14:05`` today, ``11 Mar 20:30`` this year, ``11 Mar 2025`` before that. UTC."""
    if at is None:
        return UNKNOWN
    then, today = _utc(at), _utc(now)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{day(then)} {then:%H:%M}" if then.year == today.year else f"{day(then)} {then.year}"


def day_time(at: int | None, now: int) -> str:
    """``11 Mar 20:30`` this year, ``11 Mar 2025 20:30`` otherwise, today too. UTC."""
    if at is None:
        return UNKNOWN
    then = _utc(at)
    year = "" if then.year == _utc(now).year else f" {then.year}"
    return f"{day(then)}{year} {then:%H:%M}"


def same_year(one: int, other: int) -> bool:
    """Whether both moments leave the year out of the same times."""
    return _utc(one).year == _utc(other).year


def iso(at: int) -> str:
    """``2026-03-12T14:05:00.000Z`` for copy and export."""
    return f"{_utc(at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"
