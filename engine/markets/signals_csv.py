"""Signals out of a CSV file: `time,action` lines, each at a candle that exists."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.domain.candles import Candles, moment_text
from engine.domain.columns import IntColumn
from engine.domain.import_preview import DETECTED
from engine.domain.reasons import Action
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.arrow_columns import mask_of, there
from engine.markets.importers.formats import open_table
from engine.markets.importers.header_names import TIME, find, plain
from engine.markets.importers.source import NOTHING_TAKEN
from engine.markets.importers.tables import Table, all_cells
from engine.markets.importers.times import read_times

_ACTIONS: Final = {action.name.lower(): int(action) for action in Action}
_WANTED: Final = tr("buy, sell, short or cover")


@dataclass(frozen=True, slots=True)
class FileSignals:
    """What a signals file says, one entry per candle it speaks about, oldest first.

    `open_at` int64 UTC ms, strictly increasing; `actions` int64, one bit per Action
    (1 << (action - 1)); `count` lines of the file.
    """

    open_at: IntColumn
    actions: IntColumn
    count: int


def load_signals(path: Path | str, candles: Candles, *, within: bool = False) -> FileSignals:
    """Read ``time,action`` lines; time is the open of the candle at whose close they are known.

    Times and packing as in a candle file; the header may be missing; the order is free; a time
    may carry several actions. Raises FileRefused with line numbers for an unknown action, a time
    without a candle in `candles`, or the same line twice. With `within` lines about other candles
    are left out: a session may have played a part of what the file speaks of.
    """
    path = Path(path)
    table = open_table(path, DETECTED)
    cells = all_cells(table, _columns(table))
    times, words, line = cells.columns["time"], cells.columns["action"], cells.place
    said = there(times) | there(words)
    if not said.any():
        raise FileRefused(
            tr("{name} has no signals. Choose a file with time,action lines.", name=path.name)
        )
    times, words, line = times.filter(mask_of(said)), words.filter(mask_of(said)), line[said]
    at = _times(path, times, line)
    action = _actions(path, words.to_pylist(), line)
    if within:
        own = np.isin(at, candles.open_at)
        at, action, line = at[own], action[own], line[own]
    _refuse_strangers(path, at, line, candles)
    _refuse_repeats(path, at, action, line)
    open_at, place = np.unique(at, return_inverse=True)
    bits = np.zeros(len(open_at), np.int64)
    np.bitwise_or.at(bits, place, np.int64(1) << (action - 1))
    return FileSignals(open_at, bits, len(at))


def _columns(table: Table) -> dict[str, int]:
    header = [plain(name) for name in table.header]
    time = find(TIME, header)
    if time is not None and "action" in header:
        return {"time": time, "action": header.index("action")}
    if table.width == 2 and not table.header:
        return {"time": 0, "action": 1}
    first = table.header or next(iter(table.sample), ())
    raise FileRefused(
        tr(
            "{where}: a signals file has the columns time and action ({actions}), here "
            "is {columns!r}. Choose a signals file.",
            where=table.where(table.skip + (not table.header)),
            actions=_WANTED,
            columns=",".join(first)[:60],
        )
    )


def _times(path: Path, column: Any, line: IntColumn) -> IntColumn:
    times = read_times(column)
    if times.wrong.any():
        row = int(np.argmax(times.wrong))
        text = str(column[row].as_py() or "")[:40]
        raise FileRefused(
            tr(
                "{name}, line {line}: {text!r} is not a time. Times are ISO "
                "(2021-12-31 23:01) or the seconds, milliseconds or microseconds since "
                "1970. {nothing_taken}",
                name=path.name,
                line=line[row],
                text=text,
                nothing_taken=NOTHING_TAKEN,
            )
        )
    return times.at


def _actions(path: Path, words: list[str | None], line: IntColumn) -> IntColumn:
    codes = [_ACTIONS.get((word or "").strip().lower(), 0) for word in words]
    if 0 in codes:
        row = codes.index(0)
        raise FileRefused(
            tr(
                "{name}, line {line}: {text!r} is not an action. Write {actions}. {nothing_taken}",
                name=path.name,
                line=line[row],
                text=(words[row] or "")[:40],
                actions=_WANTED,
                nothing_taken=NOTHING_TAKEN,
            )
        )
    return np.array(codes, np.int64)


def _refuse_strangers(path: Path, at: IntColumn, line: IntColumn, candles: Candles) -> None:
    lost = ~np.isin(at, candles.open_at)
    if not lost.any():
        return
    row = int(np.argmax(lost))
    count = int(lost.sum())
    others = ""
    if count > 1:
        others = " " + tr("{count:,} lines in all have no candle.", count=count)
    period = tr("There are no candles.")
    if len(candles):
        first, last = moment_text(int(candles.open_at[0])), moment_text(int(candles.open_at[-1]))
        period = tr("The candles open from {first} to {last} UTC.", first=first, last=last)
    raise FileRefused(
        tr(
            "{name}, line {line}: no candle opens at {moment} UTC.{others} {period} "
            "{nothing_taken}",
            name=path.name,
            line=line[row],
            moment=moment_text(int(at[row])),
            others=others,
            period=period,
            nothing_taken=NOTHING_TAKEN,
        )
    )


def _refuse_repeats(path: Path, at: IntColumn, action: IntColumn, line: IntColumn) -> None:
    order = np.lexsort((line, action, at))
    same = (np.diff(at[order]) == 0) & (np.diff(action[order]) == 0)
    if same.any():
        place = int(np.argmax(same))
        row, again = int(order[place]), int(order[place + 1])
        raise FileRefused(
            tr(
                "{name}, lines {first} and {second}: the same action twice for {moment} "
                "UTC. Remove one. {nothing_taken}",
                name=path.name,
                first=line[row],
                second=line[again],
                moment=moment_text(int(at[row])),
                nothing_taken=NOTHING_TAKEN,
            )
        )
