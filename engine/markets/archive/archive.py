"""The archive: candles of many markets on disk, in months. Synchronous: call it in workers.

One object for each folder and process: its writers wait for each other, readers for nobody. A
month is on disk as it was before a write or as it is after it, whatever happens in between. A file
that is not what was written is set aside and named; the rest of the series goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from engine.domain.archive import Coverage, Series
from engine.domain.candles import Candles, timeframe_text
from engine.domain.longer_candles import bar_after, bar_before
from engine.errors import StoreUnavailable, UnknownName
from engine.language import tr
from engine.markets.archive.cover import coverage_of, known_spans
from engine.markets.archive.longer import longer
from engine.markets.archive.market_notes import NAME, read_step, write_step
from engine.markets.archive.places import folder_of, series_of
from engine.markets.archive.shelf import EVER, Appended, Shelf
from engine.markets.archive.spans import outside, spans_of

__all__ = ["Appended", "Archive"]


class Archive:
    """All series under one folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.RLock()

    def series(self) -> tuple[Series, ...]:
        """Everything that has a candle or a damaged file, by exchange, symbol, timeframe."""
        return tuple(sorted(self._kept(self._folder.glob("*/*/*"))))

    def of_market(self, exchange: str, symbol: str) -> tuple[Series, ...]:
        """Those of one market, the finest first."""
        return tuple(sorted(self._kept(self._market(exchange, symbol).glob("*"))))

    def append(
        self,
        series: Series,
        candles: Candles,
        *,
        origin: str,
        asked: tuple[int, int] | None = None,
    ) -> Appended:
        """Bring candles in, month by month, each month in one step.

        Exact repeats pass; of two candles of one time the new one stays. `asked` is the span
        [from, to) for which the exchange gave these candles and no others. Raises FileRefused for
        impossible candles and StoreUnavailable for a full disk: months before that one are in.
        """
        spans = spans_of([] if asked is None else [asked])
        return self._shelf(series).append(candles, origin, spans)

    def read(self, series: Series, from_at: int | None = None, to_at: int | None = None) -> Candles:
        """Candles that open in [from_at, to_at), in columns of their own.

        Raises UnknownName for a series that is not there, and ArchiveDamaged naming the files
        that were set aside: read again, it gives what is left.
        """
        return self._shelf(series).read(*_span(from_at, to_at))

    def candles(
        self,
        exchange: str,
        symbol: str,
        timeframe_ms: int,
        from_at: int | None = None,
        to_at: int | None = None,
    ) -> tuple[Candles, Series]:
        """Candles of any timeframe, and the stored series that they are or were made from."""
        source = self.source(exchange, symbol, timeframe_ms, from_at, to_at)
        return self.made(source, timeframe_ms, from_at, to_at), source

    def source(
        self,
        exchange: str,
        symbol: str,
        timeframe_ms: int,
        from_at: int | None = None,
        to_at: int | None = None,
        *,
        finer: bool = False,
    ) -> Series:
        """Of the stored series that are this timeframe or divide it, the one that reaches over
        most of the range; where several do, the timeframe itself, then the finest. With `finer`
        the timeframe itself does not count. UnknownName if there is none."""
        stored = self.of_market(exchange, symbol)
        fitting = [one for one in stored if timeframe_ms % one.timeframe_ms == 0]
        fitting = [one for one in fitting if not finer or one.timeframe_ms < timeframe_ms]
        if not fitting:
            there = ", ".join(timeframe_text(one.timeframe_ms) for one in stored)
            market, timeframe = f"{exchange} {symbol}", timeframe_text(timeframe_ms)
            if not there:
                raise UnknownName(
                    tr(
                        "The archive has no candles of {market} from which {timeframe} "
                        "candles could be made. Download or import them first.",
                        market=market,
                        timeframe=timeframe,
                    )
                )
            raise UnknownName(
                tr(
                    "The archive has no candles of {market} from which {timeframe} "
                    "candles could be made; it has {timeframes}. Download or import them "
                    "first.",
                    market=market,
                    timeframe=timeframe,
                    timeframes=there,
                )
            )

        def rank(one: Series) -> tuple[int, bool, int]:
            reach = self._reach(one, timeframe_ms, *_span(from_at, to_at))
            return reach, one.timeframe_ms == timeframe_ms, -one.timeframe_ms

        return max(fitting, key=rank)

    def made(
        self,
        source: Series,
        timeframe_ms: int,
        from_at: int | None = None,
        to_at: int | None = None,
    ) -> Candles:
        """Candles of `timeframe_ms` from a stored series whose timeframe is it or divides it.

        Only whole bars, equal to the exchange's own: a bar with missing finer candles is made only
        if the exchange was asked for them and had none.
        """
        if source.timeframe_ms == timeframe_ms:
            return self.read(source, from_at, to_at)
        begin = None if from_at is None else bar_after(from_at, timeframe_ms)
        end = None if to_at is None else bar_after(to_at, timeframe_ms)
        known = known_spans(self._shelf(source).notes())
        return longer(self.read(source, begin, end), timeframe_ms, known)

    def note_step(self, exchange: str, symbol: str, price_step: Decimal) -> None:
        """What the exchange lists as the step of this market's prices, of which candles are kept.
        Raises StoreUnavailable for a full disk."""
        with self._writing:
            write_step(self._market(exchange, symbol), price_step)

    def price_step(self, exchange: str, symbol: str) -> Decimal | None:
        """The step that was noted last; None if none was."""
        return read_step(self._market(exchange, symbol))

    def coverage(self, series: Series) -> Coverage:
        """What there is of it, from the files' notes; of one with nothing but damaged files that
        alone. UnknownName if nothing is."""
        shelf = self._shelf(series)
        notes, damaged = shelf.notes(), shelf.damaged()
        if not damaged and not any(month.rows for month in notes):
            raise shelf.unknown()
        size = sum(path.stat().st_size for path in shelf.folder.iterdir())
        return coverage_of(series, notes, damaged, size)

    def missing(self, series: Series, from_at: int, to_at: int) -> tuple[tuple[int, int], ...]:
        """Spans of [from_at, to_at), in whole candles, that are neither there nor known to be
        empty on the exchange, oldest first."""
        begin, end = (bar_after(at, series.timeframe_ms) for at in (from_at, to_at))
        gone = outside(known_spans(self._shelf(series).notes()), begin, end)
        return tuple((first, last) for first, last in gone.tolist())

    def check(self, series: Series) -> tuple[str, ...]:
        """Read every byte. A sentence for each file that is damaged, and was set aside."""
        return self._shelf(series).check()

    def delete(self, series: Series) -> int:
        """Remove all of a series; the bytes that are free now. UnknownName if it is not there."""
        shelf, freed = self._shelf(series), 0
        try:
            with self._writing:
                for path in list(shelf.folder.iterdir()):
                    size = path.stat().st_size
                    path.unlink()
                    freed += size
                _remove_empty(shelf.folder)
        except FileNotFoundError:
            raise shelf.unknown() from None
        except OSError as error:
            raise StoreUnavailable(
                tr(
                    "{series} cannot be removed from the archive ({error}); {freed:,} "
                    "bytes of it are gone. Close what reads it, and do it again.",
                    series=series.label,
                    error=error.strerror,
                    freed=freed,
                ),
                details=repr(error),
            ) from error
        return freed

    def _market(self, exchange: str, symbol: str) -> Path:
        """The folder of all its series."""
        return folder_of(self._folder, Series(exchange, symbol, 1_000)).parent

    def _shelf(self, series: Series) -> Shelf:
        return Shelf(folder_of(self._folder, series), series, self._writing)

    def _kept(self, folders: Iterable[Path]) -> Iterator[Series]:
        for folder in folders:
            series = series_of(folder)
            if series is not None and not self._shelf(series).is_empty():
                yield series

    def _reach(self, series: Series, timeframe_ms: int, from_at: int, to_at: int) -> int:
        """How many bars of `timeframe_ms` lie between its first and last candle in the range; fewer
        than none if it has no candle."""
        ends = self._shelf(series).ends()
        if ends is None:
            return -1
        begin = max(ends[0].first_at, from_at)
        end = min(ends[1].end_at, to_at)
        whole = bar_before(end, timeframe_ms) - bar_after(begin, timeframe_ms)
        return max(0, whole // timeframe_ms)


def _span(from_at: int | None, to_at: int | None) -> tuple[int, int]:
    return EVER[0] if from_at is None else from_at, EVER[1] if to_at is None else to_at


def _remove_empty(folder: Path) -> None:
    """A series' folder, and those of its symbol and exchange if it was their last one."""
    if [each.name for each in folder.parent.iterdir() if each != folder] == [NAME]:
        (folder.parent / NAME).unlink()
    for empty in (folder, folder.parent, folder.parent.parent):
        if any(empty.iterdir()):
            return
        empty.rmdir()
