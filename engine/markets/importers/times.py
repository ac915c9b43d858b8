"""Times as other programs write them, to UTC milliseconds."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from engine.domain.columns import BoolColumn, IntColumn

EARLIEST: Final = 631_152_000_000
"""1990-01-01. What is before is not the time of a trade but another kind of number."""
LATEST: Final = 4_102_444_800_000
"""2100-01-01."""

_MISSING: Final = np.iinfo(np.int64).min
_UNITS: Final = (
    ("seconds", 1e8, 1e11, 1_000, 1),
    ("milliseconds", 1e11, 1e14, 1, 1),
    ("microseconds", 1e14, 1e17, 1, 1_000),
    ("nanoseconds", 1e17, 1e20, 1, 1_000_000),
)
"""Name, size of the numbers from..below, then ms = number x times / by."""

ISO: Final = "ISO times"
ISO_NAIVE: Final = "ISO times without zone, read as UTC"


def read_times(column: pd.Series) -> tuple[IntColumn, BoolColumn, str]:
    """(UTC ms, which rows could not be read, what was found) for one column of a file.

    Numbers are epoch seconds to nanoseconds by their size, row by row, so a file whose unit
    changes on the way is read right. Other texts are ISO 8601; without a zone they are UTC.
    Rows that could not be read hold the smallest int64; empty cells are among them.
    """
    if pd.api.types.is_numeric_dtype(column):
        at, found = _epoch(column.to_numpy(np.float64, na_value=np.nan), column)
    else:
        given = column.dropna()
        if len(given) and pd.notna(pd.to_numeric(given.iloc[:1], errors="coerce").iloc[0]):
            numbers = pd.to_numeric(column, errors="coerce")
            at, found = _epoch(numbers.to_numpy(np.float64), numbers)
        else:
            at, found = _iso(column)
            if (at == _MISSING).any():
                at, found = _iso(column.astype("str").str.strip().str.removesuffix(" UTC"))
    wrong = (at < EARLIEST) | (at >= LATEST)
    return np.where(wrong, _MISSING, at), wrong, found


def _epoch(size: np.ndarray, exact: pd.Series) -> tuple[IntColumn, str]:
    at = np.full(len(size), _MISSING, np.int64)
    units = []
    whole = exact.to_numpy() if exact.dtype == np.int64 else None
    for name, low, high, times, by in _UNITS:
        here = (size >= low) & (size < high)
        if here.any():
            units.append(name)
            numbers = size[here] if whole is None else whole[here]
            at[here] = (numbers * times) // by
    return at, " and ".join(units) or "no times"


def _iso(texts: pd.Series) -> tuple[IntColumn, str]:
    read = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    at = read.dt.tz_localize(None).to_numpy("datetime64[ms]").astype(np.int64)
    first = str(texts.iloc[int(np.argmax(at != _MISSING))]) if len(texts) else ""
    clock = first[10:]
    zoned = first[-1:] in "Zz" or "+" in clock or "-" in clock
    return at, ISO if zoned else ISO_NAIVE
