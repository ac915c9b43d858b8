"""What is kept of a market's past: which candles, from when to when, and how good they are."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.candles import timeframe_text


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """Candles of one market and timeframe. `exchange` is a ccxt name or a person's own word."""

    exchange: str
    symbol: str
    timeframe_ms: int

    @property
    def label(self) -> str:
        """``binance BTC/USDT 1m``"""
        return f"{self.exchange} {self.symbol} {timeframe_text(self.timeframe_ms)}"


@dataclass(frozen=True, slots=True)
class MonthCover:
    """One calendar month (UTC) of a series, within the series' first and last candle."""

    first_at: int
    """The month's first moment."""
    bars: int
    expected: int
    """How many whole candles the part of the month that is covered could have."""
    quiet: int
    """Missing candles that the exchange, when asked, did not have either."""
    damaged: bool = False
    """Its file was found changed and set aside; it can be downloaded or imported again."""

    @property
    def missing(self) -> int:
        return self.expected - self.bars

    @property
    def quality_pct(self) -> float | None:
        """Share of the candles that are there."""
        return 100 * self.bars / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A series as it lies on disk."""

    series: Series
    first_at: int
    """Open of the first candle, UTC ms."""
    last_at: int
    """Open of the last one."""
    bars: int
    size: int
    """Bytes on disk."""
    months: tuple[MonthCover, ...]
    gaps: tuple[tuple[int, int], ...]
    """(open of the first missing candle, how many), the longest first, at most a hundred."""

    @property
    def missing(self) -> int:
        return sum(month.missing for month in self.months)
