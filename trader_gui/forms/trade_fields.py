"""The fields of `TradeSettings`: money, costs, exits and risk rules, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from engine.domain.settings import POSITION_CEILING_PCT, Direction, TradeSettings
from trader_gui.forms.number_spec import NumberSpec

Numbers = Mapping[str, Decimal | None]

WINDOW_SLIPPAGE_PCT: Final = Decimal("0.02")
"""The window never pretends that market orders are free; the command line starts from 0."""

_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)
_TENTH: Final = Decimal("0.1")
_CENT: Final = Decimal("0.01")

_SPECS: Final = (
    NumberSpec(
        "cash",
        "Starting cash",
        "USDT",
        low=_ZERO,
        above=True,
        high=Decimal(1_000_000_000_000),
        step=Decimal(100),
        places=2,
    ),
    NumberSpec("fee_pct", "Fee", "%", low=_ZERO, high=Decimal(10), step=_CENT, places=2),
    NumberSpec(
        "slippage_pct",
        "Slippage",
        "%",
        hint="Market and stop fills only",
        low=_ZERO,
        high=Decimal(10),
        step=_CENT,
        places=2,
    ),
    NumberSpec(
        "position_pct",
        "Size per trade",
        "% of equity",
        hint=f"At most {POSITION_CEILING_PCT} %",
        low=_ZERO,
        above=True,
        high=POSITION_CEILING_PCT,
        places=1,
    ),
    NumberSpec(
        "take_profit_pct",
        "Take profit",
        "%",
        hint="Empty turns it off",
        low=_ZERO,
        above=True,
        high=Decimal(10_000),
        step=_TENTH,
        places=2,
        optional=True,
    ),
    NumberSpec(
        "stop_loss_pct",
        "Stop loss",
        "%",
        hint="Empty turns it off",
        low=_ZERO,
        above=True,
        high=_HUNDRED,
        below=True,
        step=_TENTH,
        places=2,
        optional=True,
    ),
    NumberSpec(
        "trailing_pct",
        "Trailing stop",
        "%",
        hint="Empty turns it off",
        low=_ZERO,
        above=True,
        high=_HUNDRED,
        below=True,
        step=_TENTH,
        places=2,
        optional=True,
    ),
    NumberSpec(
        "trailing_activate_pct",
        "Start trailing after",
        "% profit",
        hint="Empty: from the entry on",
        low=_ZERO,
        high=Decimal(10_000),
        step=_TENTH,
        places=2,
        optional=True,
    ),
    NumberSpec(
        "cooldown_min",
        "Cooldown",
        "min",
        hint="After an exit",
        low=_ZERO,
        high=Decimal(10_000_000),
        whole=True,
        optional=True,
    ),
    NumberSpec(
        "max_trades_per_day",
        "Trades a day",
        "",
        hint="Counted from 00:00 UTC",
        low=Decimal(1),
        high=Decimal(10_000_000),
        whole=True,
        optional=True,
    ),
)

TRADE_SPECS: Final[Mapping[str, NumberSpec]] = MappingProxyType({s.key: s for s in _SPECS})

WINDOW_DEFAULTS: Final = TradeSettings(
    slippage_pct=WINDOW_SLIPPAGE_PCT,
    take_profit_pct=Decimal(3),
    stop_loss_pct=Decimal("1.5"),
)


def trade_numbers(settings: TradeSettings) -> dict[str, Decimal | None]:
    """The values of all fields in TRADE_SPECS."""
    numbers: dict[str, Decimal | None] = {}
    for key in TRADE_SPECS:
        value = getattr(settings, key)
        numbers[key] = None if value is None else Decimal(value)
    return numbers


def trade_settings(numbers: Numbers, direction: Direction) -> TradeSettings:
    """Settings from read fields; raises InvalidSetting (with its field) if they do not fit."""
    settings = TradeSettings(
        cash=_needed(numbers, "cash"),
        fee_pct=_needed(numbers, "fee_pct"),
        slippage_pct=_needed(numbers, "slippage_pct"),
        position_pct=_needed(numbers, "position_pct"),
        direction=direction,
        stop_loss_pct=numbers["stop_loss_pct"],
        take_profit_pct=numbers["take_profit_pct"],
        trailing_pct=numbers["trailing_pct"],
        trailing_activate_pct=numbers["trailing_activate_pct"],
        cooldown_min=_whole(numbers["cooldown_min"]),
        max_trades_per_day=_whole(numbers["max_trades_per_day"]),
    )
    settings.check()
    return settings


def _needed(numbers: Numbers, key: str) -> Decimal:
    value = numbers[key]
    if value is None:
        raise KeyError(key)
    return value


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
