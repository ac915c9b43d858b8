"""Rows of a file as numbers: times in UTC ms, empty rows left out, one market only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import compute as arrow

from engine.domain.columns import BoolColumn, IntColumn
from engine.domain.import_preview import Choices, TimeUnit
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.arrow_columns import mask_of, there
from engine.markets.importers.layout import Layout, find_layout
from engine.markets.importers.source import NOTHING_TAKEN
from engine.markets.importers.tables import TEXTS, Cells, Table
from engine.markets.importers.times import SEVERAL, Times, read_times
from engine.messages.progress import Told


@dataclass(slots=True)
class Rows:
    """`at` int64 ms; `numbers` float64 (roles after the time, n); `place` int64, the line or row
    of each; `file` int64, the number of its file. All of n."""

    at: IntColumn
    numbers: np.ndarray
    place: IntColumn
    file: IntColumn

    def keep(self, rows: np.ndarray) -> None:
        """`rows`: a mask or an order."""
        self.at, self.numbers = self.at[rows], self.numbers[:, rows]
        self.place, self.file = self.place[rows], self.file[rows]


class RowReader:
    """One file whose layout is known. What it counts is complete when all rows were read."""

    def __init__(self, table: Table, choices: Choices, file: int = 0) -> None:
        """Raises FileRefused or InvalidSetting for what cannot be read as `choices` say."""
        self.table = table
        self.layout: Layout = find_layout(self.table, choices)
        self.file = file
        self.symbol = ""
        """What a column of the file says; empty without one."""
        self.dropped = 0
        """Rows with empty cells."""
        self.units: list[TimeUnit] = []
        self.naive = False
        """Some times say no zone."""
        self._words: list[str] = []
        self._choices = choices

    @property
    def roles(self) -> tuple[str, ...]:
        """Of `Rows.numbers`."""
        return tuple(role for role in self.layout.holds.roles if role not in TEXTS)

    @property
    def time_words(self) -> str:
        parts = dict.fromkeys(part for words in self._words for part in words.split(SEVERAL))
        return SEVERAL.join(parts)

    @property
    def first_at(self) -> int:
        """The time of its first row; the smallest int64 where that has none."""
        cells = [row[self.layout.columns["time"]] for row in self.table.sample[:1]]
        times = read_times(pa.array(cells, pa.string()), self._choices.unit)
        return int(times.at[0]) if cells else 0

    @property
    def columns(self) -> dict[str, int]:
        """Role -> place of what makes a candle or a trade."""
        return {
            role: at for role, at in self.layout.columns.items() if role in self.layout.holds.roles
        }

    def cells(self, told: Told) -> Iterator[Cells]:
        """All rows as they lie there."""
        return self.table.blocks(self.layout.columns, told)

    def blocks(self, told: Told) -> Iterator[tuple[Rows, Cells]]:
        """All rows that can be used, with the cells they were read from."""
        for cells in self.cells(told):
            rows, used = self.read(cells)
            if used.all():
                yield rows, cells
            elif used.any():
                rows.keep(used)
                mask = mask_of(used)
                left = {role: column.filter(mask) for role, column in cells.columns.items()}
                yield rows, Cells(left, rows.place)

    def refusal(self, place: int, what: str) -> FileRefused:
        """`what` is wrong in that line."""
        return FileRefused(f"{self.table.where(place)}: {what} {NOTHING_TAKEN}")

    def read(self, cells: Cells) -> tuple[Rows, BoolColumn]:
        """The rows, and which of them can be used."""
        if "symbol" in cells.columns:
            self._same_symbol(cells)
        times, timeless = self._times(cells)
        numbers = np.empty((len(self.roles), len(cells)))
        for number, role in enumerate(self.roles):
            numbers[number] = cells.numbers(role) if role in cells.columns else np.nan
        self._refuse_infinite(cells, numbers)
        needed = [at for at, role in enumerate(self.roles) if role in self.layout.holds.needed]
        empty: BoolColumn = timeless | np.isnan(numbers[needed]).any(axis=0)
        self.dropped += int(empty.sum())
        file = np.full(len(cells), self.file, np.int64)
        return Rows(times.at, numbers, cells.place, file), ~empty

    def _times(self, cells: Cells) -> tuple[Times, BoolColumn]:
        """The times, and which cells are empty."""
        column = cells.columns["time"]
        times = read_times(column, self._choices.unit, self._choices.utc_offset_ms)
        timeless: BoolColumn = ~there(column)
        wrong = times.wrong & ~timeless
        if wrong.any():
            blank = [not str(column[int(row)]).strip() for row in np.flatnonzero(wrong)]
            timeless[np.flatnonzero(wrong)[blank]] = True
            self._refuse_wrong(cells, wrong & ~timeless)
        if self._choices.utc_offset_ms is not None and not times.naive and not timeless.all():
            raise FileRefused(
                tr(
                    "{name}: the times say by themselves when they are ({times}). "
                    "Nothing was taken. Leave the UTC offset out.",
                    name=self.table.source.name,
                    times=times.words,
                )
            )
        if times.unit is not None:
            self._words.append(times.words)
            self.naive |= times.naive
            self.units.append(times.unit)
        return times, timeless

    def _refuse_wrong(self, cells: Cells, wrong: BoolColumn) -> None:
        if not wrong.any():
            return
        row = int(np.argmax(wrong))
        text = str(cells.columns["time"][row])[:40]
        what = tr(
            "{text!r} is not a time. Times are ISO (2021-12-31 23:01) or the seconds, "
            "milliseconds or microseconds since 1970.",
            text=text,
        )
        if "/" in text:
            what = tr(
                "{text!r} is not a time. Say whether the day or the month comes first.", text=text
            )
        raise self.refusal(int(cells.place[row]), what)

    def _refuse_infinite(self, cells: Cells, numbers: np.ndarray) -> None:
        endless = np.isinf(numbers)
        if endless.any():
            row = int(np.argmax(endless.any(axis=0)))
            role = self.roles[int(np.argmax(endless[:, row]))]
            raise self.refusal(
                int(cells.place[row]), tr("the {role} is endless, which is no number.", role=role)
            )

    def _same_symbol(self, cells: Cells) -> None:
        found = [str(name) for name in arrow.unique(cells.columns["symbol"]).to_pylist() if name]
        if self.symbol and self.symbol not in found:
            found.insert(0, self.symbol)
        if len(found) > 1:
            raise FileRefused(
                tr(
                    "{name} holds more than one market: {first} and {second}. Nothing "
                    "was taken. Choose a file of one market.",
                    name=self.table.source.name,
                    first=found[0],
                    second=found[1],
                )
            )
        self.symbol = found[0] if found else self.symbol
