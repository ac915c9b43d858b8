"""Times as other programs write them, to UTC milliseconds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute as arrow

from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS
from engine.domain.columns import BoolColumn, FloatColumn, IntColumn
from engine.domain.import_preview import TimeUnit
from engine.language import tr
from engine.markets.importers.arrow_columns import floats, integers, there

EARLIEST: Final = 631_152_000_000
"""1990-01-01. What is before is not the time of a trade but another kind of number."""
LATEST: Final = 4_102_444_800_000
"""2100-01-01."""
SEVERAL: Final = tr(" and ")
"""Between things that are told together."""

_MISSING: Final = np.iinfo(np.int64).min
_EPOCHS: Final = (
    (TimeUnit.SECONDS, 1e8, 1e11, 1_000, 1),
    (TimeUnit.MILLISECONDS, 1e11, 1e14, 1, 1),
    (TimeUnit.MICROSECONDS, 1e14, 1e17, 1, 1_000),
    (TimeUnit.NANOSECONDS, 1e17, 1e20, 1, 1_000_000),
)
"""Unit, size of the numbers from..below, then ms = number x times / by."""
_EPOCH_UNITS: Final = tuple(unit for unit, *_ in _EPOCHS)
_NUMBER: Final = r"^\s*[+-]?\d+(\.\d*)?([eE][+-]?\d+)?\s*$"


class Times(NamedTuple):
    """`at`: UTC ms, the smallest int64 where there is none; `wrong`: which rows; empty cells are
    among them. `unit` is what was found (the first of several), `words` says it."""

    at: IntColumn
    wrong: BoolColumn
    unit: TimeUnit | None
    words: str
    naive: bool = False
    """Some of them say no zone."""


def read_times(
    column: Any, unit: TimeUnit | None = None, utc_offset_ms: int | None = None
) -> Times:
    """Times of an Arrow array of texts, numbers or timestamps.

    Numbers are epoch seconds to nanoseconds by their size, row by row unless `unit` says it, so a
    file whose unit changes on the way is read right. Texts without a zone are UTC, or
    `utc_offset_ms` east of it.
    """
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_timestamp(column.type):
        found = _stamps(column, utc_offset_ms)
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        found = _epoch(column, unit)
    elif unit in _EPOCH_UNITS or (unit is None and _numeric(column)):
        found = _epoch(_numbers(column), unit)
    else:
        found = _texts(column, unit, utc_offset_ms)
    wrong = (found.at < EARLIEST) | (found.at >= LATEST)
    return found._replace(at=np.where(wrong, _MISSING, found.at), wrong=wrong)


def zone_text(offset_ms: int) -> str:
    """``UTC+02:00``"""
    minutes = abs(offset_ms) // MINUTE_MS
    return f"UTC{'-' if offset_ms < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _numeric(texts: pa.Array) -> bool:
    """Whether the first text there is reads as a number."""
    given = texts.drop_null()
    return len(given) > 0 and re.match(_NUMBER, given[0].as_py()) is not None


def _numbers(texts: pa.Array) -> pa.Array:
    """int64 where all are whole, else float64; null where a text is no number."""
    given = texts.drop_null()
    whole = len(given) > 0 and "." not in given[0].as_py()
    for kind in (pa.int64(), pa.float64()) if whole else (pa.float64(),):
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            continue
    fits = arrow.match_substring_regex(texts, _NUMBER)
    trimmed = arrow.utf8_trim_whitespace(arrow.if_else(fits, texts, None))
    return trimmed.cast(pa.float64())


def _epoch(numbers: pa.Array, unit: TimeUnit | None) -> Times:
    at = np.full(len(numbers), _MISSING, np.int64)
    exact: IntColumn | FloatColumn
    if pa.types.is_integer(numbers.type):
        exact = integers(numbers.cast(pa.int64()), 0)
    else:
        exact = np.nan_to_num(floats(numbers.cast(pa.float64())), posinf=0, neginf=0)
    units = []
    for kind, low, high, times, by in _EPOCHS:
        if unit is None:
            here = (exact >= low) & (exact < high)
        else:
            here = (kind is unit) & (exact != 0) & (np.abs(exact) < LATEST * (by / times))
        if here.any():
            units.append(kind)
            at[here] = _to_ms(exact[here], times, by)
    words = SEVERAL.join(kind.words for kind in units) or tr("no times")
    return Times(at, at == _MISSING, units[0] if units else None, words)


def _to_ms(numbers: np.ndarray, times: int, by: int) -> IntColumn:
    if numbers.dtype == np.int64:
        return np.asarray(numbers * times // by, np.int64)
    # Seconds with decimals are not exact: 1640995200.123 x 1000 may lack a billionth.
    return np.asarray(np.floor(np.round(numbers * times / by, 3)), np.int64)


def _stamps(column: pa.Array, utc_offset_ms: int | None) -> Times:
    zone = column.type.tz
    nanos = column.cast(pa.timestamp("ns", zone)).cast(pa.int64())
    at = integers(nanos, 0) // 1_000_000
    at = np.where(there(column), at, _MISSING) if column.null_count else at
    return _in_utc(at, utc_offset_ms, naive=zone is None, unit=TimeUnit.ISO)


def _in_utc(at: IntColumn, utc_offset_ms: int | None, *, naive: bool, unit: TimeUnit) -> Times:
    words = unit.words
    if naive:
        words = _without_zone(words, utc_offset_ms)
        at = np.where(at == _MISSING, at, at - (utc_offset_ms or 0))
    return Times(at, at == _MISSING, unit, words, naive)


def _without_zone(words: str, utc_offset_ms: int | None) -> str:
    zone = zone_text(utc_offset_ms) if utc_offset_ms else "UTC"
    return tr("{times} without zone, read as {zone}", times=words, zone=zone)


def _texts(texts: pa.Array, unit: TimeUnit | None, utc_offset_ms: int | None) -> Times:
    if unit in (None, TimeUnit.ISO):
        for zone in (None, "UTC"):
            try:
                return _stamps(texts.cast(pa.timestamp("ns", zone)), utc_offset_ms)
            except pa.ArrowInvalid:
                continue
    return _one_by_one(texts.to_pylist(), unit, utc_offset_ms)


_WRITTEN: Final = re.compile(
    r"\s*(\d{1,4})(?P<sign>[-/.])(\d{1,2})(?P=sign)(\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(?P<half>[AaPp][Mm])?)?"
    r"\s*(?:(?P<utc>Z|z|UTC|GMT)|(?P<ahead>[+-])(\d{2}):?(\d{2}))?\s*"
)


def _one_by_one(
    texts: Sequence[str | None], unit: TimeUnit | None, utc_offset_ms: int | None
) -> Times:
    """Every form of date there is, some hundred thousand a second."""
    read = [None if text is None else _WRITTEN.fullmatch(text) for text in texts]
    order = unit if unit is not None else _order(read)
    at = np.full(len(texts), _MISSING, np.int64)
    naive = np.zeros(len(texts), np.bool_)
    for row, found in enumerate(read):
        moment = None if found is None else _moment(found, order)
        if found is not None and moment is not None:
            at[row] = moment
            naive[row] = found["utc"] is None and found["ahead"] is None
    words = order.words
    if naive.any():
        words = _without_zone(words, utc_offset_ms)
        at = np.where(naive, at - (utc_offset_ms or 0), at)
    return Times(at, at == _MISSING, order, words, bool(naive.any()))


def _order(read: Sequence[re.Match[str] | None]) -> TimeUnit:
    """Of year, month and day: points mean the day first, slashes whatever a number above 12
    says; where no number says it, nothing is guessed and no row can be read."""
    order = TimeUnit.ISO
    for found in read:
        if found is None or len(found[1]) == 4:
            continue
        if found["sign"] == "." or int(found[1]) > 12:
            return TimeUnit.DAY_FIRST
        if int(found[3]) > 12:
            return TimeUnit.MONTH_FIRST
    return order


def _moment(found: re.Match[str], order: TimeUnit) -> int | None:
    """UTC ms of what is written, as if a naive time were UTC; None for what is no time."""
    parts = found[1], found[3], found[4]
    if len(parts[0]) == 4:
        year, month, day = map(int, parts)
    elif len(parts[2]) == 4 and order is TimeUnit.DAY_FIRST:
        day, month, year = map(int, parts)
    elif len(parts[2]) == 4 and order is TimeUnit.MONTH_FIRST:
        month, day, year = map(int, parts)
    else:
        return None
    hour, minute, second = (int(found[group] or 0) for group in (5, 6, 7))
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    try:
        days = date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    at = days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * 1_000
    at += int((found[8] or "0").ljust(3, "0")[:3])
    if found["ahead"]:
        offset = int(found[12]) * HOUR_MS + int(found[13]) * MINUTE_MS
        at += offset if found["ahead"] == "-" else -offset
    return at
