"""The bots of the simulated market that a newcomer sees trade within seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS
from engine.domain.settings import TradeSettings
from engine.domain.strategy import ParamValue

SLIPPAGE_PCT: Final = Decimal("0.02")
"""The window's default is above zero: a market order rarely gets the last price."""


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    symbol: str
    strategy: str
    params: Mapping[str, ParamValue]
    trade: TradeSettings


_SAMPLES: Final = (
    _Sample(
        "btc-trend",
        "BTC/USDT",
        "ema_cross",
        {"fast": 9, "slow": 21},
        TradeSettings(
            stop_loss_pct=Decimal("0.6"),
            take_profit_pct=Decimal("1.2"),
            trailing_pct=Decimal("0.4"),
            trailing_activate_pct=Decimal("0.3"),
        ),
    ),
    _Sample(
        "eth-revert",
        "ETH/USDT",
        "rsi_reversion",
        {},
        TradeSettings(stop_loss_pct=Decimal("0.8"), take_profit_pct=Decimal("0.9")),
    ),
    _Sample("sol-grid", "SOL/USDT", "grid", {}, TradeSettings(stop_loss_pct=Decimal("1.5"))),
    _Sample(
        "bnb-trend-fast",
        "BNB/USDT",
        "ema_cross",
        {"fast": 5, "slow": 13},
        TradeSettings(stop_loss_pct=Decimal("0.5"), trailing_pct=Decimal("0.35")),
    ),
    _Sample(
        "xrp-revert",
        "XRP/USDT",
        "rsi_reversion",
        {"period": 10},
        TradeSettings(
            stop_loss_pct=Decimal("0.9"),
            take_profit_pct=Decimal("0.8"),
            trailing_pct=Decimal("0.6"),
        ),
    ),
)


def sample_bots(count: int, seed: int, share: Decimal) -> tuple[BotSettings, ...]:
    """`count` bots with different strategies on different symbols; from the sixth on they begin
    again with a number behind the name."""
    return tuple(_bot(number, seed, share) for number in range(count))


def _bot(number: int, seed: int, share: Decimal) -> BotSettings:
    sample = _SAMPLES[number % len(_SAMPLES)]
    again = number // len(_SAMPLES)
    return BotSettings(
        name=sample.name if not again else f"{sample.name}-{again + 1}",
        symbol=sample.symbol,
        timeframe_ms=MINUTE_MS,
        strategy=sample.strategy,
        params=sample.params,
        feed=FeedChoice(FeedKind.SIMULATED, seed=seed),
        trade=replace(sample.trade, cash=share, slippage_pct=SLIPPAGE_PCT),
    )
