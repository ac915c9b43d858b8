"""How far a table goes whose last rows cannot be read: what the file itself says of it.

SQLite keeps a table as a tree of pages; one that leads on holds, for each page below it but the
last, the highest row number there (https://www.sqlite.org/fileformat2.html, section 1.6).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

_LEADS_ON: Final = 5
_PAGE_SIZE_AT: Final = 16
_CELLS_AT: Final = 12
_HIGHEST_BYTE: Final = 8
"""Of a number: its bytes have seven bits each and say whether another follows, but the ninth."""


def last_named(path: Path, root: int) -> int:
    """The highest row number that the pages on the way to the table's end name; 0 for none. What is
    beyond it lies on pages that are not there, or are no pages of the table."""
    found = 0
    with path.open("rb") as file:
        file.seek(_PAGE_SIZE_AT)
        (size,) = struct.unpack(">H", file.read(2))
        size = 65_536 if size == 1 else size
        seen: set[int] = set()
        page = root
        while page and page not in seen:
            seen.add(page)
            file.seek((page - 1) * size)
            step = _step(file.read(size), size)
            if step is None:
                break
            found, page = max(found, step[0]), step[1]
    return found


def _step(content: bytes, size: int) -> tuple[int, int] | None:
    """The last row number that a page names, and the page behind that; None for one that does not
    lead on."""
    if len(content) < size or content[0] != _LEADS_ON:
        return None
    (count,) = struct.unpack_from(">H", content, 3)
    (behind,) = struct.unpack_from(">I", content, 8)
    if not count or _CELLS_AT + 2 * count > size:
        return None
    (place,) = struct.unpack_from(">H", content, _CELLS_AT + 2 * (count - 1))
    return _number(content[place + 4 : place + 4 + 9]), behind


def _number(content: bytes) -> int:
    found = 0
    for place, byte in enumerate(content):
        if place == _HIGHEST_BYTE:
            return found << 8 | byte
        found = found << 7 | byte & 127
        if byte < 128:
            break
    return found
