"""The hash of a recording: sha256 of its rows, one behind the other, and of the other markets that
were followed. It grows with the recording."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice, permutations
from typing import Final

import numpy as np

from engine.domain.extra_feeds import NOBODY, Followed
from engine.domain.rows import ROW_WIDTH, Rows

_PART: Final = 1 << 14
"""Rows laid out at a time: what is still at hand for the processor is hashed sooner."""


_MOST_ORDERS: Final = 24
"""Of four markets; nobody has followed more."""


class RowsHash:
    """Of the rows added so far. Eight bytes a number, little-endian: the six of a row, then its
    volume as float64."""

    def __init__(self) -> None:
        self._total = hashlib.sha256()

    def add(self, rows: Rows) -> None:
        """Grow by `rows`."""
        for start in range(0, len(rows), _PART):
            part = rows.part(start, start + _PART)
            line = np.empty((len(part), ROW_WIDTH + 1), "<i8")
            line[:, :ROW_WIDTH] = part.table
            line[:, ROW_WIDTH] = part.volume.astype("<f8").view("<i8")
            self._total.update(line.reshape(-1).data)

    def copy(self) -> RowsHash:
        """One that grows by itself."""
        other = RowsHash()
        other._total = self._total.copy()
        return other

    def hex(self, followed: Sequence[Followed] = NOBODY) -> str:
        """With the other markets, in the order of their names; of which nothing came, that is as if
        nobody had followed it."""
        total = self._total.copy()
        for one in sorted(followed, key=lambda one: one.market):
            if len(one):
                _add_market(total, one)
        return total.hexdigest()


def rows_hash(rows: Rows, followed: Sequence[Followed] = NOBODY) -> str:
    """Of a whole recording, hex."""
    total = RowsHash()
    total.add(rows)
    return total.hex(followed)


def is_hash_of(stored: str, rows: Rows, followed: Sequence[Followed] = NOBODY) -> bool:
    """Whether `stored` is the hash of that recording, also as the first versions made it."""
    if stored == rows_hash(rows, followed):
        return True
    # They hashed all rows and then all volumes, which cannot grow, and took the markets in the
    # order in which the strategy named them, also one of which nothing came.
    first = hashlib.sha256(np.ascontiguousarray(rows.table, "<i8").reshape(-1).data)
    first.update(np.ascontiguousarray(rows.volume, "<f8").data)
    orders = islice(permutations(followed), _MOST_ORDERS)
    return any(stored == _followed_by(first, order) for order in orders)


def _followed_by(rows: hashlib._Hash, followed: Sequence[Followed]) -> str:
    total = rows.copy()
    for one in followed:
        _add_market(total, one)
    return total.hexdigest()


def _add_market(total: hashlib._Hash, one: Followed) -> None:
    candles = one.candles
    total.update(f"{one.symbol} {candles.timeframe_ms}\n".encode())
    for column in (one.known_at, candles.open_at):
        total.update(np.ascontiguousarray(column, "<i8").data)
    for prices in (candles.open, candles.high, candles.low, candles.close, candles.volume):
        total.update(np.ascontiguousarray(prices, "<f8").data)
