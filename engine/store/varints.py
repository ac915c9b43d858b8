"""Whole numbers in as many bytes as they need: seven bits a byte, low ones first, the highest bit
set in all but the last byte of a number (the base-128 of LEB128 and Protocol Buffers)."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.columns import IntColumn

Unsigned = np.ndarray[tuple[int], np.dtype[np.uint64]]

_MOST: Final = 10
"""Bytes of 64 bits."""
_STEPS: Final = np.uint64(7) * np.arange(_MOST, dtype=np.uint64)
_AT_ONCE: Final = 1 << 14
"""Numbers worked on together: their bytes stay in the processor's cache."""


def zigzag(values: IntColumn) -> Unsigned:
    """Signed numbers as unsigned ones, small when they are near 0: 0, -1, 1, -2 become 0 to 3."""
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def unzigzag(numbers: Unsigned) -> IntColumn:
    """What `zigzag` was given."""
    values: IntColumn = (numbers >> np.uint64(1)).view(np.int64)
    return values ^ -(numbers & np.uint64(1)).view(np.int64)


def lengths(numbers: Unsigned) -> IntColumn:
    """How many bytes each number takes, 1 to 10."""
    size = np.ones(len(numbers), np.int64)
    largest = int(numbers.max()) if len(numbers) else 0
    for step in range(7, largest.bit_length(), 7):
        size += numbers >= np.uint64(1 << step)
    return size


def to_varints(numbers: Unsigned) -> bytes:
    """The numbers one after the other."""
    parts = [
        _written(numbers[start : start + _AT_ONCE]) for start in range(0, len(numbers), _AT_ONCE)
    ]
    return b"".join(parts)


def _written(numbers: Unsigned) -> bytes:
    size = lengths(numbers)
    place = np.arange(size.max())
    low = (numbers[:, None] >> _STEPS[: len(place)]).astype(np.uint8) & 127
    low[place < size[:, None] - 1] |= 128
    return low[place < size[:, None]].tobytes()


def from_varints(content: bytes) -> Unsigned:
    """The numbers of `content`; ValueError if they are cut or longer than 64 bits."""
    found = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(found < 128)
    if not len(ends) or ends[-1] != len(found) - 1:
        raise ValueError("cut in the middle of a number")
    starts = np.concatenate(([0], ends[:-1] + 1))
    size = ends - starts + 1
    if size.max() > _MOST:
        raise ValueError("a number longer than 64 bits")
    numbers = (found[starts] & 127).astype(np.uint64)
    for place in range(1, int(size.max())):
        longer = np.flatnonzero(size > place)
        part = (found[starts[longer] + place] & 127).astype(np.uint64)
        numbers[longer] |= part << _STEPS[place]
    return numbers
