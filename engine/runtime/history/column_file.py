"""Columns in one file, as they lie in memory: opening it unpacks nothing.

Layout: magic, length and crc32 of the head, the head as JSON, then each column from a multiple of
64 bytes on. The head says of what the file is a copy (`stamp`), and where each column lies. The
columns' own checksum is for whoever has the time to read them all (`is_whole`).
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

DRAFT: Final = ".part"
"""Ending of a file that is being written."""
_HEAD: Final = struct.Struct("<20sII")
_ALIGN: Final = 64
_TYPES: Final = ("<i8", "<f8", "|u1")

Column = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class ColumnFile:
    """A file that is mapped: its columns are read when they are looked at."""

    head: Mapping[str, Any]
    columns: Mapping[str, Column]

    def is_whole(self) -> bool:
        """Whether every byte is what was written. Reads all of it."""
        return bool(_checksum(self.columns.values()) == self.head["checksum"])


def write(
    path: Path,
    magic: bytes,
    stamp: str,
    columns: Mapping[str, Column],
    more: Mapping[str, Any] | None = None,
) -> None:
    """Keep contiguous columns, and in the head what is `more`; all of the file is there, or
    nothing. OSError where it cannot be written."""
    places, end = [], 0
    for name, column in columns.items():
        places.append((name, column.dtype.str, column.shape, end))
        end += -(-column.nbytes // _ALIGN) * _ALIGN
    told = {"stamp": stamp, "columns": places, "length": end}
    told |= {"checksum": _checksum(columns.values()), **(more or {})}
    head = json.dumps(told).encode()
    unfinished = path.with_name(path.name + DRAFT)
    try:
        with unfinished.open("wb") as file:
            file.write(_HEAD.pack(magic, len(head), zlib.crc32(head)) + head)
            begin = _begin(len(head))
            for column, (_, _, _, start) in zip(columns.values(), places, strict=True):
                file.seek(begin + start)
                column.tofile(file)
            file.truncate(begin + end)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def read(path: Path, magic: bytes, stamp: str) -> ColumnFile | None:
    """The copy of what `stamp` says; None where there is none, or not a whole one."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        found, length, checksum = _HEAD.unpack_from(mapped)
        text = mapped[_HEAD.size : _HEAD.size + length]
        if found != magic or zlib.crc32(text) != checksum:
            return None
        head = json.loads(text)
        begin = _begin(length)
        if head["stamp"] != stamp or len(mapped) != begin + head["length"]:
            return None
        return ColumnFile(head, dict(_mapped(mapped, begin, head["columns"])))
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def _begin(head: int) -> int:
    return -(-(_HEAD.size + head) // _ALIGN) * _ALIGN


def _mapped(
    mapped: mmap.mmap, begin: int, places: list[tuple[str, str, list[int], int]]
) -> Iterator[tuple[str, Column]]:
    for name, kind, shape, start in places:
        if kind not in _TYPES:
            raise ValueError(f"{name} is {kind}")
        count = int(np.prod(shape))
        yield name, np.frombuffer(mapped, kind, count, begin + start).reshape(shape)


def _checksum(columns: Iterable[Column]) -> int:
    found = 0
    for column in columns:
        found = zlib.crc32(column.reshape(-1).view(np.uint8).data, found)
    return found
