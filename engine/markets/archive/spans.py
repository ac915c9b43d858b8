"""Sets of moments as spans: int64 (n, 2), [from, to) each, sorted, apart from each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from engine.domain.columns import IntColumn, IntMatrix

NO_SPANS: Final[IntMatrix] = np.empty((0, 2), np.int64)


def spans_of(pairs: Iterable[tuple[int, int]] | IntMatrix) -> IntMatrix:
    """Any pairs, in any order, as such a set: empty ones left out, those that touch joined."""
    given = np.array(pairs if isinstance(pairs, np.ndarray) else list(pairs), np.int64)
    given = given.reshape(-1, 2)
    given = given[given[:, 0] < given[:, 1]]
    if not len(given):
        return NO_SPANS
    given = given[np.argsort(given[:, 0], kind="stable")]
    reach = np.maximum.accumulate(given[:, 1])
    begins = np.flatnonzero(np.concatenate(([True], given[1:, 0] > reach[:-1])))
    ends = np.concatenate((begins[1:], [len(given)])) - 1
    return np.column_stack((given[begins, 0], reach[ends]))


def joined_spans(*sets: IntMatrix) -> IntMatrix:
    """What is in any of them."""
    return spans_of(np.concatenate([NO_SPANS, *sets]))


def clipped(spans: IntMatrix, from_at: int, to_at: int) -> IntMatrix:
    """The part within [from_at, to_at)."""
    cut = np.clip(spans, from_at, max(from_at, to_at))
    return cut[cut[:, 0] < cut[:, 1]]


def outside(spans: IntMatrix, from_at: int, to_at: int) -> IntMatrix:
    """What of [from_at, to_at) is in none of them."""
    inside = clipped(spans, from_at, to_at)
    begins = np.concatenate(([from_at], inside[:, 1]))
    ends = np.concatenate((inside[:, 0], [to_at]))
    between = np.column_stack((begins, ends))
    return between[between[:, 0] < between[:, 1]]


def without(spans: IntMatrix, taken: IntMatrix) -> IntMatrix:
    """What of `spans` is not in `taken`."""
    if not len(spans) or not len(taken):
        return spans
    from_at, to_at = int(spans[0, 0]), int(spans[-1, 1])
    return outside(joined_spans(outside(spans, from_at, to_at), taken), from_at, to_at)


def length_before(spans: IntMatrix, at: IntColumn) -> IntColumn:
    """How much of the set lies before each moment, in ms; at int64 (n,)."""
    if not len(spans):
        return np.zeros(len(at), np.int64)
    lengths = spans[:, 1] - spans[:, 0]
    whole = np.concatenate(([0], np.cumsum(lengths)))
    last = np.searchsorted(spans[:, 0], at, side="right") - 1
    within = np.minimum(at - spans[last, 0], lengths[last])
    return np.where(last < 0, 0, whole[last] + within)
