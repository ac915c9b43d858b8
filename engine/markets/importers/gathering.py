"""Candles of files on their way: columns that grow where they lie.

Ten million candles are half a gigabyte, so nothing here makes a second copy of all of them, and
what is worked out of them is worked out piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn
from engine.markets.importers.rows import Rows

PIECE: Final = 1 << 16
"""Rows that are looked at together, and by which the columns grow."""


class Gathered:
    """`at`: int64 ms; `numbers`: a float64 column for each role after the time; `place`: int32, the
    line or row of each; `file`: int16, the number of its file. All of one length."""

    def __init__(self, roles: int) -> None:
        self.at = np.empty(0, np.int64)
        self.numbers = [np.empty(0) for _ in range(roles)]
        self.place = np.empty(0, np.int32)
        self.file = np.empty(0, np.int16)
        self.out_of_order = 0
        """Rows that are older than the one before them in their file."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, rows: Rows) -> None:
        begin, end = self._length, self._length + len(rows.at)
        if end > len(self.at):
            self._resize(end + min(begin, PIECE))
        columns = (rows.at, *rows.numbers, rows.place, rows.file)
        for own, column in zip(self._columns, columns, strict=True):
            own[begin:end] = column
        self._length = end
        known = begin - 1 if begin and self.file[begin - 1] == self.file[begin] else begin
        self.out_of_order += int((np.diff(self.at[known:end]) < 0).sum())

    def done(self) -> None:
        """No more are added: what was kept free for more is given back."""
        self._resize(self._length)

    def keep(self, rows: IntColumn | BoolColumn) -> None:
        """`rows`: a mask or an order."""
        self.at = self.at[rows]
        for number, column in enumerate(self.numbers):
            self.numbers[number] = column[rows]
        self.place, self.file = self.place[rows], self.file[rows]
        self._length = len(self.at)

    def pieces(self) -> Iterator[slice]:
        """All rows, so many at a time; each begins with the last row of the one before."""
        for begin in range(0, self._length, PIECE):
            yield slice(max(0, begin - 1), begin + PIECE)

    def closest(self) -> int:
        """The smallest distance from a time to the next: below 0 out of order, 0 where one comes
        twice; 1 where there is no next."""
        found = (np.diff(self.at[piece]) for piece in self.pieces())
        return min((int(some.min()) for some in found if len(some)), default=1)

    def distances(self) -> tuple[IntColumn, IntColumn]:
        """The distances between times that there are, the smallest first; how often each is."""
        found: dict[int, int] = {}
        for piece in self.pieces():
            some, counts = np.unique(np.diff(self.at[piece]), return_counts=True)
            for one, count in zip(some.tolist(), counts.tolist(), strict=True):
                found[one] = found.get(one, 0) + count
        every = sorted(found)
        return np.array(every, np.int64), np.array([found[one] for one in every], np.int64)

    @property
    def _columns(self) -> list[np.ndarray]:
        return [self.at, *self.numbers, self.place, self.file]

    def _resize(self, length: int) -> None:
        for column in self._columns:
            column.resize(length, refcheck=False)  # where they lie: no part of them is lent yet
