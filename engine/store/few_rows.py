"""A few rows as the numbers of `row_codec`, without NumPy.

Of hundreds of bots each stores a handful of rows every few seconds. On so few NumPy spends its time
on beginning: half of the writing thread's, and the loop waited for the interpreter meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from math import copysign
from struct import pack, unpack
from typing import Final

from engine.domain.rows import Rows

FEW: Final = 32
"""So many at most: from about a hundred on NumPy is quicker."""
MOST_DECIMALS: Final = 12
MOST_COUNT: Final = 1 << 48
ODD_BYTES: Final = 11
"""What a volume takes that is no decimal: ten bytes and its place."""
_ALL_BITS: Final = (1 << 64) - 1
_SIGN: Final = 1 << 63


def few_numbers(rows: Rows) -> list[int]:
    """The numbers of these rows, at least one, in the order of `row_codec`."""
    kinds, times, opens, highs, lows, closes = zip(*rows.table.tolist(), strict=True)
    kind = list(_steps(kinds))
    changes = [place for place, step in enumerate(kind) if step]
    prices = list(zip(opens, highs, lows, closes, strict=True))
    shaped = [place for place, (first, *rest) in enumerate(prices) if rest != [first] * 3]
    decimals, odd, counts = _decimal(rows.volume.tolist())
    return [
        *(decimals, len(changes), len(shaped), len(odd)),
        *_steps(changes),
        *_zigzag(kind[place] for place in changes),
        *_zigzag(_steps(times)),
        *_zigzag(now - before for before, now in zip((0, *closes), opens, strict=False)),
        *_steps(shaped),
        *_zigzag(side[place] - opens[place] for side in (highs, lows, closes) for place in shaped),
        *_steps(odd),
        *(unpack("<Q", pack("<d", rows.volume[place]))[0] for place in odd),
        *counts,
    ]


def few_varints(numbers: Iterable[int]) -> bytes:
    """The same as `varints.to_varints`."""
    content = bytearray()
    for number in numbers:
        while number > 127:
            content.append(number & 127 | 128)
            number >>= 7
        content.append(number)
    return bytes(content)


def _steps(values: Sequence[int]) -> Iterator[int]:
    return (now - before for before, now in pairwise(chain((0,), values)))


def _zigzag(values: Iterable[int]) -> Iterator[int]:
    """Differences of 64 bits wrap, as NumPy's do."""
    for value in values:
        wrapped = (value + _SIGN & _ALL_BITS) - _SIGN
        yield (wrapped << 1 ^ wrapped >> 63) & _ALL_BITS


def _decimal(volume: Sequence[float]) -> tuple[int, list[int], list[int]]:
    """How many decimals make `volume` smallest, where it is not exact, and the other counts."""
    best: tuple[int, list[int], list[int]] | None = None
    least = 0
    for decimals in range(MOST_DECIMALS + 1):
        scale = 10.0**decimals
        found = [_count(value, scale) for value in volume]
        odd = [place for place, count in enumerate(found) if count is None]
        counts = [count for count in found if count is not None]
        size = sum(max(1, -(-count.bit_length() // 7)) for count in counts) + ODD_BYTES * len(odd)
        if best is None or size < least:
            best, least = (decimals, odd, counts), size
        if not odd:
            break
    assert best is not None, "there is a first number of decimals"
    return best


def _count(value: float, scale: float) -> int | None:
    """What gives `value` back bit for bit when it is divided by `scale`; None for nothing."""
    scaled = value * scale
    if not -1.0 < scaled < MOST_COUNT:
        return None
    count = round(scaled)
    exact = 0 <= count < MOST_COUNT and count / scale == value and copysign(1.0, value) > 0
    return count if exact else None
