"""A file's bytes as text lines, or words about what it is instead."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import Final

from engine.errors import FileRefused

_OTHER_KINDS: Final = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "a Feather file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
)
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_EXPORT: Final = "Export it as CSV text and choose that file."


def read_text(path: Path) -> bytes:
    """The file as UTF-8 bytes without byte order mark; gzip and a zip of one file are unpacked.

    Raises FileRefused for what is missing, unreadable, empty or not text.
    """
    content = _unpacked(path, _content(path))
    for mark, kind in _OTHER_KINDS:
        if content.startswith(mark):
            raise FileRefused(f"{path.name} is {kind}, not a CSV file. {_EXPORT}")
    if content.startswith(_UTF16_MARKS):
        content = _decoded(path, content, "utf-16").encode()
    content = content.removeprefix(_UTF8_MARK)
    if b"\0" in content:
        raise FileRefused(f"{path.name} is a binary file, not CSV text. {_EXPORT}")
    if not content.strip():
        raise FileRefused(f"{path.name} is empty. Choose a CSV file with one line per row.")
    if not content.isascii():
        _decoded(path, content, "utf-8")
    first = content.lstrip()[:1]
    if first in (b"{", b"["):
        raise FileRefused(f"{path.name} is a JSON file, not CSV. {_EXPORT}")
    if first == b"<" and content.lstrip()[:5].lower() in (b"<!doc", b"<html", b"<?xml"):
        raise FileRefused(
            f"{path.name} is a web page, not CSV: probably the download failed. "
            "Download it again and look at what the page says."
        )
    return content


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise FileRefused(f"{path} is a folder. Choose a file in it.")
        return path.read_bytes()
    except FileNotFoundError:
        raise FileRefused(f"There is no file {path}. Check the name and the folder.") from None
    except PermissionError as error:
        raise FileRefused(
            f"{path} cannot be read: this user has no permission. Change the file's permissions "
            "or copy it to a folder of your own.",
            details=str(error),
        ) from None
    except (OSError, ValueError) as error:
        raise FileRefused(
            f"{path} cannot be read. Check the disk and the name, then try again.",
            details=str(error),
        ) from None


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"PK\x03\x04"):
            return _only_member(path, content)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise FileRefused(
            f"{path.name} is a damaged archive and cannot be unpacked. Download it again.",
            details=str(error),
        ) from None
    return content


def _only_member(path: Path, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if any(name.startswith(("xl/", "[Content_Types]")) for name in names):
            raise FileRefused(f"{path.name} is an Excel workbook, not a CSV file. {_EXPORT}")
        if len(names) != 1:
            raise FileRefused(
                f"{path.name} holds {len(names)} files. Unpack it and choose one of them."
            )
        return archive.read(names[0])


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(
            f"{path.name}, line {line}: the text is not UTF-8. Save the file as UTF-8 and "
            "choose it again.",
            details=str(error),
        ) from None
