"""Options of everything that trades: money, costs, size, exits and rules.

An option's value lands under the name of the field of `TradeSettings` that it sets.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from engine.cli.arguments import decimal, whole
from engine.domain.settings import (
    AddStep,
    Direction,
    FeeCoin,
    PartialTarget,
    PathRule,
    Sizing,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.errors import InvalidSetting

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_SIZES: Final = {
    "pct": (Sizing.PERCENT, "position_pct"),
    "quote": (Sizing.QUOTE, "size_quote"),
    "risk": (Sizing.RISK, "risk_pct"),
}


def add_trade_options(verb: argparse.ArgumentParser) -> None:
    """Everything that `trade_settings` reads."""
    _add_costs(verb.add_argument_group("costs"))
    _add_size(verb.add_argument_group("money and size"))
    _add_exits(verb.add_argument_group("exits"))
    _add_rules(verb.add_argument_group("rules"))


def trade_settings(arguments: argparse.Namespace) -> TradeSettings:
    """Money, costs, exits and rules as given; InvalidSetting for what cannot be meant."""
    settings = trade_given(arguments)
    settings.check()
    return settings


def trade_given(arguments: argparse.Namespace) -> TradeSettings:
    """`trade_settings` that are not whole yet: something may still be put in their place."""
    given: dict[str, Any] = {
        field.name: value
        for field in fields(TradeSettings)
        if (value := getattr(arguments, field.name, None)) is not None
    }
    if arguments.size is not None:
        if "position_pct" in given:
            raise InvalidSetting(
                "--size and --position-pct are both given. Give one of them.", field="size"
            )
        given["sizing"], name, size = arguments.size
        given[name] = size
    if "maintenance_pct" in given and "leverage" not in given:
        raise InvalidSetting(
            "--maintenance-pct is about futures. Add --leverage, or leave it out.",
            field="maintenance_pct",
        )
    settings = TradeSettings(**given)
    return settings.without_rules() if arguments.no_risk_rules else settings


def _add_costs(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--fee-pct", type=decimal, metavar="X", help="each side, default 0.1")
    add("--maker-fee-pct", type=decimal, metavar="X", help="fills at a target, default --fee-pct")
    add("--fee-coin", type=_one_of(FeeCoin), metavar="quote|base|third", help="default quote")
    add("--slippage-pct", type=decimal, metavar="X", help="market and stop fills, default 0")
    add("--slippage-range-pct", type=decimal, metavar="X", help="share of the bar's range on top")
    add("--spread-pct", type=decimal, metavar="X", help="market and stop fills pay half of it")


def _add_size(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--cash", type=decimal, metavar="AMOUNT", help="default 10000")
    add(
        "--size",
        type=_size,
        metavar="pct:25|quote:1000|risk:1",
        help="percent of equity, fixed amount of money, or percent of equity lost at the stop; "
        "default pct:25",
    )
    add("--position-pct", type=decimal, metavar="X", help="the same as --size pct:X")
    add("--leverage", type=whole, metavar="N", help="a future with isolated margin; default: spot")
    add("--maintenance-pct", type=decimal, metavar="X", help="margin that must be left, 0.5")


def _add_exits(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--stop-loss-pct", type=decimal, metavar="X")
    add("--take-profit-pct", type=decimal, metavar="X")
    add("--trailing-pct", type=decimal, metavar="X", help="distance from the best price")
    add("--trailing-activate-pct", type=decimal, metavar="X", help="profit that starts trailing")
    add("--trailing-before-pct", type=decimal, metavar="X", help="distance before it has started")
    add("--break-even-pct", type=decimal, metavar="X", help="profit that moves the stop to entry")
    add("--time-limit-min", type=whole, metavar="N", help="longest time in a position")
    add(
        "--target-steps",
        type=_table("0:5,60:2", whole, decimal, TargetStep),
        metavar="0:5,60:2",
        help="target by age of the trade, minutes:percent",
    )
    add(
        "--partial-targets",
        type=_table("2:50,4:50", decimal, decimal, PartialTarget),
        metavar="2:50,4:50",
        help="percent of profit:percent of all that was bought",
    )
    add(
        "--dca",
        dest="adds",
        type=_table("2:1,4:1", decimal, decimal, AddStep),
        metavar="2:1,4:1",
        help="percent against the first fill:times its amount",
    )
    add(
        "--path",
        type=_one_of(PathRule),
        metavar="conservative|nearest",
        help="which extreme of a bar comes first, default conservative",
    )


def _add_rules(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--direction", type=_one_of(Direction), metavar="both|long|short", help="default both")
    add("--cooldown-min", type=whole, metavar="N", help="after an exit")
    add("--max-trades-per-day", type=whole, metavar="N")
    add("--daily-loss-pct", type=decimal, metavar="X", help="of the equity at the day's start")
    add("--max-drawdown-pct", type=decimal, metavar="X", help="of the highest equity so far")
    add(
        "--stop-guard",
        type=_stop_guard,
        metavar="N:MIN",
        help="no entry after N losing stops within MIN minutes",
    )
    add("--max-spread-pct", type=decimal, metavar="X")
    add(
        "--no-risk-rules",
        action="store_true",
        help="only the market's own limits remain; other rules given are ignored",
    )


def _one_of(kind: type[E]) -> Callable[[str], E]:
    def read(text: str) -> E:
        try:
            return kind(text)
        except ValueError:
            names = ", ".join(kind)
            raise argparse.ArgumentTypeError(f"{text!r} is not one of: {names}") from None

    return read


def _size(text: str) -> tuple[Sizing, str, Decimal]:
    way, _, value = text.partition(":")
    try:
        return *_SIZES[way], decimal(value)
    except (KeyError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a size. Write pct:25, quote:1000 or risk:1"
        ) from None


def _stop_guard(text: str) -> StopGuard:
    stops, _, minutes = text.partition(":")
    if not stops.isdecimal() or not minutes.isdecimal():
        raise argparse.ArgumentTypeError(
            f"{text!r} is not N:MIN. Write 3:60 for three stops within 60 minutes"
        )
    return StopGuard(int(stops), int(minutes))


def _table(
    example: str,
    first: Callable[[str], Any],
    second: Callable[[str], Any],
    row: Callable[[Any, Any], T],
) -> Callable[[str], tuple[T, ...]]:
    """Reads ``a:b,a:b`` into rows."""

    def read(text: str) -> tuple[T, ...]:
        try:
            pairs = [part.split(":") for part in text.split(",")]
            return tuple(row(first(one), second(other)) for one, other in pairs)
        except (ValueError, argparse.ArgumentTypeError):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a list of pairs. Write them like {example}"
            ) from None

    return read
