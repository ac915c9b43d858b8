"""A session's figures as words: one list for the console and for the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from engine.messages.figure_definitions import DEFINITIONS, Definition, Kind
from engine.messages.numbers import MINUS, UNKNOWN, bar_time, grouped, money_places, signed

Value = Decimal | int | float | None
"""Money is Decimal, counts and times are int, ratios are float; None is undefined."""

_TONED: Final = (Kind.RESULT, Kind.CHANGE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as a person reads it.

    `tip` is its definition. `tone` is the sign of what is shown where a sign means gain or loss:
    -1, 0 or 1.
    """

    group: str
    label: str
    text: str
    tip: str
    tone: int = 0


@dataclass(frozen=True, slots=True)
class TradeGroup:
    """The closed trades that have one thing in common. Money is net, in the session's coin."""

    kind: str
    """``exit_reason``, ``entry_reason``, ``side``, ``weekday`` or ``hour``: what they share."""
    name: str
    trades: int
    wins: int
    win_rate_pct: float | None
    net_profit: Decimal
    average: Decimal
    profit_factor: float | None
    fees: Decimal


@dataclass(frozen=True, slots=True)
class Statistics:
    """Every figure of a session in order of display, and its trades in groups, those of a kind
    in the order of what they share (Monday before Tuesday)."""

    figures: tuple[Figure, ...]
    groups: tuple[TradeGroup, ...] = ()


def figures(values: Mapping[str, Value], coin: str) -> tuple[Figure, ...]:
    """All figures in order of display. `values` are those of core.metrics.values, `coin` is what
    money is counted in."""
    return tuple(_figure(definition, values, coin) for definition in DEFINITIONS)


def grouped_pairs(shown: Sequence[Figure]) -> dict[str, list[tuple[str, str]]]:
    """Group -> (label, text) of its figures, in order."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for figure in shown:
        groups.setdefault(figure.group, []).append((figure.label, figure.text))
    return groups


def _figure(definition: Definition, values: Mapping[str, Value], coin: str) -> Figure:
    texts = [_text(values[key], kind, coin) for key, kind in definition.parts]
    first = texts[0]
    if first is None:
        return Figure(definition.group, definition.label, UNKNOWN, definition.tip)
    behind = ", ".join(text for text in texts[1:] if text is not None)
    toned = definition.parts[0][1] in _TONED
    tone = {"+": 1, MINUS: -1}.get(first[0], 0) if toned else 0
    text = f"{first} ({behind})" if behind else first
    return Figure(definition.group, definition.label, text, definition.tip, tone)


def _text(value: Value, kind: Kind, coin: str) -> str | None:
    if value is None:
        return None
    exact = Decimal(value)
    match kind:
        case Kind.MONEY:
            return f"{grouped(exact, money_places(coin))} {coin}"
        case Kind.RESULT:
            return f"{signed(exact, money_places(coin))} {coin}"
        case Kind.PERCENT:
            return f"{grouped(exact, 2)} %"
        case Kind.CHANGE:
            return f"{signed(exact, 2)} %"
        case Kind.RATIO:
            return grouped(exact, 2)
        case Kind.COUNT:
            return grouped(exact, 0)
        case Kind.DURATION:
            return bar_time(int(value))
        case Kind.DAY:
            return f"{datetime.fromtimestamp(int(value) / 1000, UTC):%Y-%m-%d}"
        case Kind.CHANCE:
            return grouped(exact, 3)
