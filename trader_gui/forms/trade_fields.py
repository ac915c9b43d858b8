"""The fields of `TradeSettings`: what each takes, and its name and words on a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from engine.domain.settings import (
    MAX_LEVERAGE,
    MAX_STOPS_GUARDED,
    POSITION_CEILING_PCT,
    FeeCoin,
    PathRule,
    Sizing,
    TradeSettings,
)
from trader_gui.forms.choice_spec import ChoiceSpec
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.trade_tips import TRADE_TIPS

WINDOW_SLIPPAGE_PCT: Final = Decimal("0.02")
"""The window never pretends that market orders are free; the command line starts from 0."""

WINDOW_DEFAULTS: Final = TradeSettings(
    slippage_pct=WINDOW_SLIPPAGE_PCT,
    take_profit_pct=Decimal(3),
    stop_loss_pct=Decimal("1.5"),
)

_ZERO: Final = Decimal(0)
_TEN: Final = Decimal(10)
_HUNDRED: Final = Decimal(100)
_FAR: Final = Decimal(10_000)
_MOST: Final = Decimal(10_000_000)
_MOST_MONEY: Final = Decimal(1_000_000_000_000)
_MOST_STOPS: Final = Decimal(MAX_STOPS_GUARDED)
_MOST_TIMES: Final = Decimal(MAX_LEVERAGE)
_CENT: Final = Decimal("0.01")
_TENTH: Final = Decimal("0.1")
_OFF: Final = "Empty turns it off"


def _money(key: str, label: str, *, optional: bool = False) -> NumberSpec:
    """More than nothing of the quote coin, which the form names."""
    return NumberSpec(
        key,
        label,
        low=_ZERO,
        above=True,
        high=_MOST_MONEY,
        step=_HUNDRED,
        places=2,
        optional=optional,
        empty="",
    )


def _cost(key: str, label: str, hint: str = "", *, empty: str = "") -> NumberSpec:
    """A rate from 0 to 10 percent; one that may be empty says what that means."""
    return NumberSpec(
        key, label, "%", hint, _ZERO, _TEN, _CENT, 2, optional=bool(empty), empty=empty
    )


def _share(
    key: str,
    label: str,
    hint: str = _OFF,
    unit: str = "%",
    *,
    high: Decimal = _HUNDRED,
    step: Decimal = _TENTH,
    empty: str = "off",
) -> NumberSpec:
    """A percentage above 0 that may be off; 100 itself is too much."""
    return NumberSpec(
        key,
        label,
        unit,
        hint,
        low=_ZERO,
        above=True,
        high=high,
        below=high == _HUNDRED,
        step=step,
        places=2,
        optional=True,
        empty=empty,
    )


def _count(
    key: str,
    label: str,
    unit: str,
    hint: str = "",
    *,
    low: int = 1,
    high: Decimal = _MOST,
    step: int = 1,
    empty: str = "off",
) -> NumberSpec:
    """A whole number that may be off."""
    return NumberSpec(
        key,
        label,
        unit,
        hint,
        low=Decimal(low),
        high=high,
        step=Decimal(step),
        whole=True,
        optional=True,
        empty=empty,
    )


MONEY_FIELDS: Final = ("cash", "size_quote")
"""Those in the quote coin."""

_SIZES: Final = (
    _money("cash", "Starting cash"),
    NumberSpec(
        "position_pct",
        "Size per trade",
        "% of equity",
        low=_ZERO,
        above=True,
        high=_HUNDRED,
        places=1,
    ),
    _money("size_quote", "Size per trade", optional=True),
    _share("risk_pct", "Risk per trade", "", "% of equity", empty=""),
    _share(
        "max_position_pct",
        "Largest position",
        f"Usually {POSITION_CEILING_PCT}",
        "% of equity",
        high=_FAR,
        step=Decimal(1),
        empty="no limit",
    ),
)
_COSTS: Final = (
    _cost("fee_pct", "Fee"),
    _cost("maker_fee_pct", "Fee at a target", "Maker, where it differs", empty="as the fee"),
    _cost("slippage_pct", "Slippage", "Market and stop fills"),
    _cost("spread_pct", "Spread", "Such fills pay half"),
    NumberSpec(
        "slippage_range_pct",
        "Slippage by range",
        "% of bar",
        "Added in wide bars",
        _ZERO,
        _HUNDRED,
        Decimal(1),
        1,
    ),
)
_EXITS: Final = (
    _share("take_profit_pct", "Take profit", high=_FAR),
    _share("stop_loss_pct", "Stop loss"),
    _share("trailing_pct", "Trailing stop"),
    NumberSpec(
        "trailing_activate_pct",
        "Start trailing after",
        "% profit",
        "Empty: from the entry on",
        _ZERO,
        _FAR,
        _TENTH,
        2,
        optional=True,
        empty="at once",
    ),
    _share("trailing_before_pct", "Trailing before that", "Distance until it starts"),
    _share("break_even_pct", "Break-even after", "Stop to the entry price", "% profit", high=_FAR),
    _count("time_limit_min", "Time limit", "min", "Then it is closed", step=10),
)
_RULES: Final = (
    _count("cooldown_min", "Cooldown", "min", "After an exit", low=0),
    _count("max_trades_per_day", "Trades a day", "", "Counted from 00:00 UTC"),
    _share("daily_loss_pct", "Daily loss limit", "No entries until 00:00 UTC", "% of equity"),
    _share("max_drawdown_pct", "Drawdown limit", "No entries below it", "% of peak"),
    _count(
        "guard_stops",
        "Stop guard",
        "stops",
        "No entry after so many",
        high=_MOST_STOPS,
    ),
    _count("guard_minutes", "Stop guard within", "min", "Losing ones, so far back", step=10),
    NumberSpec(
        "max_spread_pct",
        "Spread limit",
        "%",
        "No entry above it",
        _ZERO,
        _HUNDRED,
        _CENT,
        2,
        optional=True,
    ),
)
_FUTURES: Final = (
    _count("leverage", "Leverage", "×", "Isolated margin", high=_MOST_TIMES, empty="spot"),
    NumberSpec(
        "maintenance_pct",
        "Maintenance margin",
        "%",
        "Less is liquidated",
        _ZERO,
        Decimal(50),
        _TENTH,
        2,
    ),
)
_CHOICES: Final = (
    ChoiceSpec(
        "sizing",
        "Size by",
        (
            (Sizing.PERCENT, "Equity", "A share of the equity"),
            (Sizing.QUOTE, "Amount", "Always the same money"),
            (Sizing.RISK, "Risk", "The same loss at the stop, wherever it is"),
        ),
    ),
    ChoiceSpec(
        "fee_coin",
        "Fee coin",
        (
            (FeeCoin.QUOTE, "Quote coin", "Paid in what prices are in"),
            (FeeCoin.BASE, "Bought coin", "Kept back from what a buy brings"),
            (FeeCoin.THIRD, "Other", "Bought for it at every fill"),
        ),
    ),
    ChoiceSpec(
        "path",
        "Inside a bar",
        (
            (PathRule.CONSERVATIVE, "Worst first", "The side that hurts is reached first"),
            (PathRule.NEAREST, "Nearest first", "The side nearer to the open is reached first"),
        ),
    ),
)


TRADE_SPECS: Final[Mapping[str, NumberSpec]] = MappingProxyType(
    {
        spec.key: replace(spec, tip=TRADE_TIPS[spec.key])
        for spec in (*_SIZES, *_COSTS, *_EXITS, *_RULES, *_FUTURES)
    }
)
CHOICE_SPECS: Final[Mapping[str, ChoiceSpec]] = MappingProxyType(
    {spec.key: replace(spec, tip=TRADE_TIPS[spec.key]) for spec in _CHOICES}
)

_NOT_SWEPT: Final = frozenset(
    {"cash", "size_quote", "risk_pct", "guard_stops", "guard_minutes", "max_position_pct"}
)
SWEEPABLE: Final = frozenset(TRADE_SPECS) - _NOT_SWEPT
"""Numbers that a sweep may put in place: each is a setting of its own, and results of sets with
different cash could not be compared."""
