"""What a trader chooses for one bot or one backtest, exact and validated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.domain.money import PPM
from engine.errors import InvalidSetting

POSITION_CEILING_PCT: Final = Decimal(25)
"""No position may take more than this share of a bot's equity unless rules are off."""


_MOST: Final = 10_000_000


class Direction(StrEnum):
    BOTH = "both"
    LONG = "long"
    SHORT = "short"


def ppm(percent: Decimal) -> int:
    """Percent as parts per million; 4 decimals of a percent are kept, finer is cut."""
    return int(percent * PPM / 100)


@dataclass(frozen=True, slots=True)
class TradeSettings:
    """Money, costs, exits and rules. Percents are percents (25 is a quarter); None is off.

    `max_position_pct` is the ceiling a position may reach (None with rules off).
    """

    cash: Decimal = Decimal(10_000)
    fee_pct: Decimal = Decimal("0.1")
    slippage_pct: Decimal = Decimal(0)
    position_pct: Decimal = Decimal(25)
    max_position_pct: Decimal | None = POSITION_CEILING_PCT
    direction: Direction = Direction.BOTH
    stop_loss_pct: Decimal | None = None
    take_profit_pct: Decimal | None = None
    trailing_pct: Decimal | None = None
    trailing_activate_pct: Decimal | None = None
    cooldown_min: int | None = None
    max_trades_per_day: int | None = None

    def check(self) -> None:
        """Raise InvalidSetting for the first value that cannot be meant."""
        zero, hundred = Decimal(0), Decimal(100)
        _between("cash", "Starting cash", self.cash, zero, None, above=True)
        _between("fee_pct", "Fee", self.fee_pct, zero, Decimal(10))
        _between("slippage_pct", "Slippage", self.slippage_pct, zero, Decimal(10))
        _between(
            "position_pct",
            "Size per trade",
            self.position_pct,
            zero,
            hundred,
            above=True,
        )
        ceiling = self.max_position_pct
        if ceiling is not None and self.position_pct > ceiling:
            raise InvalidSetting(
                f"Size per trade is {self.position_pct:f} %, the ceiling is {ceiling:f} %. "
                "Choose a smaller size, or switch the risk rules off.",
                field="position_pct",
            )
        # From 100 % on a long's stop would be a price of zero or less: no stop at all.
        _optional("stop_loss_pct", "Stop loss", self.stop_loss_pct, hundred)
        _optional("take_profit_pct", "Take profit", self.take_profit_pct, Decimal(10_000))
        _optional("trailing_pct", "Trailing stop", self.trailing_pct, hundred)
        _between_or_none(
            "trailing_activate_pct", "Start trailing after", self.trailing_activate_pct
        )
        if self.trailing_activate_pct is not None and self.trailing_pct is None:
            raise InvalidSetting(
                "A profit to start trailing is set but no trailing distance. "
                "Set the trailing stop too, or leave both empty.",
                field="trailing_activate_pct",
            )
        _count("cooldown_min", "Cooldown", self.cooldown_min, 0)
        _count("max_trades_per_day", "Trades per day", self.max_trades_per_day, 1)


def _between(
    field: str,
    name: str,
    value: Decimal,
    low: Decimal,
    high: Decimal | None,
    *,
    above: bool = False,
) -> None:
    if not value.is_finite():
        raise InvalidSetting(f"{name} is not a number. Enter one.", field=field)
    if value < low or (above and value == low):
        word = "above" if above else "at least"
        raise InvalidSetting(f"{name} must be {word} {low:f}, not {value:f}.", field=field)
    if high is not None and value > high:
        raise InvalidSetting(f"{name} must be at most {high:f}, not {value:f}.", field=field)


def _optional(field: str, name: str, value: Decimal | None, high: Decimal) -> None:
    if value is None:
        return
    _between(field, name, value, Decimal(0), high, above=True)
    if value == high == Decimal(100):
        raise InvalidSetting(f"{name} must be below 100.", field=field)
    if ppm(value) == 0:
        raise InvalidSetting(f"{name} is finer than 0.0001 %. Use a larger value.", field=field)


def _between_or_none(field: str, name: str, value: Decimal | None) -> None:
    if value is not None:
        _between(field, name, value, Decimal(0), Decimal(10_000))


def _count(field: str, name: str, value: int | None, low: int) -> None:
    if value is not None and value < low:
        raise InvalidSetting(f"{name} must be at least {low}, not {value}.", field=field)
    if value is not None and value > _MOST:
        raise InvalidSetting(f"{name} must be at most {_MOST:,}, not {value}.", field=field)
