"""What a price chart shows, as plain values that its layers read while they paint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont

from trader_gui.charts.candles import CandleColumns, Times
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.marks import (
    Future,
    LevelPath,
    Pane,
    PositionMark,
    TradeColumns,
    TradeMark,
)
from trader_gui.charts.pyramid import MinMaxPyramid
from trader_gui.charts.ticks import MINUTE_MS
from trader_gui.theme.fonts import Role, font
from trader_gui.theme.laid_out import LaidOut

Indices = NDArray[np.int64]
T = TypeVar("T")
_NEVER = np.iinfo(np.int64)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The few sizes a chart writes in."""

    small: QFont
    strong: QFont
    tag: QFont
    title: QFont
    labels: LaidOut
    """Of `strong`."""

    @classmethod
    def scaled(cls, scale: float) -> Fonts:
        """The theme's typeface at a text scale (1.0 is 100 %)."""
        strong = font(Role.SMALL, scale)
        strong.setWeight(QFont.Weight.DemiBold)
        title = font(Role.STRONG, scale)
        return cls(font(Role.SMALL, scale), strong, strong, title, LaidOut(strong))


@dataclass(slots=True)
class IndicatorLine:
    """One indicator column, its colour slot and where it is drawn."""

    name: str
    values: MinMaxPyramid
    slot: int
    pane: Pane


@dataclass(frozen=True, slots=True)
class LastPrice:
    """The newest price and the text under it (countdown, or its age when stale)."""

    price: float
    text: str
    stale: bool


class TradeTable:
    """Trades as columns of times, sorted by entry, so that the visible ones are found by search."""

    def __init__(self, trades: TradeColumns) -> None:
        self._trades = trades
        self._order = np.argsort(trades.entry_at, kind="stable")
        self.entry_at: Times = trades.entry_at[self._order]
        self.exit_at: Times = trades.exit_at[self._order]
        self._latest_exit: Times = np.maximum.accumulate(self.exit_at)

    def __len__(self) -> int:
        return len(self._order)

    def mark(self, place: int) -> TradeMark:
        """The trade at a place in order of entries."""
        return self._trades.mark(int(self._order[place]))

    def place_of(self, number: int) -> int:
        """Where the trade with this number stands; -1 for none."""
        if number < 0:
            return -1
        found = np.flatnonzero(self._trades.number[self._order] == number)
        return int(found[0]) if len(found) else -1

    def visible(self, from_at: int, to_at: int) -> range:
        """Places that may touch the time from `from_at` up to (not with) `to_at`."""
        start = int(np.searchsorted(self._latest_exit, from_at, side="left"))
        stop = int(np.searchsorted(self.entry_at, to_at, side="left"))
        return range(start, max(start, stop))


@dataclass(slots=True)
class ChartModel:
    """Everything the layers of one price chart read. Changed only by its PriceChart."""

    colors: ChartColors
    fonts: Fonts
    candles: CandleColumns = field(default_factory=CandleColumns.empty)
    symbol: str = ""
    note: str = ""
    timeframe_ms: int = MINUTE_MS
    decimals: int = 2
    lines: list[IndicatorLine] = field(default_factory=list)
    trades: TradeTable = field(default_factory=lambda: TradeTable(TradeColumns.of(())))
    position: PositionMark | None = None
    level_paths: list[LevelPath] = field(default_factory=list)
    last_price: LastPrice | None = None
    cursor_at: int | None = None
    future: Future = "dimmed"
    hover_index: int | None = None
    hover_price: float | None = None
    flash_index: int | None = None
    selected_trade: int = -1
    _kept: dict[object, Any] | None = None

    def keep(self, kept: dict[object, Any] | None) -> None:
        """From here on what is worked out `once` is kept there; None: nothing changes unseen any
        more."""
        self._kept = kept

    def once(self, work: Callable[..., T], *of: object) -> T:
        """``work(self, *of)``, or what it came to before in the paint that goes on."""
        if self._kept is None:
            return work(self, *of)
        key = work, *of
        if key not in self._kept:
            self._kept[key] = work(self, *of)
        found: T = self._kept[key]
        return found

    @property
    def cursor_index(self) -> int | None:
        """The last bar that had closed by the review's cursor, -1 before the first; None
        without a cursor."""
        return self.once(_cursor_index)

    @property
    def shown_bars(self) -> int:
        """Bars that may be seen: all, or those up to the cursor while the future is hidden."""
        count, cursor = len(self.candles), self.cursor_index
        return count if cursor is None or self.future != "hidden" else min(count, cursor + 1)

    def legend_index(self) -> int | None:
        """The bar the legend tells of: under the crosshair, else the cursor's, else the last."""
        count = self.shown_bars
        if not count:
            return None
        if self.hover_index is not None and 0 <= self.hover_index < count:
            return self.hover_index
        cursor = self.cursor_index
        return count - 1 if cursor is None else min(max(cursor, 0), count - 1)

    def bars_of(self, at: Times) -> Indices:
        """The bar that each moment lies in, -1 before the first."""
        return np.searchsorted(self.candles.time, at, side="right").astype(np.int64) - 1

    def opens_at(self, bar: int) -> int:
        """When a bar opens; before and after all moments for one that is not there."""
        if bar < 0:
            return _NEVER.min
        return int(self.candles.time[bar]) if bar < len(self.candles) else _NEVER.max


def _cursor_index(model: ChartModel) -> int | None:
    if model.cursor_at is None:
        return None
    return model.candles.index_at(model.cursor_at - model.timeframe_ms)
