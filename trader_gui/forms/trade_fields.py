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
from engine.language import tr, trc
from trader_gui import format as fmt
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
_OFF: Final = tr("Empty turns it off")
_OFF_NOW: Final = tr("off")


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
    empty: str = _OFF_NOW,
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
    empty: str = _OFF_NOW,
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
    _money("cash", tr("Starting cash")),
    NumberSpec(
        "position_pct",
        tr("Size per trade"),
        tr("% of equity"),
        low=_ZERO,
        above=True,
        high=_HUNDRED,
        places=1,
    ),
    _money("size_quote", tr("Size per trade"), optional=True),
    _share("risk_pct", tr("Risk per trade"), "", tr("% of equity"), empty=""),
    _share(
        "max_position_pct",
        tr("Largest position"),
        tr("Usually {usual}", usual=fmt.exact(POSITION_CEILING_PCT)),
        tr("% of equity"),
        high=_FAR,
        step=Decimal(1),
        empty=tr("no limit"),
    ),
)
_COSTS: Final = (
    _cost("fee_pct", tr("Fee")),
    _cost(
        "maker_fee_pct",
        tr("Fee at a target"),
        tr("Maker, where it differs"),
        empty=tr("as the fee"),
    ),
    _cost("slippage_pct", tr("Slippage"), tr("Market and stop fills")),
    _cost("spread_pct", tr("Spread"), tr("Such fills pay half")),
    NumberSpec(
        "slippage_range_pct",
        tr("Slippage by range"),
        tr("% of bar"),
        tr("Added in wide bars"),
        _ZERO,
        _HUNDRED,
        Decimal(1),
        1,
    ),
)
_EXITS: Final = (
    _share("take_profit_pct", tr("Take profit"), high=_FAR),
    _share("stop_loss_pct", tr("Stop loss")),
    _share("trailing_pct", tr("Trailing stop")),
    NumberSpec(
        "trailing_activate_pct",
        tr("Start trailing after"),
        tr("% profit"),
        tr("Empty: from the entry on"),
        _ZERO,
        _FAR,
        _TENTH,
        2,
        optional=True,
        empty=tr("at once"),
    ),
    _share("trailing_before_pct", tr("Trailing before that"), tr("Distance until it starts")),
    _share(
        "break_even_pct",
        tr("Break-even after"),
        tr("Stop to the entry price"),
        tr("% profit"),
        high=_FAR,
    ),
    _count("time_limit_min", tr("Time limit"), "min", tr("Then it is closed"), step=10),
)
_RULES: Final = (
    _count("cooldown_min", tr("Cooldown"), "min", tr("After an exit"), low=0),
    _count("max_trades_per_day", tr("Trades a day"), "", tr("Counted from 00:00 UTC")),
    _share(
        "daily_loss_pct",
        tr("Daily loss limit"),
        tr("No entries until 00:00 UTC"),
        tr("% of equity"),
    ),
    _share("max_drawdown_pct", tr("Drawdown limit"), tr("No entries below it"), tr("% of peak")),
    _count(
        "guard_stops",
        tr("Stop guard"),
        tr("stops"),
        tr("No entry after so many"),
        high=_MOST_STOPS,
    ),
    _count(
        "guard_minutes", tr("Stop guard within"), "min", tr("Losing ones, so far back"), step=10
    ),
    NumberSpec(
        "max_spread_pct",
        tr("Spread limit"),
        "%",
        tr("No entry above it"),
        _ZERO,
        _HUNDRED,
        _CENT,
        2,
        optional=True,
    ),
)
_FUTURES: Final = (
    _count(
        "leverage", tr("Leverage"), "×", tr("Isolated margin"), high=_MOST_TIMES, empty=tr("spot")
    ),
    NumberSpec(
        "maintenance_pct",
        tr("Maintenance margin"),
        "%",
        tr("Less is liquidated"),
        _ZERO,
        Decimal(50),
        _TENTH,
        2,
    ),
)
_CHOICES: Final = (
    ChoiceSpec(
        "sizing",
        tr("Size by"),
        (
            (Sizing.PERCENT, tr("Equity"), tr("A share of the equity")),
            (Sizing.QUOTE, trc("money", "Amount"), tr("Always the same money")),
            (Sizing.RISK, tr("Risk"), tr("The same loss at the stop, wherever it is")),
        ),
    ),
    ChoiceSpec(
        "fee_coin",
        tr("Fee coin"),
        (
            (FeeCoin.QUOTE, tr("Quote coin"), tr("Paid in what prices are in")),
            (FeeCoin.BASE, tr("Bought coin"), tr("Kept back from what a buy brings")),
            (FeeCoin.THIRD, trc("coin", "Other"), tr("Bought for it at every fill")),
        ),
    ),
    ChoiceSpec(
        "path",
        tr("Inside a bar"),
        (
            (PathRule.CONSERVATIVE, tr("Worst first"), tr("The side that hurts is reached first")),
            (
                PathRule.NEAREST,
                tr("Nearest first"),
                tr("The side nearer to the open is reached first"),
            ),
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
