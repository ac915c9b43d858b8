"""Extra feeds of a strategy: longer candles of its own market, and candles of other markets.

A strategy that wants some has a method `extras(params)` and finds them in the candles it is asked
about::

    def extras(self, params: Params) -> tuple[Extra, ...]:
        return (Extra("", HOUR_MS, warmup=50), Extra("BTC/USDT", HOUR_MS, warmup=50))

    def signals(self, candles: Candles, params: Params) -> Signals:
        hours, btc = extras_of(candles)
        trend = hours.onto(talib.EMA(hours.candles.close, 50))  # one value for each of `candles`

At each candle it sees what had closed by that candle's close, and nothing later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np

from engine.domain.candles import Candles, no_candles, timeframe_text
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.longer_candles import bars_of, chosen
from engine.domain.strategy import Params
from engine.errors import InvalidSetting
from engine.language import tr


@dataclass(frozen=True, slots=True)
class Extra:
    """One feed that a strategy wants: of `symbol`, or of its own market ("")."""

    symbol: str
    timeframe_ms: int
    warmup: int = 0
    """Candles of it that must have closed before the session's first one."""

    @property
    def label(self) -> str:
        """``ETH/USDT 1h``; ``1h`` of the own market."""
        return f"{self.symbol} {timeframe_text(self.timeframe_ms)}".strip()

    @property
    def market(self) -> tuple[str, int]:
        """Whose candles it is: two extras may want the same ones."""
        return self.symbol, self.timeframe_ms


@runtime_checkable
class WantsExtras(Protocol):
    """A strategy that follows more than its own candles."""

    def extras(self, params: Params) -> tuple[Extra, ...]:
        """What it wants under these parameters, in the order in which it will find them."""
        ...


@dataclass(frozen=True, slots=True)
class Followed:
    """Candles of another market as a session came to know them.

    `known_at` int64 of their length, never falling: the moment from which each may be used. That
    is its close, or later for one that came after a decision it should have been there for.
    """

    symbol: str
    candles: Candles
    known_at: IntColumn

    @property
    def market(self) -> tuple[str, int]:
        return self.symbol, self.candles.timeframe_ms

    def __len__(self) -> int:
        return len(self.candles)

    def part(self, start: int, stop: int) -> Followed:
        """Candles start..stop-1 as views."""
        return Followed(self.symbol, self.candles.part(start, stop), self.known_at[start:stop])


NOBODY: Final[tuple[Followed, ...]] = ()
"""No other market is followed."""


def followed_in_time(symbol: str, candles: Candles) -> Followed:
    """Candles that were each known when they closed."""
    return Followed(symbol, candles, candles.open_at + candles.timeframe_ms)


@dataclass(frozen=True, slots=True)
class ExtraCandles:
    """The closed candles of one extra beside n main candles.

    `last` int64 of n: at each main candle the index of the latest one of `candles` that was known
    at its close, -1 before the first.
    """

    candles: Candles
    last: IntColumn

    def onto(self, column: FloatColumn) -> FloatColumn:
        """A column of `candles` (an indicator, prices) as float64 of n: at each main candle the
        latest known value, NaN before the first."""
        if len(column) != len(self.candles):
            raise ValueError(f"{len(column)} values for {len(self.candles)} candles of an extra")
        values = np.append(np.asarray(column, np.float64), np.nan)
        return values[self.last]

    def part(self, start: int, stop: int) -> ExtraCandles:
        """Beside main candles start..stop-1, and as much as is known by the last of them."""
        last = self.last[start:stop]
        return ExtraCandles(self.candles.part(0, int(last[-1]) + 1 if len(last) else 0), last)


@dataclass(frozen=True, slots=True)
class CandlesWithExtras(Candles):
    """Main candles with what the strategy asked for, in its order."""

    extras: tuple[ExtraCandles, ...]

    def part(self, start: int, stop: int) -> CandlesWithExtras:
        main = Candles.part(self, start, stop)
        return _together(main, tuple(extra.part(start, stop) for extra in self.extras))


def extras_of(candles: Candles) -> tuple[ExtraCandles, ...]:
    """What a strategy asked for beside `candles`, in its order."""
    return candles.extras if isinstance(candles, CandlesWithExtras) else ()


def with_extras(
    candles: Candles, wanted: Sequence[Extra], followed: Iterable[Followed]
) -> CandlesWithExtras:
    """`candles` with the extras that are `wanted`; those of other markets out of `followed`.

    InvalidSetting with words for one that cannot be made or is not among them.
    """
    seen = {one.market: one for one in seen_of(candles, wanted, followed)}
    extras = []
    for extra in wanted:
        one = seen[extra.market] if extra.symbol else own_longer(candles, extra.timeframe_ms)
        extras.append(_aligned(candles, one))
    return _together(candles, tuple(extras))


def seen_of(
    candles: Candles, wanted: Iterable[Extra], followed: Iterable[Followed]
) -> tuple[Followed, ...]:
    """What a strategy sees of other markets beside `candles`: from their warm-up before the first
    of these up to the close of the last. Cutting it again changes nothing.
    """
    there = {one.market: one for one in followed}
    warmups: dict[tuple[str, int], int] = {}
    for extra in wanted:
        if extra.symbol:
            if extra.market not in there:
                raise _missing(extra)
            warmups[extra.market] = max(extra.warmup, warmups.get(extra.market, 0))
    return tuple(_cut(there[market], candles, warmup) for market, warmup in warmups.items())


def own_longer(candles: Candles, timeframe_ms: int) -> Followed:
    """Longer candles out of a session's own: those of which it has lived through the whole span.

    A candle that is missing in between counts as one without trades, as it does everywhere else
    in a session. InvalidSetting for a timeframe that theirs does not divide.
    """
    check_own(candles.timeframe_ms, timeframe_ms)
    bars, whole = bars_of(candles, timeframe_ms)
    if len(bars):
        whole &= bars.open_at >= candles.open_at[0]
        whole &= bars.open_at + timeframe_ms <= candles.open_at[-1] + candles.timeframe_ms
    return followed_in_time("", chosen(bars, whole))


def check_own(main_ms: int, timeframe_ms: int) -> None:
    """InvalidSetting if candles of `timeframe_ms` cannot be made out of candles of `main_ms`."""
    if timeframe_ms % main_ms:
        wanted, main = timeframe_text(timeframe_ms), timeframe_text(main_ms)
        raise InvalidSetting(
            tr(
                "The strategy also follows {wanted} candles of its market, and they "
                "cannot be made out of {main} candles. Choose candles of which a whole "
                "number makes {wanted}, or let it follow a multiple of {main}.",
                wanted=wanted,
                main=main,
            ),
            field="timeframe",
        )


def nothing_followed(symbol: str, timeframe_ms: int) -> Followed:
    """A market of which no candle is known yet."""
    return followed_in_time(symbol, no_candles(timeframe_ms))


def _cut(followed: Followed, candles: Candles, warmup: int) -> Followed:
    if not len(candles):
        return followed.part(0, 0)
    first_at, end_at = int(candles.open_at[0]), int(candles.open_at[-1]) + candles.timeframe_ms
    # What came late does not move the begin of what was decided on without it.
    begin = max(0, int(np.searchsorted(followed.known_at, first_at, side="right")) - warmup)
    end = int(np.searchsorted(followed.known_at, end_at, side="right"))
    return followed.part(begin, max(begin, end))


def _aligned(candles: Candles, followed: Followed) -> ExtraCandles:
    closes = candles.open_at + candles.timeframe_ms
    last = np.searchsorted(followed.known_at, closes, side="right") - 1
    return ExtraCandles(followed.candles, last.astype(np.int64))


def _together(main: Candles, extras: tuple[ExtraCandles, ...]) -> CandlesWithExtras:
    return CandlesWithExtras(
        main.open_at,
        main.open,
        main.high,
        main.low,
        main.close,
        main.volume,
        main.timeframe_ms,
        extras,
    )


def _missing(extra: Extra) -> InvalidSetting:
    return InvalidSetting(
        tr(
            "The strategy also follows {label}, and there are no candles of it. Give "
            "them, or choose a strategy that follows its own market only.",
            label=extra.label,
        ),
        field="extra",
    )
