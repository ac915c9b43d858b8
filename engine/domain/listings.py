"""What an exchange lists: markets with their steps and fees, and how its prices can be had."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.market import Market


class Way(StrEnum):
    """How live prices come, best first."""

    TRADES = "trades"
    """Every trade, by websocket."""
    QUOTES = "quotes"
    """Best bid and ask, by websocket; the price is the last trade where it is told."""
    CANDLES = "candles"
    """The forming candle, by websocket."""
    POLLED_TRADES = "polled trades"
    POLLED_CANDLES = "polled candles"

    @property
    def pushed(self) -> bool:
        return self in (Way.TRADES, Way.QUOTES, Way.CANDLES)


@dataclass(frozen=True, slots=True)
class Listing:
    """One market of an exchange as a person chooses it."""

    market: Market
    maker_pct: Decimal
    """Fee in percent of the order's value."""
    taker_pct: Decimal
    active: bool
    """False for a market that is halted or delisted."""
    timeframes: tuple[int, ...]
    """Of the candles the exchange makes itself, ms, shortest first."""
    derivative: bool = False

    @property
    def symbol(self) -> str:
        return self.market.symbol


class FeedCondition(StrEnum):
    """How a bot's prices come in right now."""

    FRESH = "fresh"
    CONNECTING = "connecting"
    STALE = "stale"
    """Nothing came for longer than the limit; entries are refused meanwhile."""
    WAITING = "waiting"
    """The exchange asked for patience, or is closed for maintenance."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """Beside a bot's price: where it comes from and how it is doing."""

    exchange: str
    way: Way | None
    condition: FeedCondition
    words: str
    """``Trades by websocket``, ``Reconnecting, attempt 3 in 12 s``."""
    skew_ms: int | None = None
    """The exchange's clock minus ours, None until measured."""
    reconnects: int = 0
    """Since the bot began to listen."""
