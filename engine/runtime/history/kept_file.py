"""The columns of a review in one file, as they lie in memory: opening it unpacks nothing.

Layout: magic, length and crc32 of the head, the head as JSON, then each column from a multiple of
64 bytes on; tables as columns, too: who asks for one of them reads no other. The head says of what
the file is a copy (`stamp`), and where each column lies. The columns' own checksum is for whoever
has the time to read them all (`is_whole`).
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.sessions import SessionRecord
from engine.messages.events import EventColumns
from engine.messages.histories import CandleColumns, IntTable
from engine.messages.review import Review
from engine.runtime.history.archive import market_of

_MAGIC: Final = b"trader-gui review 1\n"
_HEAD: Final = struct.Struct("<20sII")
_ALIGN: Final = 64
_CANDLES: Final = ("open_at", "open", "high", "low", "close", "volume")
_INDICATOR: Final = "indicator "
_TYPES: Final = ("<i8", "<f8", "|u1")

Column = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is mapped: its columns are read when they are looked at."""

    head: Mapping[str, Any]
    columns: Mapping[str, Column]

    def is_whole(self) -> bool:
        """Whether every byte is what was written. Reads all of it."""
        return bool(_checksum(self.columns.values()) == self.head["checksum"])

    def review(self, record: SessionRecord, missing: str) -> Review:
        """What was kept; `record` is the session's as it is stored now. ValueError where the
        columns do not fit together."""
        found, head = self.columns, self.head
        timeframe_ms = record.settings.timeframe_ms
        opened, *prices = (found[name] for name in _CANDLES)
        o, h, low, c, volume = prices
        candles = Candles(opened, o, h, low, c, volume, timeframe_ms)
        indicators = {
            name.removeprefix(_INDICATOR): column
            for name, column in found.items()
            if name.startswith(_INDICATOR)
        }
        texts = found["notes"].tobytes().decode().split("\0")
        notes = dict(zip(found["noted"].tolist(), texts, strict=bool(len(found["noted"]))))
        return Review(
            record=record,
            market=market_of(record.settings),
            log=EventColumns(found["log"].T, notes),
            candles=CandleColumns(candles, indicators),
            first_bar=int(head["first_bar"]),
            equity=IntTable.of(found["equity"].T),
            price_at=found["price_at"],
            price=found["price"],
            off_price=frozenset(head["off_price"]),
            missing=missing,
        )


def write(path: Path, stamp: str, review: Review) -> None:
    """Keep a review; all of the file is there, or nothing. OSError where it cannot be written."""
    columns = _columns(review)
    places, end = [], 0
    for name, column in columns.items():
        places.append((name, column.dtype.str, column.shape, end))
        end += -(-column.nbytes // _ALIGN) * _ALIGN
    head = json.dumps(
        {
            "stamp": stamp,
            "first_bar": review.first_bar,
            "off_price": sorted(review.off_price),
            "columns": places,
            "length": end,
            "checksum": _checksum(columns.values()),
        }
    ).encode()
    unfinished = path.with_suffix(".part")
    try:
        with unfinished.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, len(head), zlib.crc32(head)) + head)
            begin = _begin(len(head))
            for column, (_, _, _, start) in zip(columns.values(), places, strict=True):
                file.seek(begin + start)
                column.tofile(file)
            file.truncate(begin + end)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def read(path: Path, stamp: str) -> KeptFile | None:
    """The copy of what `stamp` says; None where there is none, or not a whole one."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, length, checksum = _HEAD.unpack_from(mapped)
        text = mapped[_HEAD.size : _HEAD.size + length]
        if magic != _MAGIC or zlib.crc32(text) != checksum:
            return None
        head = json.loads(text)
        begin = _begin(length)
        if head["stamp"] != stamp or len(mapped) != begin + head["length"]:
            return None
        return KeptFile(head, dict(_mapped(mapped, begin, head["columns"])))
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def _begin(head: int) -> int:
    return -(-(_HEAD.size + head) // _ALIGN) * _ALIGN


def _columns(review: Review) -> dict[str, Column]:
    length = len(review.candles)
    candles = review.candles.candles(length)
    table = review.log.table
    noted = {at: review.log.note(at) for at in range(len(table)) if review.log.note(at)}
    columns: dict[str, Column] = {name: getattr(candles, name) for name in _CANDLES}
    for name, values in review.candles.indicators(length).items():
        columns[_INDICATOR + name] = values
    columns |= {
        "equity": review.equity.table.T,
        "price_at": review.price_at,
        "price": review.price,
        "log": table.T,
        "noted": np.array(list(noted), np.int64),
        "notes": np.frombuffer("\0".join(noted.values()).encode(), np.uint8),
    }
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}


def _mapped(
    mapped: mmap.mmap, begin: int, places: list[tuple[str, str, list[int], int]]
) -> Iterator[tuple[str, Column]]:
    for name, kind, shape, start in places:
        if kind not in _TYPES:
            raise ValueError(f"{name} is {kind}")
        count = int(np.prod(shape))
        yield name, np.frombuffer(mapped, kind, count, begin + start).reshape(shape)


def _checksum(columns: Any) -> int:
    found = 0
    for column in columns:
        found = zlib.crc32(column.reshape(-1).view(np.uint8), found)
    return found
