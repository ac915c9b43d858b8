"""Any span of a simulated market since it began, made again: it keeps only a day and a half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.columns import IntMatrix
from engine.errors import UnknownName
from engine.language import tr
from engine.markets.price_process import BLOCK_MS, ProcessState, Ticks, first_state, make_block
from engine.markets.simulated_market import HISTORY_MS
from engine.markets.symbols import PRESETS, Preset
from engine.markets.tick_candles import NO_BARS, bars_from_ticks, candles_from_bars, merged

GoOn = Callable[[int, int], None]
"""Told (blocks made, blocks in all) now and then; what it raises ends the work."""

_TELL_EVERY: Final = 256


@dataclass(frozen=True, slots=True)
class Past:
    """Candles of a span; `fine` are the minutes inside them, None where there is nothing finer."""

    candles: Candles
    fine: Candles | None


def past_candles(
    state: Mapping[str, Any],
    symbol: str,
    timeframe_ms: int,
    span: tuple[int, int],
    go_on: GoOn,
) -> Past:
    """Candles that open in `span` (from, to; UTC ms on the timeframe's grid), as the market of the
    stored `state` (see `SimulatedVenue.state`) traded them. A year takes a minute: call it in a
    worker. Raises UnknownName for a symbol that it does not trade."""
    if symbol not in PRESETS:
        raise UnknownName(
            tr(
                "The simulated market does not trade {symbol}. It has: {symbols}.",
                symbol=symbol,
                symbols=", ".join(PRESETS),
            )
        )
    preset = PRESETS[symbol]
    ticks = _blocks(state, preset, span, go_on)
    if timeframe_ms % MINUTE_MS:
        bars = bars_from_ticks(_together(list(ticks)), timeframe_ms)
        return Past(_candles(bars, preset, timeframe_ms, span), None)
    tables = [bars_from_ticks(block, MINUTE_MS) for block in ticks]
    minutes = np.concatenate([NO_BARS, *tables])
    candles = _candles(merged(minutes, timeframe_ms), preset, timeframe_ms, span)
    finer = timeframe_ms > MINUTE_MS
    return Past(candles, _candles(minutes, preset, MINUTE_MS, span) if finer else None)


def _candles(bars: IntMatrix, preset: Preset, timeframe_ms: int, span: tuple[int, int]) -> Candles:
    within = bars[(bars[:, 0] >= span[0]) & (bars[:, 0] < span[1])]
    return candles_from_bars(within, preset.market, timeframe_ms)


def _blocks(
    state: Mapping[str, Any], preset: Preset, span: tuple[int, int], go_on: GoOn
) -> Iterator[Ticks]:
    """The ticks of the blocks that reach into `span`, oldest first."""
    begin, end = span
    now = _last_known(state, preset, begin)
    first, until = now.block, -(-end // BLOCK_MS)
    while now.block < until:
        if (now.block - first) % _TELL_EVERY == 0:
            go_on(now.block - first, until - first)
        wanted = (now.block + 1) * BLOCK_MS > begin
        made, now = make_block(preset, int(state["seed"]), now)
        if wanted:
            yield made


def _last_known(state: Mapping[str, Any], preset: Preset, begin: int) -> ProcessState:
    """A state of the price process from before `begin`: the stored one, or that of the market's
    first day."""
    for stored in state["markets"]:
        process = ProcessState(**stored["process"])
        if stored["symbol"] == preset.market.symbol and process.block * BLOCK_MS <= begin:
            return process
    first = int(state["start_at"]) // BLOCK_MS - -(-HISTORY_MS // BLOCK_MS)
    return first_state(preset, first)


def _together(parts: list[Ticks]) -> Ticks:
    empty = np.empty(0, np.int64)
    return Ticks(
        np.concatenate([empty, *(part.at for part in parts)]),
        np.concatenate([empty, *(part.price for part in parts)]),
        np.concatenate([empty, *(part.amount for part in parts)]),
    )
