"""Where a series lies: folders that every system can hold, and the series they stand for."""

from __future__ import annotations

import re
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final
from urllib.parse import unquote

from engine.domain.archive import Series
from engine.domain.candles import timeframe_ms, timeframe_text
from engine.errors import InvalidSetting
from engine.language import tr

SUFFIX: Final = ".parquet"
DAMAGED: Final = ".damaged"
HALF: Final = ".half"
"""Of a file that is being written."""

_SECOND_MS: Final = 1_000
_LONGEST_NAME: Final = 200
_MONTH_FILE: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\.parquet")
_DAMAGED_FILE: Final = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))\.parquet\.damaged(?:-\d+)?")
# Letters of the other case are written as codes, so that no two names are the same to a system
# that does not tell them apart; dots and the names of devices mean something to Windows.
_OF_EXCHANGES: Final = frozenset(ascii_lowercase + digits + "_-")
_OF_SYMBOLS: Final = frozenset(ascii_uppercase + digits + "_-")
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def folder_of(archive: Path, series: Series) -> Path:
    """The folder of its month files; InvalidSetting for what no folder can be named after."""
    if series.timeframe_ms < _SECOND_MS or series.timeframe_ms % _SECOND_MS:
        raise InvalidSetting(
            tr("The archive keeps candles of whole seconds. Choose a timeframe like 1s or 1m."),
            field="timeframe",
        )
    exchange = _coded("exchange", series.exchange, _OF_EXCHANGES)
    symbol = _coded("symbol", series.symbol, _OF_SYMBOLS)
    return archive / exchange / symbol / timeframe_text(series.timeframe_ms)


def series_of(folder: Path) -> Series | None:
    """The series whose folder this is; None for folders that somebody else made."""
    exchange, symbol = unquote(folder.parent.parent.name), unquote(folder.parent.name)
    try:
        series = Series(exchange, symbol, timeframe_ms(folder.name))
        known = folder_of(folder.parent.parent.parent, series)
    except InvalidSetting:
        return None
    return series if known == folder else None


def month_name(first_at: int) -> str:
    """The file of the month that begins at `first_at`."""
    return f"{month_text(first_at)}{SUFFIX}"


def month_text(first_at: int) -> str:
    """``2024-01``"""
    from numpy import datetime64

    return str(datetime64(first_at, "ms").astype("datetime64[M]"))


def month_files(folder: Path) -> list[Path]:
    """Its month files, oldest first."""
    return sorted(path for path in _files(folder) if _MONTH_FILE.fullmatch(path.name))


def damaged_months(folder: Path) -> set[str]:
    """``2024-01`` of each month of which a file was set aside."""
    found = (_DAMAGED_FILE.fullmatch(path.name) for path in _files(folder))
    return {match.group(1) for match in found if match}


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _coded(field: str, text: str, plain: frozenset[str]) -> str:
    if not text.strip() or not text.isprintable():
        words = tr("The symbol must have a name that can be shown.")
        if field == "exchange":
            words = tr("The exchange must have a name that can be shown.")
        raise InvalidSetting(words, field=field)
    coded = "".join(sign if sign in plain else _code(sign) for sign in text)
    if _DEVICES.fullmatch(coded):
        coded = _code(coded[0]) + coded[1:]
    if len(coded) > _LONGEST_NAME:
        begin = text[:20]
        words = tr(
            "{begin}... is too long for the name of a folder. Choose a shorter symbol.",
            begin=begin,
        )
        if field == "exchange":
            words = tr(
                "{begin}... is too long for the name of a folder. Choose a shorter exchange.",
                begin=begin,
            )
        raise InvalidSetting(words, field=field)
    return coded


def _code(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())
