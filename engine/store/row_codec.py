"""A recording's rows as bytes and back, bit for bit.

Layout: version u8, method u8, crc32 u32, count u32 (little-endian), then the body: the int64
table of shape (count, 6) and the float64 volumes. PLAIN keeps them as they are: quick for the few
rows of one step of a live bot. PACKED stores columns one after the other, as differences, byte
planes together (high bytes of prices hardly change), deflated.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn, IntMatrix
from engine.domain.rows import ROW_WIDTH, Rows
from engine.errors import RecordDamaged

VERSION: Final = 1
PLAIN: Final = 0
PACKED: Final = 1
PACK_FROM: Final = 64
"""Rows from which packing pays."""

_HEAD: Final = struct.Struct("<BBII")
_NUMBERS: Final = ROW_WIDTH + 1
_LEVEL: Final = 1


def encode(rows: Rows) -> bytes:
    """`rows` as one blob."""
    count = len(rows)
    if count < PACK_FROM:
        method, body = PLAIN, _little(rows.table, "<i8") + _little(rows.volume, "<f8")
    else:
        method, body = PACKED, _pack(rows)
    return _HEAD.pack(VERSION, method, zlib.crc32(body), count) + body


def decode(content: bytes) -> Rows:
    """The rows of one blob; RecordDamaged with words if a bit of it changed."""
    try:
        version, method, checksum, count = _HEAD.unpack_from(content)
        body = content[_HEAD.size :]
        if version != VERSION or method not in (PLAIN, PACKED):
            raise ValueError(f"version {version}, method {method}")
        if zlib.crc32(body) != checksum:
            raise ValueError("checksum differs")
        return _unpack(body, count) if method == PACKED else _plain(body, count)
    except (ValueError, struct.error, zlib.error) as error:
        raise RecordDamaged(
            "A part of this session's recording is damaged. It was left as it is and nothing was "
            "drawn from it. Its trades and events can still be read; restore the database from "
            "the folder 'backups' to see its prices.",
            details=repr(error),
        ) from error


def _little(values: IntMatrix | FloatColumn, kind: str) -> bytes:
    return np.ascontiguousarray(values, kind).tobytes()


def _plain(body: bytes, count: int) -> Rows:
    numbers = np.frombuffer(body, "<i8")
    if len(numbers) != count * _NUMBERS:
        raise ValueError("length differs")
    cut = count * ROW_WIDTH
    table = numbers[:cut].reshape(count, ROW_WIDTH).astype(np.int64)
    return Rows(table, numbers[cut:].view("<f8").astype(np.float64))


def _pack(rows: Rows) -> bytes:
    numbers = np.empty((_NUMBERS, len(rows)), "<i8")
    numbers[:ROW_WIDTH] = rows.table.T
    # Volumes jump: their bits are kept as they are.
    numbers[ROW_WIDTH] = np.ascontiguousarray(rows.volume, "<f8").view("<i8")
    # Wrapping differences undo themselves exactly, whatever the numbers are.
    numbers[:ROW_WIDTH, 1:] -= numbers[:ROW_WIDTH, :-1].copy()
    planes = numbers.view(np.uint8).reshape(-1, 8).T
    return zlib.compress(np.ascontiguousarray(planes).tobytes(), _LEVEL)


def _unpack(body: bytes, count: int) -> Rows:
    planes = np.frombuffer(zlib.decompress(body), np.uint8).reshape(8, _NUMBERS * count)
    numbers = np.ascontiguousarray(planes.T).view("<i8").reshape(_NUMBERS, count)
    table = np.cumsum(numbers[:ROW_WIDTH], axis=1, dtype=np.int64).T
    volume = numbers[ROW_WIDTH].view("<f8").astype(np.float64)
    return Rows(np.ascontiguousarray(table), volume)
