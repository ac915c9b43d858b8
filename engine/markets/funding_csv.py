"""Funding rates out of a CSV file: `time,rate` lines."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.candles import moment_text
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.funding import RATE_UNITS, Funding
from engine.domain.import_preview import DETECTED
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.arrow_columns import mask_of, there
from engine.markets.importers.formats import open_table
from engine.markets.importers.header_names import TIME, find, plain
from engine.markets.importers.source import NOTHING_TAKEN
from engine.markets.importers.tables import Table, all_cells
from engine.markets.importers.times import read_times

_TIMES: Final = (*TIME, "calc_time", "funding_time", "fundingtime")
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
    table = open_table(path, DETECTED)
    columns, scale = _columns(table)
    cells = all_cells(table, columns)
    times, rate, line = cells.columns["time"], cells.numbers("rate") * scale, cells.place
    said = there(times) | ~np.isnan(rate)
    if not said.any():
        raise FileRefused(
            tr("{name} has no rates. Choose a file with time,rate lines.", name=path.name)
        )
    times, rate, line = times.filter(mask_of(said)), rate[said], line[said]
    at, wrong, *_ = read_times(times)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise FileRefused(
            tr(
                "{name}, line {line}: {text!r} is not a time. {nothing_taken}",
                name=path.name,
                line=line[row],
                text=str(times[row].as_py() or "")[:40],
                nothing_taken=NOTHING_TAKEN,
            )
        )
    _refuse_odd(path, rate, line)
    order = np.argsort(at, kind="stable")
    at, line = at[order], line[order]
    counts = np.rint(rate[order] * RATE_UNITS).astype(np.int64)
    return Funding(*_once(path, at, counts, line))


def _columns(table: Table) -> tuple[dict[str, int], float]:
    """Where time and rate stand, and what makes a fraction of a rate."""
    header = [plain(name) for name in table.header]
    time = find(_TIMES, header)
    for names, scale in ((_FRACTIONS, 1.0), (_PERCENTS, 0.01)):
        rate = find(names, header)
        if time is not None and rate is not None:
            return {"time": time, "rate": rate}, scale
    if table.width == 2 and not table.header:
        return {"time": 0, "rate": 1}, 1.0
    first = table.header or next(iter(table.sample), ())
    raise FileRefused(
        tr(
            "{where}: a funding file has the columns time and rate (a fraction) or "
            "rate_pct, here is {columns!r}. Choose a funding file.",
            where=table.where(table.skip + (not table.header)),
            columns=",".join(first)[:60],
        )
    )


def _refuse_odd(path: Path, rate: FloatColumn, line: IntColumn) -> None:
    odd = ~(np.abs(rate) <= _HIGHEST)
    if odd.any():
        row = int(np.argmax(odd))
        if np.isnan(rate[row]):
            what = tr("{name}, line {line} has no rate.", name=path.name, line=line[row])
        else:
            what = tr(
                "{name}, line {line} pays {rate:g} % at once.",
                name=path.name,
                line=line[row],
                rate=float(100 * rate[row]),
            )
        hint = tr(
            "A rate is a fraction (0.0001 is 0.01 %); name the column rate_pct if these "
            "are percents."
        )
        raise FileRefused(f"{what} {hint} {NOTHING_TAKEN}")


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
            tr(
                "{name}, lines {first} and {second}: two rates for {moment} UTC. Remove "
                "the wrong one. {nothing_taken}",
                name=path.name,
                first=first,
                second=second,
                moment=moment_text(int(at[row])),
                nothing_taken=NOTHING_TAKEN,
            )
        )
    return np.delete(at, again), np.delete(rate, again)
