"""Candles on their way into the archive: gathered for a few seconds, then written in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from engine.domain.archive import Series
from engine.domain.candles import Candles, moment_text, no_candles, timeframe_text
from engine.errors import Fault
from engine.language import tr, trn
from engine.markets.archive.archive import Archive
from engine.markets.archive.months import month_end
from engine.runtime.clock import EngineClock
from engine.runtime.workers import in_thread

_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a download came to."""

    series: Series
    added: int = 0
    revised: int = 0
    withheld: tuple[int, int] | None = None
    """A span of which the exchange lets candles be known, but does not give these."""
    damaged: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For a person."""
        said = [
            trn(
                "{count:,} candle of {label} came into the archive.",
                "{count:,} candles of {label} came into the archive.",
                self.added,
                label=self.series.label,
            )
            if self.added
            else tr("No new candles.")
        ]
        if self.revised:
            said.append(
                tr(
                    "{revised:,} that were there had other values and were replaced.",
                    revised=self.revised,
                )
            )
        if self.withheld is not None:
            said.append(
                tr(
                    "{exchange} does not give its {timeframe} candles from {begin} to "
                    "{end} UTC; import them from files.",
                    exchange=self.series.exchange,
                    timeframe=timeframe_text(self.series.timeframe_ms),
                    begin=moment_text(self.withheld[0]),
                    end=moment_text(self.withheld[1]),
                )
            )
        return " ".join([*said, *self.damaged])


class Incoming:
    """Takes spans of candles, oldest first, and brings them to disk."""

    def __init__(self, archive: Archive, series: Series, clock: EngineClock, origin: str) -> None:
        self.done = Downloaded(series)
        self._archive, self._clock, self._origin = archive, clock, origin
        self._parts: list[Candles] = []
        self._begin = self._end = 0
        self._written_s = clock.monotonic()

    async def take(self, from_at: int, candles: Candles, to_at: int) -> None:
        """These are all candles of [from_at, to_at). Raises StoreUnavailable if what is gathered
        is due and cannot be written."""
        if self._parts and from_at != self._end:
            await self.flush()
        if not self._parts:
            self._begin = from_at
        self._parts.append(candles)
        self._end = to_at
        late = self._clock.monotonic() - self._written_s >= _EVERY_S
        if late or to_at >= month_end(self._begin):
            await self.flush()

    async def flush(self) -> None:
        """Everything that was taken to disk."""
        if not self._parts:
            return
        candles, span = _joined(self._parts), (self._begin, self._end)
        self._parts = []
        append = partial(
            self._archive.append, self.done.series, candles, origin=self._origin, asked=span
        )
        writing = asyncio.ensure_future(in_thread("archive", append))
        try:
            appended = await asyncio.shield(writing)
        except asyncio.CancelledError:
            with suppress(Fault):  # who cancels finds it on disk
                await writing
            raise
        self._written_s = self._clock.monotonic()
        self.done = replace(
            self.done,
            added=self.done.added + appended.added,
            revised=self.done.revised + appended.revised,
            damaged=self.done.damaged + appended.damaged,
        )

    def withheld(self, from_at: int, to_at: int) -> None:
        """Note a span for which the exchange gives nothing although it was traded."""
        before = self.done.withheld or (from_at, to_at)
        self.done = replace(self.done, withheld=(before[0], to_at))


def _joined(parts: Sequence[Candles]) -> Candles:
    filled = [part for part in parts if len(part)] or [no_candles(parts[0].timeframe_ms)]
    names = ("open_at", "open", "high", "low", "close", "volume")
    at, opens, high, low, close, volume = (
        np.concatenate([getattr(part, name) for part in filled]) for name in names
    )
    return Candles(at, opens, high, low, close, volume, parts[0].timeframe_ms)
