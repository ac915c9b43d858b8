"""A ccxt object's markets as listings: steps, minimums and fees, exactly as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from engine.domain.listings import Listing
from engine.domain.market import Market

_SHORTEST_MS: Final = 1_000
_PPC: Final = Decimal(100)


def timeframes_of(ex: Any) -> tuple[int, ...]:
    """Of the candles it makes, ms, shortest first; none where they cannot be asked for."""
    if not ex.has.get("fetchOHLCV"):
        return ()
    found = {
        int(ex.parse_timeframe(text)) * 1000
        for text in (ex.timeframes or {})
        if not text.endswith(("M", "y", "Y"))  # months and years have no fixed length
    }
    return tuple(sorted(length for length in found if length >= _SHORTEST_MS))


def listing_of(ex: Any, market: Mapping[str, Any], frames: tuple[int, ...]) -> Listing | None:
    """None for what cannot be traded in steps, or is neither spot nor a linear future."""
    price_step = _step(ex, market["precision"].get("price"))
    order_step = _step(ex, market["precision"].get("amount"))
    if price_step is None or order_step is None or market.get("option"):
        return None
    if market.get("inverse"):
        return None
    limits = market.get("limits") or {}
    return Listing(
        market=Market(
            symbol=str(market["symbol"]),
            price_step=price_step,
            order_step=order_step,
            amount_unit=order_step,
            min_amount=_least(limits, "amount"),
            min_notional=_least(limits, "cost"),
            source=str(ex.id),
        ),
        maker_pct=_exact(market.get("maker")) * _PPC,
        taker_pct=_exact(market.get("taker")) * _PPC,
        active=market.get("active") is not False,
        timeframes=frames,
        derivative=bool(market.get("contract")),
    )


def _step(ex: Any, precision: object) -> Decimal | None:
    """ccxt tells precision as a step, or as a count of decimals; significant digits are no step."""
    value = _exact(precision)
    tick_size, decimal_places = 4, 2
    if ex.precisionMode == tick_size and value > 0:
        return value
    if ex.precisionMode == decimal_places and precision is not None:
        return Decimal(1).scaleb(-int(value))
    return None


def _least(limits: Mapping[str, Any], what: str) -> Decimal:
    return max(_exact((limits.get(what) or {}).get("min")), Decimal(0))


def _exact(value: object) -> Decimal:
    """A number as it is written; 0 for what is none."""
    if not isinstance(value, int | float | str) or value == "":
        return Decimal(0)
    found = Decimal(str(value))
    return found.normalize() if found.is_finite() else Decimal(0)
