"""What a made-up exchange lists."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS
from engine.domain.listings import Listing
from engine.domain.market import Market

FRAMES = (MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, DAY_MS)


def listing(
    symbol: str,
    *,
    maker: str = "0.08",
    taker: str = "0.1",
    active: bool = True,
    derivative: bool = False,
    frames: tuple[int, ...] = FRAMES,
    source: str = "binance",
) -> Listing:
    market = Market(
        symbol,
        Decimal("0.01"),
        Decimal("0.00001"),
        Decimal("0.00001"),
        min_amount=Decimal("0.00001"),
        min_notional=Decimal(5),
        source=source,
    )
    return Listing(market, Decimal(maker), Decimal(taker), active, frames, derivative)


def listed(*listings: Listing) -> dict[str, Listing]:
    return {each.symbol: each for each in listings}


BINANCE = listed(
    listing("BTC/USDT:USDT", derivative=True),
    listing("BTC/USDT:USDT-261225", derivative=True),
    listing("AAVE/USDT"),
    listing("BTC/EUR"),
    listing("BTC/USDT"),
    listing("ETH/USDT", maker="0.1", taker="0.1"),
    listing("LUNA/USDT", active=False),
    listing("USDC/USDT", maker="0", taker="0"),
    listing("WBTC/BTC"),
)
KRAKEN = listed(
    listing("BTC/USD", maker="0.25", taker="0.4", source="kraken", frames=FRAMES[1:]),
    listing("ETH/USD", maker="0.25", taker="0.4", source="kraken", frames=FRAMES[1:]),
)
