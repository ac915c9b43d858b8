"""Which rows carry prices."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core.compiled import part
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix


@part
def has_prices(rows: IntMatrix, row: int) -> bool:
    """Whether something can be filled in this row: of a price of zero or less nothing can."""
    kind = rows[row, row_column.KIND]
    if kind != codes.ROW_BAR and kind != codes.ROW_PRICE:
        return False
    lowest: int = min(rows[row, row_column.OPEN], rows[row, row_column.LOW])
    return lowest > 0


@part
def last_close(state: IntColumn, rows: IntMatrix, row: int) -> int:
    """Close of the last row with prices before `row`."""
    for before in range(row - 1, -1, -1):
        if has_prices(rows, before):
            price: int = rows[before, row_column.CLOSE]
            return price
    known: int = state[slot.LAST_CLOSE]
    return known
