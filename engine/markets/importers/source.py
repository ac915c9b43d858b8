"""A file of another program as it lies on disk: checked, unpacked, read in pieces."""

from __future__ import annotations

import codecs
import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.checksum import verify_checksum

HEAD: Final = 1 << 16
NOTHING_TAKEN: Final = tr("Nothing was taken; correct the file and choose it again.")
OTHER_FORMAT: Final = tr("Export it as CSV text and choose that file.")

_ALWAYS_UNPACKED: Final = 1 << 26
_MOST_TIMES: Final = 250
"""Candles shrink to a tenth, the dullest ones to a hundredth. What shrinks more is made to fill
disks."""
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_DAMAGES: Final = (
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    RuntimeError,
    struct.error,
)
"""RuntimeError: a zip with a password."""


_Readable = IO[bytes] | gzip.GzipFile


class Pieces:
    """The unpacked content of a file, from its beginning."""

    def __init__(self, path: Path, packed: IO[bytes], plain: _Readable) -> None:
        self._path, self._packed, self._plain = path, packed, plain
        self._size = path.stat().st_size
        self._given = 0
        self._decoder: codecs.IncrementalDecoder | None = None

    @property
    def done(self) -> int:
        """Bytes of the file on disk that were read."""
        return self._packed.tell()

    def read(self, count: int) -> bytes:
        """The next bytes, about `count` of them, UTF-16 as UTF-8 and without its mark; none at
        the end."""
        with _readable(self._path), _whole(self._path):
            piece = self._plain.read(count)
        if not self._given:
            piece = piece.removeprefix(_UTF8_MARK)
            if piece.startswith(_UTF16_MARKS):
                self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._given += len(piece)
        if self._given > max(_ALWAYS_UNPACKED, _MOST_TIMES * self._size):
            raise FileRefused(
                tr(
                    "{name} unpacks to more than {times} times its size, as no "
                    "candles do. Unpack it yourself and choose what is in it, if you "
                    "trust it.",
                    name=self._path.name,
                    times=_MOST_TIMES,
                )
            )
        return piece if self._decoder is None else self._decoded(self._decoder, piece)

    def _decoded(self, decoder: codecs.IncrementalDecoder, piece: bytes) -> bytes:
        try:
            return decoder.decode(piece, final=not piece).encode()
        except UnicodeError as error:
            raise FileRefused(
                tr(
                    "{name} begins as UTF-16 text and does not go on so. Save it as "
                    "UTF-8 and choose it again.",
                    name=self._path.name,
                ),
                details=str(error),
            ) from None


@dataclass(frozen=True, slots=True)
class Source:
    """`head`: the first bytes of its content. `packing`: "gzip", "zip" or empty. `verified`: a
    checksum lay beside it and was right."""

    path: Path
    packing: str
    head: bytes
    verified: bool

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    @contextmanager
    def open(self) -> Iterator[Pieces]:
        """Its content from the beginning; FileRefused for a damaged one, then or while reading."""
        with _readable(self.path):
            packed = self.path.open("rb")
        with packed:
            with _readable(self.path), _whole(self.path):
                plain = _UNPACKED[self.packing](self.path, packed)
            with plain:
                yield Pieces(self.path, packed, plain)

    def content(self) -> bytes:
        """All of it."""
        with self.open() as pieces:
            return b"".join(iter(lambda: pieces.read(1 << 24), b""))


def open_source(path: Path) -> Source:
    """Raises FileRefused for what is missing, unreadable, empty, damaged, or not what the
    checksum beside it says."""
    with _readable(path), path.open("rb") as file:
        start = file.read(4)
    packing = next((kind for mark, kind in _MARKS if start.startswith(mark)), "")
    with _readable(path):
        verified = verify_checksum(path)
    with Source(path, packing, b"", verified).open() as pieces:
        head = pieces.read(HEAD)
    if not head.strip():
        raise FileRefused(
            tr("{name} is empty. Choose a file with one line per row.", name=path.name)
        )
    return Source(path, packing, head, verified)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """The system's refusals in words."""
    try:
        if path.is_dir():
            raise FileRefused(tr("{path} is a folder. Choose a file in it.", path=path))
        yield
    except FileNotFoundError:
        raise FileRefused(
            tr("There is no file {path}. Check the name and the folder.", path=path)
        ) from None
    except PermissionError as error:
        raise FileRefused(
            tr(
                "{path} cannot be read: this user has no permission. Change the file's "
                "permissions or copy it to a folder of your own.",
                path=path,
            ),
            details=str(error),
        ) from None
    except (OSError, ValueError) as error:
        raise FileRefused(
            tr("{path} cannot be read. Check the disk and the name, then try again.", path=path),
            details=str(error),
        ) from None


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """What unpacking says of a damaged archive in words."""
    try:
        yield
    except _DAMAGES as error:
        raise FileRefused(
            tr(
                "{name} is a damaged archive and cannot be unpacked. Download it again.",
                name=path.name,
            ),
            details=str(error),
        ) from None


def _as_it_is(path: Path, packed: IO[bytes]) -> _Readable:
    return packed


def _gunzipped(path: Path, packed: IO[bytes]) -> _Readable:
    return gzip.open(packed)


def _only_member(path: Path, packed: IO[bytes]) -> _Readable:
    archive = zipfile.ZipFile(packed)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if any(name.startswith(("xl/", "[Content_Types]")) for name in names):
        raise FileRefused(
            tr(
                "{name} is an Excel workbook, not a CSV file. {other_format}",
                name=path.name,
                other_format=OTHER_FORMAT,
            )
        )
    if len(names) != 1:
        raise FileRefused(
            tr(
                "{name} holds {count} files. Unpack it and choose the folder, or one of them.",
                name=path.name,
                count=len(names),
            )
        )
    return archive.open(names[0])


_MARKS: Final = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"))
_UNPACKED: Final[dict[str, Callable[[Path, IO[bytes]], _Readable]]] = {
    "": _as_it_is,
    "gzip": _gunzipped,
    "zip": _only_member,
}
