"""The archive as the window asks for it: off the loop, one download of a series at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.domain.archive import Coverage, Series
from engine.domain.candles import Candles
from engine.domain.import_preview import Imported
from engine.errors import IllegalStep, UnknownName
from engine.language import tr
from engine.markets.archive.archive import Archive
from engine.messages.commands import DeleteCandles, DownloadCandles, ImportCandles
from engine.messages.progress import Progress, Report
from engine.ports import Exchange
from engine.runtime.archive.download import download
from engine.runtime.clock import EngineClock
from engine.runtime.workers import in_thread


def covers_in(archive: Archive) -> tuple[Coverage, ...]:
    """A map of every series. Reads here and now: call it in a worker."""
    found = []
    for series in archive.series():
        try:
            found.append(archive.coverage(series))
        except UnknownName:
            continue  # It was deleted this moment.
    return tuple(found)


class ArchiveDesk:
    """Of one data folder."""

    def __init__(
        self, archive: Archive, exchange: Callable[[str], Exchange], clock: EngineClock
    ) -> None:
        self.archive = archive
        self._exchange, self._clock = exchange, clock
        self._busy: set[Series] = set()

    async def covers(self) -> tuple[Coverage, ...]:
        """A map of every series."""
        return await in_thread("archive", partial(covers_in, self.archive))

    async def candles(
        self, exchange: str, symbol: str, timeframe_ms: int, from_at: int | None, to_at: int | None
    ) -> Candles:
        """Those that open in [from_at, to_at), made from finer ones where they are not kept."""
        read = partial(self.archive.candles, exchange, symbol, timeframe_ms, from_at, to_at)
        return (await in_thread("archive", read))[0]

    async def check(self, series: Series) -> tuple[str, ...]:
        """A sentence for each of its files that was found damaged and set aside."""
        return await in_thread("archive", partial(self.archive.check, series))

    async def download(self, wish: DownloadCandles, report: Report | None) -> int:
        """How many candles came, and what came of it in the words of the last report; raises as
        `engine.runtime.archive.download` does."""
        series = wish.series
        self._check_free(series)
        self._busy.add(series)
        try:
            exchange, span = self._exchange(series.exchange), (wish.from_at, wish.to_at)
            done = await download(exchange, self.archive, series, span, self._clock, report)
        finally:
            self._busy.discard(series)
        if report is not None:
            report(Progress(done.added, done.added, done.words))
        return done.added

    async def take_in(self, wish: ImportCandles, report: Report | None) -> Imported:
        """What was imported; raises as `engine.runtime.archive.importing` does."""
        # Its formats are loaded by who needs them.
        from engine.runtime.archive.importing import import_candles

        return await import_candles(self.archive, wish, report)

    async def delete(self, wish: DeleteCandles) -> int:
        """The bytes that are free now."""
        self._check_free(wish.series)
        return await in_thread("archive", partial(self.archive.delete, wish.series))

    def _check_free(self, series: Series) -> None:
        if series in self._busy:
            raise IllegalStep(
                tr(
                    "{label} is being downloaded. Wait for it, or cancel that first.",
                    label=series.label,
                )
            )
