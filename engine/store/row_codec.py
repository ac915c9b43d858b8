"""A recording's rows as bytes and back, bit for bit; small from the first row on.

Layout: version u8, method u8, crc32 u32, count u32 (little-endian), then the body: numbers of as
many bytes as they need (see `varints`), all in one sequence, deflated where that is shorter:

  decimals of the volumes; how many kinds change, rows are shaped, volumes are odd
  where the kind changes (gaps), and by how much
  times and opens, less the time and the close before
  shaped rows, those whose prices are not all the same (gaps); their high, low, close less open
  odd volumes, those that are no decimal (gaps), and their bits
  the other volumes as counts of their last decimal

Two older bodies are read and not written: PLAIN, the int64 table of shape (count, 6) and the
float64 volumes as they are, and PACKED, columns as differences, byte planes together, deflated.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from engine.domain.columns import BoolColumn, FloatColumn, IntColumn
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, ROW_WIDTH, Rows
from engine.errors import RecordDamaged
from engine.language import tr
from engine.store.few_rows import (
    FEW,
    MOST_COUNT,
    MOST_DECIMALS,
    ODD_BYTES,
    few_numbers,
    few_varints,
)
from engine.store.varints import Unsigned, from_varints, lengths, to_varints, unzigzag, zigzag

VERSION: Final = 1
PLAIN: Final = 0
PACKED: Final = 1
NUMBERS: Final = 2
DEFLATED: Final = 3

_HEAD: Final = struct.Struct("<BBII")
_NUMBERS: Final = ROW_WIDTH + 1
_LEVEL: Final = 1
_TOO_SHORT: Final = 64
"""Bytes that deflating hardly ever makes fewer: a second of ticks is stored many times a second."""
_COUNTS: Final = 4
"""Numbers at the start of a body."""


def encode(rows: Rows) -> bytes:
    """`rows` as one blob."""
    few = 0 < len(rows) <= FEW
    method, body = NUMBERS, few_varints(few_numbers(rows)) if few else to_varints(_numbers(rows))
    if len(body) > _TOO_SHORT:
        deflated = zlib.compress(body, _LEVEL)
        if len(deflated) < len(body):
            method, body = DEFLATED, deflated
    return _HEAD.pack(VERSION, method, zlib.crc32(body), len(rows)) + body


def decode(content: bytes) -> Rows:
    """The rows of one blob; RecordDamaged with words if a bit of it changed."""
    try:
        version, method, checksum, count = _HEAD.unpack_from(content)
        body = content[_HEAD.size :]
        if version != VERSION:
            raise ValueError(f"version {version}")
        if zlib.crc32(body) != checksum:
            raise ValueError("checksum differs")
        return _decoded(method, body, count)
    except (ValueError, struct.error, zlib.error) as error:
        raise RecordDamaged(
            tr(
                "A part of this session's recording is damaged. It was left as it is and "
                "nothing was drawn from it. Its trades and events can still be read; "
                "restore the database from the folder 'backups' to see its prices."
            ),
            details=repr(error),
        ) from error


def _decoded(method: int, body: bytes, count: int) -> Rows:
    if method == PLAIN:
        return _plain(body, count)
    if method == PACKED:
        return _unpack(body, count)
    if method not in (NUMBERS, DEFLATED):
        raise ValueError(f"method {method}")
    return _rows(from_varints(body if method == NUMBERS else zlib.decompress(body)), count)


def _numbers(rows: Rows) -> Unsigned:
    # Differences wrap and undo themselves exactly, whatever the numbers are.
    table = rows.table
    kind = np.diff(table[:, KIND], prepend=0)
    changes = np.flatnonzero(kind)
    before = np.concatenate(([0], table[:-1, CLOSE]))[: len(table)]
    shaped = np.flatnonzero((table[:, HIGH:] != table[:, OPEN, None]).any(axis=1))
    shapes = table[shaped, HIGH:].T - table[shaped, OPEN]
    decimals, odd, counts = _decimal(rows.volume)
    places = np.flatnonzero(odd)
    return np.concatenate(
        [
            np.array([decimals, len(changes), len(shaped), len(places)], np.uint64),
            _gaps(changes),
            zigzag(kind[changes]),
            zigzag(np.diff(table[:, AT], prepend=0)),
            zigzag(table[:, OPEN] - before),
            _gaps(shaped),
            zigzag(shapes.ravel()),
            _gaps(places),
            _bits(rows.volume)[places],
            counts[~odd],
        ]
    )


def _rows(numbers: Unsigned, count: int) -> Rows:
    decimals, changes, shaped, odd = numbers[:_COUNTS].tolist()
    sizes = [changes, changes, count, count, shaped, 3 * shaped, odd, odd, count - odd]
    if decimals > MOST_DECIMALS or len(numbers) != _COUNTS + sum(sizes) or min(sizes) < 0:
        raise ValueError(f"{len(numbers)} numbers for {count} rows, {decimals} decimals, {sizes}")
    parts = np.split(numbers[_COUNTS:], np.cumsum(sizes)[:-1])
    kind = np.zeros(count, np.int64)
    kind[_places(parts[0], count)] = unzigzag(parts[1])
    shapes = np.zeros((3, count), np.int64)
    shapes[:, _places(parts[4], count)] = unzigzag(parts[5]).reshape(3, shaped)
    table = np.empty((count, ROW_WIDTH), np.int64)
    table[:, KIND] = np.cumsum(kind)
    table[:, AT] = np.cumsum(unzigzag(parts[2]))
    high, low, close = shapes
    table[:, CLOSE] = np.cumsum(unzigzag(parts[3]) + close)
    table[:, OPEN] = table[:, CLOSE] - close
    table[:, HIGH], table[:, LOW] = table[:, OPEN] + high, table[:, OPEN] + low
    is_odd = np.zeros(count, np.bool_)
    is_odd[_places(parts[6], count)] = True
    volume = np.empty(count, np.float64)
    volume[is_odd] = parts[7].view(np.float64)
    volume[~is_odd] = parts[8] / 10.0**decimals
    return Rows(table, volume)


def _gaps(places: IntColumn) -> Unsigned:
    return np.diff(places, prepend=0).astype(np.uint64)


def _places(gaps: Unsigned, count: int) -> IntColumn:
    places = np.cumsum(gaps, dtype=np.uint64)
    if (places >= count).any():
        raise ValueError("a place outside the rows")
    return places.astype(np.int64)


def _bits(volume: FloatColumn) -> Unsigned:
    return np.ascontiguousarray(volume, np.float64).view(np.uint64)


def _decimal(volume: FloatColumn) -> tuple[int, BoolColumn, Unsigned]:
    """How many decimals make `volume` smallest, which of it are not exact then, and its counts.

    Exact is what the division gives back bit for bit: it rounds as reading the text would.
    """
    best: tuple[int, BoolColumn, Unsigned] | None = None
    least = 0
    with np.errstate(over="ignore", invalid="ignore"):
        for decimals in range(MOST_DECIMALS + 1):
            whole = np.rint(volume * 10.0**decimals)
            odd = ~((whole >= 0) & (whole < MOST_COUNT))
            counts = np.where(odd, 0.0, whole).astype(np.uint64)
            odd |= _bits(counts / 10.0**decimals) != _bits(volume)
            size = int(lengths(counts[~odd]).sum()) + ODD_BYTES * int(np.count_nonzero(odd))
            if best is None or size < least:
                best, least = (decimals, odd, counts), size
            if not odd.any():
                break
    assert best is not None, "there is a first number of decimals"
    return best


def _plain(body: bytes, count: int) -> Rows:
    numbers = np.frombuffer(body, "<i8")
    if len(numbers) != count * _NUMBERS:
        raise ValueError("length differs")
    cut = count * ROW_WIDTH
    table = numbers[:cut].reshape(count, ROW_WIDTH).astype(np.int64)
    return Rows(table, numbers[cut:].view("<f8").astype(np.float64))


def _unpack(body: bytes, count: int) -> Rows:
    planes = np.frombuffer(zlib.decompress(body), np.uint8).reshape(8, _NUMBERS * count)
    numbers = np.ascontiguousarray(planes.T).view("<i8").reshape(_NUMBERS, count)
    table = np.cumsum(numbers[:ROW_WIDTH], axis=1, dtype=np.int64).T
    volume = numbers[ROW_WIDTH].view("<f8").astype(np.float64)
    return Rows(np.ascontiguousarray(table), volume)
