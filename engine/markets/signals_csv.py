"""Signals out of a CSV file: `time,action` lines, each at a candle that exists."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from engine.domain.candles import Candles, moment_text
from engine.domain.columns import IntColumn
from engine.domain.reasons import Action
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

_ACTIONS: Final = {action.name.lower(): int(action) for action in Action}
_WANTED: Final = "buy, sell, short or cover"


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
    content = read_text(path)
    layout = _layout(path.name, content)
    table = read_table(path, content, layout, ())
    table = table[table.notna().any(axis=1)]
    if not len(table):
        raise FileRefused(f"{path.name} has no signals. Choose a file with time,action lines.")
    line = layout.skip + 1 + table.index.to_numpy(np.int64)
    at = _times(path, table["time"], line)
    action = _actions(path, table["action"], line)
    if within:
        own = np.isin(at, candles.open_at)
        at, action, line = at[own], action[own], line[own]
    _refuse_strangers(path, at, line, candles)
    _refuse_repeats(path, at, action, line)
    open_at, place = np.unique(at, return_inverse=True)
    bits = np.zeros(len(open_at), np.int64)
    np.bitwise_or.at(bits, place, np.int64(1) << (action - 1))
    return FileSignals(open_at, bits, len(at))


def _layout(name: str, content: bytes) -> Layout:
    lines = first_lines(content)
    at = next((number for number, line in enumerate(lines) if line.strip()), 0)
    separator = max(SEPARATORS, key=lines[at].count)
    fields = [field.lower().replace(" ", "_") for field in fields_of(lines[at], separator)]
    time = next((fields.index(known) for known in TIME_NAMES if known in fields), None)
    if time is not None and "action" in fields:
        columns = {"time": time, "action": fields.index("action")}
        return Layout(separator, columns, at + 1, len(fields))
    if len(fields) != 2 or time is not None or "action" in fields:
        raise FileRefused(
            f"{name}, line {at + 1}: a signals file has the columns time and action "
            f"({_WANTED}), here is {lines[at][:60]!r}. Choose a signals file."
        )
    return Layout(separator, {"time": 0, "action": 1}, at, 2)


def _times(path: Path, column: pd.Series, line: IntColumn) -> IntColumn:
    at, wrong, _ = read_times(column)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise FileRefused(
            f"{path.name}, line {line[row]}: {str(column.iloc[row])[:40]!r} is not a time. Times "
            "are ISO (2021-12-31 23:01) or the seconds, milliseconds or microseconds since 1970. "
            f"{NOTHING_TAKEN}"
        )
    return at


def _actions(path: Path, column: pd.Series, line: IntColumn) -> IntColumn:
    words = column.astype("str").str.strip().str.lower()
    codes = words.map(_ACTIONS)
    if codes.isna().any():
        row = int(np.argmax(codes.isna().to_numpy()))
        raise FileRefused(
            f"{path.name}, line {line[row]}: {str(column.iloc[row])[:40]!r} is not an action. "
            f"Write {_WANTED}. {NOTHING_TAKEN}"
        )
    found: IntColumn = codes.to_numpy(np.int64)
    return found


def _refuse_strangers(path: Path, at: IntColumn, line: IntColumn, candles: Candles) -> None:
    lost = ~np.isin(at, candles.open_at)
    if not lost.any():
        return
    row = int(np.argmax(lost))
    count = int(lost.sum())
    others = f" {count:,} lines in all have no candle." if count > 1 else ""
    period = "There are no candles."
    if len(candles):
        first, last = moment_text(int(candles.open_at[0])), moment_text(int(candles.open_at[-1]))
        period = f"The candles open from {first} to {last} UTC."
    raise FileRefused(
        f"{path.name}, line {line[row]}: no candle opens at {moment_text(int(at[row]))} UTC."
        f"{others} {period} {NOTHING_TAKEN}"
    )


def _refuse_repeats(path: Path, at: IntColumn, action: IntColumn, line: IntColumn) -> None:
    order = np.lexsort((line, action, at))
    same = (np.diff(at[order]) == 0) & (np.diff(action[order]) == 0)
    if same.any():
        place = int(np.argmax(same))
        row, again = int(order[place]), int(order[place + 1])
        raise FileRefused(
            f"{path.name}, lines {line[row]} and {line[again]}: the same action twice for "
            f"{moment_text(int(at[row]))} UTC. Remove one. {NOTHING_TAKEN}"
        )
