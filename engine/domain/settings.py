"""What a trader chooses for one bot or one backtest, exact and validated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.domain.money import PPM
from engine.domain.setting_checks import (
    check_adds,
    check_count,
    check_optional,
    check_partials,
    check_percent,
    check_range,
    check_target_steps,
)
from engine.errors import InvalidSetting
from engine.language import tr

POSITION_CEILING_PCT: Final = Decimal(25)
"""No position may take more than this share of a bot's equity unless rules are off."""

MAX_LEVERAGE: Final = 125
MAX_STOPS_GUARDED: Final = 10
MAX_STEPS: Final = 8
"""Rows in each of the tables below."""


class Direction(StrEnum):
    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class Sizing(StrEnum):
    """How the size of an entry is found."""

    PERCENT = "percent"
    """`position_pct` of the equity."""
    QUOTE = "quote"
    """`size_quote`, a fixed amount of money."""
    RISK = "risk"
    """As much as loses `risk_pct` of the equity at the stop, and never more than the ceiling."""


class FeeCoin(StrEnum):
    """In which coin a fill's fee is taken."""

    QUOTE = "quote"
    BASE = "base"
    """A buy's fee is kept back from what was bought: the lot shrinks. Sells, and all fills of
    shorts, pay in the quote coin."""
    THIRD = "third"
    """Another coin, bought with the quote coin at the moment of the fill: the same money."""


class PathRule(StrEnum):
    """Which way the price is taken to have gone inside a bar."""

    CONSERVATIVE = "conservative"
    """The extreme that hurts first; the close is not tested against a stop raised in the bar."""
    NEAREST = "nearest"
    """The extreme that is nearer to the open first, then the other, then the close."""


@dataclass(frozen=True, slots=True)
class TargetStep:
    """From an age of `minutes` on, the target is `pct` from the entry."""

    minutes: int
    pct: Decimal


@dataclass(frozen=True, slots=True)
class PartialTarget:
    """At `pct` profit close `share_pct` of all that was bought."""

    pct: Decimal
    share_pct: Decimal


@dataclass(frozen=True, slots=True)
class AddStep:
    """At `pct` against the first fill buy `times` the first order's amount once more."""

    pct: Decimal
    times: Decimal


@dataclass(frozen=True, slots=True)
class StopGuard:
    """No entry while `stops` losing stops lie within the last `minutes`."""

    stops: int
    minutes: int


def ppm(percent: Decimal) -> int:
    """Percent as parts per million: 4 digits after a percent's point are kept."""
    return int(percent * PPM / 100)


@dataclass(frozen=True, slots=True)
class TradeSettings:
    """Money, costs, exits and rules. Percents are percents (25 is a quarter); None is off.

    `max_position_pct` is the ceiling of what a position may set aside (None with rules off).
    """

    cash: Decimal = Decimal(10_000)
    fee_pct: Decimal = Decimal("0.1")
    maker_fee_pct: Decimal | None = None
    """Of fills at a target; None: `fee_pct` too."""
    fee_coin: FeeCoin = FeeCoin.QUOTE
    slippage_pct: Decimal = Decimal(0)
    slippage_range_pct: Decimal = Decimal(0)
    """On top, this share of the bar's range."""
    spread_pct: Decimal = Decimal(0)
    """Between bid and ask; market and stop fills pay half of it."""
    sizing: Sizing = Sizing.PERCENT
    position_pct: Decimal = Decimal(25)
    size_quote: Decimal | None = None
    risk_pct: Decimal | None = None
    max_position_pct: Decimal | None = POSITION_CEILING_PCT
    leverage: int | None = None
    """None is spot. Else a future with isolated margin: `position_pct` is the margin's share."""
    maintenance_pct: Decimal = Decimal("0.5")
    """Margin that must be left, in percent of the position's value. Futures only."""
    direction: Direction = Direction.BOTH
    stop_loss_pct: Decimal | None = None
    take_profit_pct: Decimal | None = None
    trailing_pct: Decimal | None = None
    trailing_activate_pct: Decimal | None = None
    trailing_before_pct: Decimal | None = None
    """Distance of the trailing stop until it is activated; None: it does not trail before."""
    break_even_pct: Decimal | None = None
    time_limit_min: int | None = None
    target_steps: tuple[TargetStep, ...] = ()
    partial_targets: tuple[PartialTarget, ...] = ()
    adds: tuple[AddStep, ...] = ()
    path: PathRule = PathRule.CONSERVATIVE
    cooldown_min: int | None = None
    max_trades_per_day: int | None = None
    daily_loss_pct: Decimal | None = None
    max_drawdown_pct: Decimal | None = None
    stop_guard: StopGuard | None = None
    max_spread_pct: Decimal | None = None

    def check(self) -> None:
        """Raise InvalidSetting for the first value that cannot be meant."""
        self._check_money()
        self._check_exits()
        self._check_rules()

    def without_rules(self) -> TradeSettings:
        """Only the market's own limits remain."""
        return replace(
            self,
            max_position_pct=None,
            cooldown_min=None,
            max_trades_per_day=None,
            daily_loss_pct=None,
            max_drawdown_pct=None,
            stop_guard=None,
            max_spread_pct=None,
        )

    def _check_money(self) -> None:
        zero, ten, hundred = Decimal(0), Decimal(10), Decimal(100)
        check_range("cash", tr("Starting cash"), self.cash, zero, None, above=True)
        check_percent("fee_pct", tr("Fee"), self.fee_pct, zero, ten)
        if self.maker_fee_pct is not None:
            check_percent("maker_fee_pct", tr("Maker fee"), self.maker_fee_pct, zero, ten)
        check_percent("slippage_pct", tr("Slippage"), self.slippage_pct, zero, ten)
        check_percent(
            "slippage_range_pct", tr("Slippage by range"), self.slippage_range_pct, zero, hundred
        )
        check_percent("spread_pct", tr("Spread"), self.spread_pct, zero, ten)
        if self.leverage is not None:
            check_count("leverage", tr("Leverage"), self.leverage, 1, MAX_LEVERAGE)
            check_percent(
                "maintenance_pct", tr("Maintenance margin"), self.maintenance_pct, zero, Decimal(50)
            )
            if self.maintenance_pct * self.leverage >= hundred:
                raise InvalidSetting(
                    tr(
                        "A maintenance margin of {maintenance_pct:f} % leaves nothing "
                        "at {leverage}x: the position would be liquidated at once. "
                        "Lower one of them.",
                        maintenance_pct=self.maintenance_pct,
                        leverage=self.leverage,
                    ),
                    field="leverage",
                )
            if self.fee_coin is FeeCoin.BASE:
                raise InvalidSetting(
                    tr(
                        "A future pays its fees in the quote coin, not in the bought one. "
                        "Choose the quote coin for fees, or no leverage."
                    ),
                    field="fee_coin",
                )
        self._check_size(zero, hundred)

    def _check_size(self, zero: Decimal, hundred: Decimal) -> None:
        ceiling = self.max_position_pct
        if ceiling is not None:
            check_percent("max_position_pct", tr("The ceiling"), ceiling, zero, hundred, above=True)
        match self.sizing:
            case Sizing.PERCENT:
                check_percent(
                    "position_pct",
                    tr("Size per trade"),
                    self.position_pct,
                    zero,
                    hundred,
                    above=True,
                )
                if ceiling is not None and self.position_pct > ceiling:
                    raise InvalidSetting(
                        tr(
                            "Size per trade is {position_pct:f} %, the ceiling is "
                            "{ceiling:f} %. Choose a smaller size, or switch the risk "
                            "rules off.",
                            position_pct=self.position_pct,
                            ceiling=ceiling,
                        ),
                        field="position_pct",
                    )
            case Sizing.QUOTE:
                if self.size_quote is None:
                    raise InvalidSetting(
                        tr("A fixed size is chosen but no amount is given. Enter one."),
                        field="size_quote",
                    )
                check_range(
                    "size_quote", tr("Size per trade"), self.size_quote, zero, None, above=True
                )
            case Sizing.RISK:
                if self.risk_pct is None:
                    raise InvalidSetting(
                        tr("Size by risk is chosen but no risk is given. Enter a percentage."),
                        field="risk_pct",
                    )
                check_optional("risk_pct", tr("Risk per trade"), self.risk_pct, hundred)
                if self.stop_loss_pct is None and self.trailing_pct is None:
                    raise InvalidSetting(
                        tr(
                            "Size by risk needs a stop: what is risked is the way to it. "
                            "Set a stop loss or a trailing stop."
                        ),
                        field="risk_pct",
                    )

    def _check_exits(self) -> None:
        hundred, far = Decimal(100), Decimal(10_000)
        # From 100 % on a long's stop would be a price of zero or less: no stop at all.
        check_optional("stop_loss_pct", tr("Stop loss"), self.stop_loss_pct, hundred)
        check_optional("take_profit_pct", tr("Take profit"), self.take_profit_pct, far)
        check_optional("trailing_pct", tr("Trailing stop"), self.trailing_pct, hundred)
        check_optional("break_even_pct", tr("Break-even after"), self.break_even_pct, far)
        self._check_trailing(hundred, far)
        check_count("time_limit_min", tr("Time limit"), self.time_limit_min, 1)
        check_target_steps([(step.minutes, step.pct) for step in self.target_steps], MAX_STEPS)
        check_partials([(part.pct, part.share_pct) for part in self.partial_targets], MAX_STEPS)
        check_adds([(step.pct, step.times) for step in self.adds], MAX_STEPS)

    def _check_trailing(self, hundred: Decimal, far: Decimal) -> None:
        if self.trailing_activate_pct is not None:
            check_percent(
                "trailing_activate_pct",
                tr("Start trailing after"),
                self.trailing_activate_pct,
                Decimal(0),
                far,
            )
            if self.trailing_pct is None:
                raise InvalidSetting(
                    tr(
                        "A profit to start trailing is set but no trailing distance. Set "
                        "the trailing stop too, or leave both empty."
                    ),
                    field="trailing_activate_pct",
                )
        check_optional(
            "trailing_before_pct",
            tr("Distance before activation"),
            self.trailing_before_pct,
            hundred,
        )
        if self.trailing_before_pct is not None and self.trailing_activate_pct is None:
            raise InvalidSetting(
                tr(
                    "A trailing distance before activation is set but no profit that "
                    "activates. Set that profit too, or leave it out."
                ),
                field="trailing_before_pct",
            )

    def _check_rules(self) -> None:
        hundred = Decimal(100)
        check_count("cooldown_min", tr("Cooldown"), self.cooldown_min, 0)
        check_count("max_trades_per_day", tr("Trades per day"), self.max_trades_per_day, 1)
        check_optional("daily_loss_pct", tr("Daily loss limit"), self.daily_loss_pct, hundred)
        check_optional("max_drawdown_pct", tr("Drawdown limit"), self.max_drawdown_pct, hundred)
        if self.stop_guard is not None:
            guard = self.stop_guard
            check_count("stop_guard", tr("Stops guarded"), guard.stops, 1, MAX_STOPS_GUARDED)
            check_count("stop_guard", tr("Minutes guarded"), guard.minutes, 1)
        if self.max_spread_pct is not None:
            check_percent(
                "max_spread_pct", tr("Spread limit"), self.max_spread_pct, Decimal(0), hundred
            )
