"""The mapping of one frame: bar index and price to pixels of a pane, and back."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import overload

from trader_gui.charts.pyramid import Floats


@dataclass(frozen=True, slots=True)
class Frame:
    """What a pane shows: x from `left` to `right` (bar index), y from `low` to `high` (price).

    Bar i has its middle at index i and is one wide. Pixels count from the top left corner.
    """

    left: float
    right: float
    low: float
    high: float
    width: float
    height: float

    @property
    def bar_px(self) -> float:
        """Pixels from one bar to the next."""
        return self.width / (self.right - self.left)

    @property
    def first(self) -> int:
        """First bar of which any part is in view (may be negative)."""
        return floor(self.left + 0.5)

    @property
    def last(self) -> int:
        """One past the last bar of which any part is in view."""
        return ceil(self.right + 0.5)

    @overload
    def x(self, index: float) -> float: ...
    @overload
    def x(self, index: Floats) -> Floats: ...
    def x(self, index: float | Floats) -> float | Floats:
        """Pixel column of a bar index."""
        return (index - self.left) * (self.width / (self.right - self.left))

    @overload
    def y(self, price: float) -> float: ...
    @overload
    def y(self, price: Floats) -> Floats: ...
    def y(self, price: float | Floats) -> float | Floats:
        """Pixel row of a price."""
        return (self.high - price) * (self.height / (self.high - self.low))

    def index(self, x: float) -> float:
        """Bar index at a pixel column."""
        return self.left + x * (self.right - self.left) / self.width

    def price(self, y: float) -> float:
        """Price at a pixel row."""
        return self.high - y * (self.high - self.low) / self.height
