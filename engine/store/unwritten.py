"""What a session did while the database could not be written, in a file beside it.

One line for each batch: the CRC-32 of the rest in hex, a blank, and JSON. Integers are
little-endian int64 and, like the rows (see `row_codec`), base64. A line that a crash cut is left
out with all that comes after it: what stands before it is whole.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import zlib
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.extra_feeds import Followed
from engine.domain.rows import Rows
from engine.errors import RecordDamaged
from engine.messages.events import EVENT_WIDTH
from engine.store.followed_codec import from_rows, to_rows
from engine.store.row_codec import decode, encode

FOLDER: Final = "unwritten"
_SUFFIX: Final = ".jsonl"


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A batch of a session's steps, in its place: after so many events, rows, extra candles."""

    bot_id: int
    session_id: int
    first_event: int
    first_row: int
    rows: Rows
    events: IntMatrix
    notes: list[str]
    state: IntColumn
    """The kernel's, after the batch."""
    event_hash: bytes
    followed: tuple[tuple[int, Followed], ...] = ()
    """Candles of other markets that came to be known, each behind the number of the first."""


class UnwrittenFile:
    """The file of one session. Its methods block; OSError when the disk does not take it."""

    def __init__(self, folder: Path, session_id: int) -> None:
        self.path = folder / f"session-{session_id}{_SUFFIX}"

    def append(self, batch: Unwritten) -> None:
        """On disk when this returns."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = json.dumps(_document(batch), separators=(",", ":")).encode()
        with open(self.path, "ab", buffering=0, opener=_private) as file:
            whole = file.seek(0, os.SEEK_END)
            try:
                _write_all(file, b"%08x %s\n" % (zlib.crc32(body), body))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(whole)  # behind half a line nothing would be read any more
                raise

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def set_aside(self) -> Path:
        """Out of the way, for a person to look at; where it lies then."""
        return self.path.rename(self.path.with_suffix(".set-aside"))

    def batches(self) -> tuple[list[Unwritten], bool]:
        """Those that are whole, and whether that is all of the file."""
        found: list[Unwritten] = []
        for line in self.path.read_bytes().splitlines():
            try:
                crc, body = line.split(b" ", 1)
                if int(crc, 16) != zlib.crc32(body):
                    return found, False
                found.append(_batch(json.loads(body)))
            except (ValueError, KeyError, TypeError, binascii.Error, RecordDamaged):
                return found, False
        return found, True


def left_behind(folder: Path) -> list[UnwrittenFile]:
    """The files of a program that ended before it could write, by session."""
    names = (path.stem.removeprefix("session-") for path in folder.glob(f"session-*{_SUFFIX}"))
    numbers = sorted(int(name) for name in names if name.isdigit())
    return [UnwrittenFile(folder, number) for number in numbers]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write_all(file: RawIOBase, line: bytes) -> None:
    """A disk that fills takes a part, and refuses only what comes after it."""
    rest = memoryview(line)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _document(batch: Unwritten) -> dict[str, object]:
    return {
        "bot": batch.bot_id,
        "session": batch.session_id,
        "first_event": batch.first_event,
        "first_row": batch.first_row,
        "rows": _text(encode(batch.rows)),
        "events": _text(np.ascontiguousarray(batch.events, "<i8").tobytes()),
        "notes": batch.notes,
        "state": _text(np.ascontiguousarray(batch.state, "<i8").tobytes()),
        "hash": batch.event_hash.hex(),
        "followed": [
            [one.symbol, one.candles.timeframe_ms, first, _text(encode(to_rows(one)))]
            for first, one in batch.followed
        ],
    }


def _batch(document: dict[str, Any]) -> Unwritten:
    return Unwritten(
        bot_id=int(document["bot"]),
        session_id=int(document["session"]),
        first_event=int(document["first_event"]),
        first_row=int(document["first_row"]),
        rows=decode(_bytes(document["rows"])),
        events=_integers(document["events"]).reshape(-1, EVENT_WIDTH),
        notes=[str(note) for note in document["notes"]],
        state=_integers(document["state"]),
        event_hash=bytes.fromhex(document["hash"]),
        followed=tuple(
            (int(first), from_rows(str(symbol), int(timeframe_ms), decode(_bytes(rows))))
            for symbol, timeframe_ms, first, rows in document["followed"]
        ),
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _integers(text: str) -> IntColumn:
    return np.frombuffer(_bytes(text), "<i8").astype(np.int64)
