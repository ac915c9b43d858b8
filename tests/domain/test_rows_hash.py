"""The hash of a recording: every bit of it counts, and it grows with it."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import numpy as np
import pytest

from engine.domain.candles import Candles
from engine.domain.extra_feeds import Followed
from engine.domain.rows import Rows
from engine.domain.rows_hash import RowsHash, is_hash_of, rows_hash


def some_rows(count: int = 40_000, seed: int = 1) -> Rows:
    chance = np.random.default_rng(seed)
    return Rows(chance.integers(-(1 << 60), 1 << 60, (count, 6)), chance.random(count))


def market(symbol: str, count: int = 5) -> Followed:
    numbers = np.arange(float(count))
    candles = Candles(np.arange(count), *(numbers + column for column in range(5)), 60_000)
    return Followed(symbol, candles, np.arange(count) + 60_000)


def test_it_is_what_anybody_can_work_out_from_an_export() -> None:
    rows, total = some_rows(3), hashlib.sha256()
    for row, volume in zip(rows.table.tolist(), rows.volume.tolist(), strict=True):
        total.update(struct.pack("<6qd", *row, volume))
    assert rows_hash(rows) == total.hexdigest()
    assert rows_hash(some_rows(0)) == hashlib.sha256().hexdigest()


def test_in_parts_it_is_the_same() -> None:
    rows = some_rows()
    total = RowsHash()
    for start, stop in ((0, 1), (1, 1), (1, 20_000), (20_000, 39_999), (39_999, None)):
        total.add(rows.part(start, stop))
    assert total.hex() == rows_hash(rows)


def test_a_copy_grows_by_itself() -> None:
    rows, total = some_rows(), RowsHash()
    total.add(rows.part(0, 100))
    other = total.copy()
    other.add(rows.part(100))
    assert total.hex() == rows_hash(rows.part(0, 100))
    assert other.hex() == rows_hash(rows)


@pytest.mark.parametrize("place", [0, 17_000, -1])
def test_every_number_counts(place: int) -> None:
    rows = some_rows()
    for column in range(6):
        table = rows.table.copy()
        table[place, column] ^= 1
        assert not is_hash_of(rows_hash(rows), Rows(table, rows.volume))
    volume = rows.volume.copy()
    volume[place] = np.nextafter(volume[place], 2)
    assert not is_hash_of(rows_hash(rows), Rows(rows.table, volume))
    swapped = rows.table.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    assert not is_hash_of(rows_hash(rows), Rows(swapped, rows.volume))


def test_what_was_followed_counts_in_any_order_and_nothing_counts_as_nothing() -> None:
    rows, one, other = some_rows(9), market("A/B"), market("C/D")
    assert rows_hash(rows, [one, other]) == rows_hash(rows, [other, one])
    assert rows_hash(rows, [one]) not in (rows_hash(rows), rows_hash(rows, [other]))
    assert rows_hash(rows, [one, market("C/D", 0)]) == rows_hash(rows, [one])
    late = replace(one, known_at=one.known_at + 1)
    assert rows_hash(rows, [late]) != rows_hash(rows, [one])


def test_a_hash_of_the_first_versions_is_still_known() -> None:
    rows, one = some_rows(9), market("A/B")
    table, volume = np.ascontiguousarray(rows.table, "<i8"), rows.volume.astype("<f8")
    assert is_hash_of(hashlib.sha256(table.tobytes() + volume.tobytes()).hexdigest(), rows)
    total = hashlib.sha256(table.tobytes() + volume.tobytes() + b"A/B 60000\n")
    candles = one.candles
    columns = (one.known_at, candles.open_at, candles.open, candles.high, candles.low)
    for column in (*columns, candles.close, candles.volume):
        total.update(column.tobytes())
    assert is_hash_of(total.hexdigest(), rows, [one])
    assert not is_hash_of(total.hexdigest(), rows)


def test_the_first_versions_took_markets_in_the_order_of_the_strategy() -> None:
    rows, named = some_rows(9), [market("C/D"), market("A/B")]
    total = hashlib.sha256(np.ascontiguousarray(rows.table, "<i8").tobytes())
    total.update(rows.volume.astype("<f8").tobytes())
    for one in named:
        total.update(f"{one.symbol} 60000\n".encode())
        candles = one.candles
        columns = (one.known_at, candles.open_at, candles.open, candles.high, candles.low)
        for column in (*columns, candles.close, candles.volume):
            total.update(column.tobytes())
    assert is_hash_of(total.hexdigest(), rows, sorted(named, key=lambda one: one.market))
    assert not is_hash_of(total.hexdigest(), rows, [*named, market("E/F")])
