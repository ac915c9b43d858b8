"""The face of a strategy: typed parameters in, opinions out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Final, Protocol

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, FloatColumn, SignalColumn
from engine.domain.reasons import Action
from engine.domain.strategy_words import strategy_word
from engine.errors import InvalidSetting
from engine.language import localised, tr

ParamValue = int | Decimal
Params = Mapping[str, ParamValue]

REASON_SHIFT: Final = 8
"""A signal column packs one bit per Action (1 << (action - 1)) and, above these, a reason."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number a trader may set; the form and the sweep are built from it.

    `kind` is "int" or "decimal"; `unit` is shown inside the field ("bars", "%").
    """

    name: str
    label: str
    default: ParamValue
    low: ParamValue
    high: ParamValue
    step: ParamValue
    unit: str = ""
    hint: str = ""

    @property
    def kind(self) -> str:
        return "int" if isinstance(self.default, int) else "decimal"

    def read(self, value: object) -> ParamValue:
        """`value` (number or text) as this parameter; InvalidSetting with words if it is not."""
        try:
            number = Decimal(str(value).strip())
        except ArithmeticError:
            raise self._wrong(tr("{text!r} is not a number", text=value)) from None
        if not number.is_finite():
            raise self._wrong(tr("{text!r} is not a number", text=value))
        if self.kind == "int" and number != int(number):
            raise self._wrong(tr("{text} is not a whole number", text=value))
        if not Decimal(self.low) <= number <= Decimal(self.high):
            raise self._wrong(
                tr(
                    "{text} is outside {low} to {high}",
                    text=value,
                    low=_shown(self.low),
                    high=_shown(self.high),
                )
            )
        return int(number) if self.kind == "int" else number

    def _wrong(self, what: str) -> InvalidSetting:
        return InvalidSetting(
            tr(
                "{label}: {what}. Enter a value from {low} to {high}.",
                label=strategy_word(self.label),
                what=what,
                low=_shown(self.low),
                high=_shown(self.high),
            ),
            field=self.name,
        )


def _shown(value: ParamValue) -> str:
    return localised(str(value))


@dataclass(frozen=True, slots=True)
class IndicatorStyle:
    """How the chart shows a column: over the price, or in a pane of its own (RSI)."""

    on_price: bool = True


@dataclass(frozen=True, slots=True)
class Signals:
    """Opinions at the close of each candle, columns of the candles' length n.

    `reason` int64 of n: index into `reasons` (texts), read where any signal is set; a text may
    name indicators in braces: ``"EMA {fast} crossed above {slow}"`` is filled at that bar. They are
    stored: what the program's own strategies say is put into other languages where it is shown.
    `indicators` are float64 of n, NaN while warming up.
    """

    buy: BoolColumn
    sell: BoolColumn
    short: BoolColumn
    cover: BoolColumn
    reason: np.ndarray[tuple[int], np.dtype[np.int64]]
    reasons: tuple[str, ...]
    indicators: Mapping[str, FloatColumn] = field(default_factory=dict)
    styles: Mapping[str, IndicatorStyle] = field(default_factory=dict)

    def packed(self) -> SignalColumn:
        """int32 of n as the kernel reads it: action bits, then the reason where a bit is set."""
        bits = np.zeros(len(self.buy), np.int32)
        for action in Action:
            column: BoolColumn = getattr(self, action.name.lower())
            bits |= column.astype(np.int32) << (action - 1)
        reasons = self.reason.astype(np.int32) << REASON_SHIFT
        return np.where(bits != 0, bits | reasons, 0).astype(np.int32)


@dataclass(frozen=True, slots=True)
class StrategyCard:
    """What a form needs to know of a strategy."""

    name: str
    title: str
    summary: str
    parameters: tuple[Parameter, ...]
    needs_signals_file: bool = False


class Strategy(Protocol):
    """A pure function over columns. Causal: signals on a prefix equal the prefix of signals."""

    name: ClassVar[str]
    """Key in STRATEGIES and on the command line."""
    title: ClassVar[str]
    """For a person: ``EMA cross``."""
    summary: ClassVar[str]
    """One sentence: when it buys and sells."""
    parameters: ClassVar[tuple[Parameter, ...]]

    def warmup(self, params: Params) -> int:
        """Candles needed before the first signal can come."""
        ...

    def check(self, params: Params) -> None:
        """Raise InvalidSetting for combinations that make no sense (fast above slow)."""
        ...

    def signals(self, candles: Candles, params: Params) -> Signals:
        """Opinions for all candles at once."""
        ...


def read_params(strategy: type[Strategy] | Strategy, given: Mapping[str, object]) -> Params:
    """Defaults overlaid with `given`, each read and range-checked; unknown names are refused."""
    known = {parameter.name: parameter for parameter in strategy.parameters}
    for name in given:
        if name not in known:
            raise InvalidSetting(_unknown(strategy.title, name, tuple(known)), field=name)
    return {
        name: parameter.read(given.get(name, parameter.default))
        for name, parameter in known.items()
    }


def _unknown(title: str, name: str, known: tuple[str, ...]) -> str:
    if not known:
        return tr("{title} has no parameter {name!r}. It has: none.", title=title, name=name)
    return tr(
        "{title} has no parameter {name!r}. It has: {names}.",
        title=title,
        name=name,
        names=", ".join(known),
    )
