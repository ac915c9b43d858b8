"""What the strategy thinks: asked over all candles, filtered by direction, packed for the kernel.

What the chosen direction forbids is not refused by a rule: it is never asked. A long-only bot
whose strategy says "short" has no signal, and its log shows none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import IntMatrix, SignalColumn
from engine.domain.extra_feeds import NOBODY, Extra, Followed, check_own, seen_of
from engine.domain.rows import Rows, closes_candle
from engine.domain.settings import Direction
from engine.domain.strategy import Params, Signals, Strategy
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.strategies.guard import ask, wanted_extras
from engine.strategies.reason_text import fill_reason

HISTORY: Final = 150
"""Candles before the start that every session takes along where they exist: a chart begins with a
past, and averages have settled before the first decision."""


def candles_before(strategy: Strategy, params: Params, timeframe_ms: int) -> int:
    """How many candles before its start a session takes along: its anchor."""
    return max(warmup_of(strategy, params, timeframe_ms), HISTORY)


def warmup_of(strategy: Strategy, params: Params, timeframe_ms: int) -> int:
    """Candles of `timeframe_ms` before the first signal can come: the strategy's own, or as many
    as the warm-up of the longer candles made out of them takes, of which the first is cut."""
    longest = [
        -(-(extra.warmup + 1) * extra.timeframe_ms // timeframe_ms)
        for extra in wanted_extras(strategy, params)
        if not extra.symbol
    ]
    return max([strategy.warmup(params), *longest])


def checked_extras(strategy: Strategy, params: Params, timeframe_ms: int) -> tuple[Extra, ...]:
    """What the strategy wants of other markets; InvalidSetting with words if it wants candles of
    its own market that cannot be made out of `timeframe_ms`."""
    wanted = wanted_extras(strategy, params)
    for extra in wanted:
        if not extra.symbol:
            check_own(timeframe_ms, extra.timeframe_ms)
    return tuple(extra for extra in wanted if extra.symbol)


@dataclass(frozen=True, slots=True)
class Opinion:
    """The strategy's answer over `candles`; `packed` is int32 with one entry for each candle."""

    candles: Candles
    signals: Signals
    packed: SignalColumn
    followed: tuple[Followed, ...] = ()
    """What it saw of other markets."""

    @property
    def off_price(self) -> frozenset[str]:
        """Indicators that do not share the price's scale."""
        return frozenset(name for name, style in self.signals.styles.items() if not style.on_price)

    def latest(self) -> dict[str, float]:
        """Each indicator at the last candle."""
        return {name: float(values[-1]) for name, values in self.signals.indicators.items()}

    def notes(self, events: IntMatrix, price_decimals: int) -> list[str]:
        """The reason, numbers filled in, for each event that is an accepted signal."""
        open_at = self.candles.open_at
        texts = [""] * len(events)
        places = np.flatnonzero(events[:, ev.KIND] == EventKind.SIGNAL)
        decided_at = events[places, ev.AT] - self.candles.timeframe_ms
        bars = np.searchsorted(open_at, decided_at)
        there = np.searchsorted(open_at, decided_at, side="right") > bars
        for place, bar in zip(places[there].tolist(), bars[there].tolist(), strict=True):
            texts[place] = fill_reason(self.signals, bar, price_decimals)
        return texts


def form_opinion(
    strategy: Strategy,
    params: Params,
    direction: Direction,
    candles: Candles,
    followed: Iterable[Followed] = NOBODY,
) -> Opinion:
    """Ask the strategy here and now; raises StrategyFailed. `followed` are the other markets it
    may want: those it wants, from the same moment in every mode (see `seen_of`)."""
    seen = seen_of(candles, wanted_extras(strategy, params), followed)
    signals = ask(strategy, candles, params, seen)
    nothing = np.zeros(len(candles), np.bool_)
    if direction is Direction.LONG:
        signals = replace(signals, short=nothing, cover=nothing)
    elif direction is Direction.SHORT:
        signals = replace(signals, buy=nothing, sell=nothing)
    return Opinion(candles, signals, signals.packed(), seen)


def signals_for(rows: Rows, opinion: Opinion | None) -> SignalColumn:
    """The packed opinions, one for each row: only rows that close a candle have any."""
    signals = np.zeros(len(rows), np.int32)
    if opinion is not None:
        closing = np.flatnonzero(closes_candle(rows.table))
        signals[closing] = opinion.packed[len(opinion.packed) - len(closing) :]
    return signals
