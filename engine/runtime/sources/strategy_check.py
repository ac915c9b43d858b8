"""Does a strategy know the future? It is asked on ever longer pasts of one market, and must say
about each candle what it says when it sees the whole.

A live bot asks on the past that is there; a backtest on all of it at once. Only where both answers
are the same does a backtest tell what a bot would have done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import MINUTE_MS, Candles, moment_text
from engine.domain.extra_feeds import Extra, Followed, followed_in_time
from engine.domain.reasons import Action
from engine.domain.strategy import Params, Signals, Strategy, read_params
from engine.language import localised, tr
from engine.strategies.guard import ask, wanted_extras

CANDLES: Final = 600
_PREFIXES: Final = 90
_BEGINS_AT: Final = 1_704_067_200_000


@dataclass(frozen=True, slots=True)
class LookAhead:
    """The first candle about which it said something else once it knew more."""

    at: int
    """Its open, UTC ms."""
    what: str
    """``buy``, or an indicator's name."""
    known: str
    later: str
    candles_later: int
    """How many candles more it had seen by then."""


@dataclass(frozen=True, slots=True)
class Finding:
    asked: int
    """How many pasts it was asked on."""
    candles: int
    signals: int
    look_ahead: LookAhead | None
    same_again: bool
    """Asked twice about the same it said the same."""


def check_causality(
    strategy: Strategy, given: Mapping[str, object] | None = None, candles: Candles | None = None
) -> Finding:
    """Ask it on up to 90 pasts of `candles`, or of a walk made here. Takes seconds: call it in a
    worker. StrategyFailed if it fails, InvalidSetting for parameters it does not have."""
    params = read_params(strategy, given or {})
    strategy.check(params)
    candles = candles if candles is not None else made_candles(_enough(strategy, params))
    followed = tuple(_other(one, candles) for one in wanted_extras(strategy, params) if one.symbol)
    whole = ask(strategy, candles, params, followed)
    again = ask(strategy, candles, params, followed)
    same = _difference(whole, again, len(candles)) is None
    found, counts = None, _lengths(whole, len(candles))
    for count in counts:
        part = ask(strategy, candles.part(0, count), params, followed)
        difference = _difference(part, whole, count)
        if difference is not None:
            bar, what, known, later = difference
            at, more = int(candles.open_at[bar]), len(candles) - count
            found = LookAhead(at, what, known, later, more)
            break
    signals = int(np.count_nonzero(whole.packed()))
    return Finding(len(counts), len(candles), signals, found, same)


def check_words(file: str, finding: Finding) -> str:
    """What was found, as a sentence or two."""
    looked = finding.look_ahead
    if not finding.same_again:
        return tr(
            "{file} gave two answers to the same question. A backtest of it cannot "
            "be repeated: take out what depends on time, chance or what it was "
            "asked before.",
            file=file,
        )
    if looked is not None:
        return tr(
            "{file} knows the future: about the candle of {moment} it said {what} "
            "{known}, and {candles_later} candles later {later}. Its backtests show "
            "what no bot can do. Let each row use earlier rows only.",
            file=file,
            moment=moment_text(looked.at),
            what=looked.what,
            known=looked.known,
            candles_later=looked.candles_later,
            later=looked.later,
        )
    pasts = tr(
        "asked on {asked} pasts of {candles:,} candles",
        asked=finding.asked,
        candles=finding.candles,
    )
    if not finding.signals:
        return tr(
            "{file} gave no signal at all, {pasts}. No look-ahead was seen, which says little.",
            file=file,
            pasts=pasts,
        )
    return tr(
        "{file} says the same about each candle, however much it knows of what came "
        "after ({pasts}, {signals:,} candles with signals). No look-ahead was seen.",
        file=file,
        pasts=pasts,
        signals=finding.signals,
    )


def made_candles(count: int) -> Candles:
    """A walk of `count` minute candles with calm and wild stretches and gaps in price; the same
    each time."""
    chance = np.random.default_rng(7)
    wild = np.where(np.arange(count) // 60 % 3 == 1, 3.0, 1.0)
    steps = chance.normal(0, 0.0015, count) * wild
    steps[chance.integers(0, count, max(1, count // 150))] *= 8
    close = np.round(30_000 * np.exp(np.cumsum(steps)), 1)
    opens = np.concatenate([[30_000.0], close[:-1]])
    reach = np.abs(chance.normal(0, 15, (2, count)))
    high = np.round(np.maximum(opens, close) + reach[0], 1)
    low = np.round(np.minimum(opens, close) - reach[1], 1)
    at = _BEGINS_AT + MINUTE_MS * np.arange(count, dtype=np.int64)
    volume = np.round(chance.exponential(3, count), 3)
    return Candles(at, opens, high, low, close, volume, MINUTE_MS)


def _enough(strategy: Strategy, params: Params) -> int:
    """So many candles that it comes to say something after its warm-up."""
    longest = max(
        [strategy.warmup(params)]
        + [
            (one.warmup + 1) * one.timeframe_ms // MINUTE_MS
            for one in wanted_extras(strategy, params)
        ]
    )
    return min(CANDLES + 2 * longest, 20_000)


def _other(extra: Extra, candles: Candles) -> Followed:
    """Another market beside `candles`, from its warm-up on."""
    step, first = extra.timeframe_ms, int(candles.open_at[0])
    begin_at = (first // step - extra.warmup - 1) * step
    end_at = int(candles.open_at[-1]) + candles.timeframe_ms
    count = max(1, (end_at - begin_at) // step)
    made = made_candles(int(count))
    at = begin_at + step * np.arange(count, dtype=np.int64)
    prices = made.open, made.high, made.low, made.close, made.volume
    return followed_in_time(extra.symbol, Candles(at, *prices, step))


def _lengths(whole: Signals, count: int) -> list[int]:
    """Up to where it is asked: right after signals, where knowing more would show, and spread."""
    signals = np.flatnonzero(whole.packed()) + 1
    chosen = signals[np.linspace(0, len(signals) - 1, min(len(signals), _PREFIXES // 2), dtype=int)]
    spread = np.linspace(1, count - 1, _PREFIXES - len(chosen), dtype=int)
    return sorted({int(one) for one in (*chosen, *spread) if 0 < one < count})


def _difference(part: Signals, whole: Signals, count: int) -> tuple[int, str, str, str] | None:
    """The first of `count` candles that they differ about: its place, what, and both sides."""
    for action in Action:
        name = action.name.lower()
        one, other = getattr(part, name)[:count], getattr(whole, name)[:count]
        places = np.flatnonzero(one != other)
        if len(places):
            bar = int(places[0])
            return bar, name, _yes(one[bar]), _yes(other[bar])
    for title in part.indicators:
        if title not in whole.indicators:
            continue
        one, other = part.indicators[title][:count], whole.indicators[title][:count]
        # The last digits of a running sum may hang on how the columns were cut for the processor.
        places = np.flatnonzero(~np.isclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True))
        if len(places):
            bar = int(places[0])
            return bar, title, localised(f"{one[bar]:g}"), localised(f"{other[bar]:g}")
    return None


def _yes(said: object) -> str:
    return tr("yes") if said else tr("no")
