"""Arrow's columns as NumPy's, and back. Arrow's own way imports pandas, for which a backtest would
wait longer than for all of its candles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from engine.domain.columns import BoolColumn, FloatColumn, IntColumn


def floats(column: Any) -> FloatColumn:
    """A float64 column, NaN where a cell is empty; without a copy where none is."""
    found = _values(column, np.dtype(np.float64))
    return np.where(there(column), found, np.nan) if column.null_count else found


def integers(column: Any, empty: int) -> IntColumn:
    """An int64 column, `empty` where a cell is."""
    found = _values(column, np.dtype(np.int64))
    return np.where(there(column), found, empty) if column.null_count else found


def there(column: Any) -> BoolColumn:
    """Which cells are not empty."""
    parts = [np.ones(0, np.bool_)]
    for chunk in _chunks(column):
        if chunk.null_count and chunk.buffers()[0] is not None:
            bits = np.unpackbits(np.frombuffer(chunk.buffers()[0], np.uint8), bitorder="little")
            parts.append(bits[chunk.offset : chunk.offset + len(chunk)].astype(np.bool_))
        else:
            parts.append(np.full(len(chunk), chunk.null_count == 0))
    return parts[1] if len(parts) == 2 else np.concatenate(parts)


def column_of(numbers: FloatColumn) -> pa.Array:
    """A float64 column of these numbers, NaN among them."""
    content = pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(pa.float64(), len(numbers), [None, content])


def mask_of(used: BoolColumn) -> pa.Array:
    """For Arrow's filter."""
    bits = pa.py_buffer(np.packbits(used, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(used), [None, bits])


def _values(column: Any, kind: np.dtype[Any]) -> np.ndarray:
    parts = [
        np.frombuffer(chunk.buffers()[1], kind, len(chunk), chunk.offset * kind.itemsize)
        for chunk in _chunks(column)
        if len(chunk)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, kind), *parts])


def _chunks(column: Any) -> list[Any]:
    return list(column.chunks) if isinstance(column, pa.ChunkedArray) else [column]
