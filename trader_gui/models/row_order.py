"""The order of a table's rows by the values of a column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ordered(values: NDArray[Any], descending: bool) -> NDArray[np.intp]:
    """A stable order of `values`; unknown ones (NaN, empty text) come last either way."""
    if values.dtype.kind in "OUS":
        texts = values.astype(str)
        unknown = texts == ""
        _, ranks = np.unique(texts, return_inverse=True)
        numbers = ranks.astype(np.float64)
        numbers[unknown] = np.nan
    elif values.dtype.kind == "f":
        numbers = values
    else:
        # Integers stay integers: 63-bit times and ids do not fit a float.
        numbers = values.astype(np.int64)
    return np.argsort(-numbers if descending else numbers, kind="stable")
