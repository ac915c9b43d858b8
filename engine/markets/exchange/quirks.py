"""What ccxt calls things, and what single exchanges need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.domain.listings import Way

QUIRKS: Final[Mapping[str, Mapping[str, Any]]] = {
    # Without keys these need not be asked, and each costs a request at the start.
    "binance": {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False},
    "bybit": {"fetchMarkets": {"types": ["spot"]}},
    "okx": {"fetchMarkets": {"types": ["spot"]}},
}

BY_WAY: Final[Mapping[Way, str]] = {
    Way.TRADES: "watchTrades",
    Way.QUOTES: "watchTicker",
    Way.CANDLES: "watchOHLCV",
    Way.POLLED_TRADES: "fetchTrades",
    Way.POLLED_CANDLES: "fetchOHLCV",
}
"""The method of ccxt that each way of following prices needs."""
