"""What stands where in a CSV file: separator, header, columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import FileRefused

SEPARATORS: Final = (",", ";", "\t", "|")
_HEAD_BYTES: Final = 65_536
_TIME: Final = re.compile(r"\d{9,20}(\.\d+)?([eE]\+?\d+)?|\d{4}[-/]\d\d?[-/]\d\d?([ T].*)?")

TIME_NAMES: Final = (
    "open_time", "opentime", "timestamp", "datetime", "date_time", "time", "unix",
    "unix_timestamp", "timestamp_ms", "date", "ts", "t", "time_utc", "gmt_time", "start_time",
    "start",
)  # fmt: skip
CANDLE_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "time": TIME_NAMES,
    "open": ("open", "o", "open_price", "price_open"),
    "high": ("high", "h", "max", "high_price", "price_high"),
    "low": ("low", "l", "min", "low_price", "price_low"),
    "close": ("close", "c", "close_price", "price_close", "last"),
    "volume": ("volume", "vol", "v", "base_volume", "volume_base", "amount"),
}
CANDLE_COLUMNS: Final = tuple(CANDLE_NAMES)


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns`: role -> position; `skip` lines stand before the first row; `width` columns."""

    separator: str
    columns: Mapping[str, int]
    skip: int
    width: int


def first_lines(content: bytes) -> list[str]:
    """The lines at the beginning of a file, without line ends."""
    return content[:_HEAD_BYTES].decode("utf-8", errors="replace").splitlines()


def fields_of(line: str, separator: str) -> list[str]:
    return [part.strip().strip("\"'").strip() for part in line.split(separator)]


def candle_layout(name: str, content: bytes) -> Layout:
    """The layout of a candle file; `name` is for the words of FileRefused."""
    lines = first_lines(content)
    at = _first_row(lines)
    line = lines[at]
    separator = max(SEPARATORS, key=line.count)
    fields = fields_of(line, separator)
    header = [_normal(field) for field in fields]
    named = {name for names in CANDLE_NAMES.values() for name in names}
    if len(named.intersection(header)) >= 2:
        return Layout(separator, _by_name(name, fields, header), at + 1, len(fields))
    if not _TIME.fullmatch(fields[0]):
        raise FileRefused(
            f"{name}, line {at + 1}: this is neither a header (time, open, high, low, close, "
            f"volume) nor a candle that begins with its time: {line[:60]!r}. "
            "Choose a CSV file of candles."
        )
    if len(fields) < 5:
        raise FileRefused(
            f"{name}, line {at + 1}: a candle needs time, open, high, low and close, here are "
            f"{len(fields)} columns{' (a list of trades?)' if len(fields) >= 3 else ''}. "
            "Choose a CSV file of candles."
        )
    columns = {role: place for place, role in enumerate(CANDLE_COLUMNS) if place < len(fields)}
    return Layout(separator, columns, at, len(fields))


def _first_row(lines: list[str]) -> int:
    """The first line with columns; blank lines and one title line (a site's name) are passed."""
    titles = 0
    for at, line in enumerate(lines):
        if any(separator in line for separator in SEPARATORS) and not line.startswith("sep="):
            return at
        titles += bool(line.strip())
        if titles > 1:
            break
    return next((at for at, line in enumerate(lines) if line.strip()), 0)


def _by_name(name: str, fields: Sequence[str], header: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for role, names in CANDLE_NAMES.items():
        place = next((header.index(known) for known in names if known in header), None)
        if place is None and role == "volume":
            place = next((at for at, field in enumerate(header) if field.startswith("vol")), None)
        if place is not None:
            columns[role] = place
        elif role != "volume":
            found = ", ".join(fields)[:200]
            why = ""
            if role == "time" and "close_time" in header:
                why = " (candles are named by their opening time, a closing time will not do)"
            raise FileRefused(
                f"{name}: the header has no column for {role}{why}. It has: {found}. "
                f"Name the column {role} and choose the file again."
            )
    return columns


def _normal(field: str) -> str:
    return field.lower().strip("<>").replace(" ", "_").replace("-", "_")
