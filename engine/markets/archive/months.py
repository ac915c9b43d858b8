"""Calendar months, UTC, as moments in ms."""

from __future__ import annotations

import numpy as np

from engine.domain.columns import IntColumn


def month_starts(from_at: int, to_at: int) -> IntColumn:
    """First moments of the months that [from_at, to_at) touches, and of the one after them."""
    first = np.datetime64(from_at, "ms").astype("datetime64[M]")
    last = np.datetime64(max(from_at, to_at - 1), "ms").astype("datetime64[M]")
    months = np.arange(first, last + 2)
    starts: IntColumn = months.astype("datetime64[ms]").astype(np.int64)
    return starts


def month_start(at: int) -> int:
    """The first moment of its month."""
    return int(month_starts(at, at + 1)[0])


def month_end(at: int) -> int:
    """The first moment of the next month."""
    return int(month_starts(at, at + 1)[1])
