"""When a market's spread is worth a row."""

from __future__ import annotations

from typing import Final

from engine.domain.reasons import Input
from engine.domain.rows import Rows, input_row
from engine.markets.exchange.reading import Quote

SPREAD_EVERY_MS: Final = 1_000
_MOVED: Final = 0.1


class SpreadRows:
    """An input when the spread moved by a tenth, at most once a second."""

    def __init__(self) -> None:
        self._told_at = self._told = 0

    def of(self, quote: Quote, row_at: int) -> Rows | None:
        """The row of this quote, stamped `row_at`; None where nothing new is to be told."""
        spread = quote.spread_ppm
        if spread is None or quote.at - self._told_at < SPREAD_EVERY_MS:
            return None
        if abs(spread - self._told) <= _MOVED * self._told:
            return None
        self._told_at, self._told = quote.at, spread
        return input_row(Input.SPREAD, row_at, spread)
