"""Funding rates out of a CSV file: `time,rate` lines."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.candles import moment_text
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.funding import RATE_UNITS, Funding
from engine.errors import FileRefused
from engine.markets.importers.layout import (
    SEPARATORS,
    TIME_NAMES,
    Layout,
    fields_of,
    first_lines,
)
from engine.markets.importers.table import NOTHING_TAKEN, read_table
from engine.markets.importers.text_file import read_text
from engine.markets.importers.times import read_times

_TIMES: Final = (*TIME_NAMES, "calc_time", "funding_time", "fundingtime")
_FRACTIONS: Final = ("rate", "funding_rate", "fundingrate", "last_funding_rate")
_PERCENTS: Final = ("rate_pct", "funding_rate_pct", "rate_percent", "rate_%")
_HIGHEST: Final = 0.1
"""Exchanges cap what is paid at once at a few percent: more is a percentage read as a fraction."""


def load_funding(path: Path | str) -> Funding:
    """Read ``time,rate`` lines, oldest first or not.

    A rate is a fraction of the position's value (0.0001 is 0.01 %), above zero when longs pay;
    in a column named rate_pct (or funding_rate_pct) it is a percentage. Without a header the
    columns are time and rate. Raises FileRefused with the line of what cannot be taken.
    """
    path = Path(path)
    content = read_text(path)
    layout, scale = _layout(path.name, content)
    table = read_table(path, content, layout, ("rate",))
    table = table[table.notna().any(axis=1)]
    if not len(table):
        raise FileRefused(f"{path.name} has no rates. Choose a file with time,rate lines.")
    line = layout.skip + 1 + table.index.to_numpy(np.int64)
    at, wrong, _ = read_times(table["time"])
    if wrong.any():
        row = int(np.argmax(wrong))
        raise FileRefused(
            f"{path.name}, line {line[row]}: {str(table['time'].iloc[row])[:40]!r} is not a time. "
            f"{NOTHING_TAKEN}"
        )
    rate = table["rate"].to_numpy(np.float64) * scale
    _refuse_odd(path, rate, line)
    order = np.argsort(at, kind="stable")
    at, line = at[order], line[order]
    counts = np.rint(rate[order] * RATE_UNITS).astype(np.int64)
    return Funding(*_once(path, at, counts, line))


def _layout(name: str, content: bytes) -> tuple[Layout, float]:
    """Where time and rate stand, and what makes a fraction of a rate."""
    lines = first_lines(content)
    at = next((number for number, line in enumerate(lines) if line.strip()), 0)
    separator = max(SEPARATORS, key=lines[at].count)
    fields = [field.lower().replace(" ", "_") for field in fields_of(lines[at], separator)]
    time = next((fields.index(known) for known in _TIMES if known in fields), None)
    for names, scale in ((_FRACTIONS, 1.0), (_PERCENTS, 0.01)):
        rate = next((fields.index(known) for known in names if known in fields), None)
        if time is not None and rate is not None:
            columns = {"time": time, "rate": rate}
            return Layout(separator, columns, at + 1, len(fields)), scale
    if len(fields) != 2 or any(field.isidentifier() for field in fields):
        raise FileRefused(
            f"{name}, line {at + 1}: a funding file has the columns time and rate (a fraction) or "
            f"rate_pct, here is {lines[at][:60]!r}. Choose a funding file."
        )
    return Layout(separator, {"time": 0, "rate": 1}, at, 2), 1.0


def _refuse_odd(path: Path, rate: FloatColumn, line: IntColumn) -> None:
    odd = ~(np.abs(rate) <= _HIGHEST)
    if odd.any():
        row = int(np.argmax(odd))
        what = "has no rate" if np.isnan(rate[row]) else f"pays {100 * rate[row]:g} % at once"
        raise FileRefused(
            f"{path.name}, line {line[row]} {what}. A rate is a fraction (0.0001 is 0.01 %); name "
            f"the column rate_pct if these are percents. {NOTHING_TAKEN}"
        )


def _once(
    path: Path, at: IntColumn, rate: IntColumn, line: IntColumn
) -> tuple[IntColumn, IntColumn]:
    """Each moment once; repeats are dropped, another rate for the same moment is refused."""
    again = np.flatnonzero(np.diff(at) == 0) + 1
    differ = again[rate[again] != rate[again - 1]]
    if len(differ):
        row = int(differ[0])
        first, second = sorted((int(line[row - 1]), int(line[row])))
        raise FileRefused(
            f"{path.name}, lines {first} and {second}: two rates for {moment_text(int(at[row]))} "
            f"UTC. Remove the wrong one. {NOTHING_TAKEN}"
        )
    return np.delete(at, again), np.delete(rate, again)
