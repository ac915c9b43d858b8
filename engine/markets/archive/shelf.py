"""One series on disk: its month files read, joined with new candles, checked, set aside."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.archive import Series
from engine.domain.candles import Candles, no_candles
from engine.domain.columns import IntMatrix
from engine.errors import ArchiveDamaged, StoreUnavailable, UnknownName
from engine.language import tr
from engine.markets.archive.merging import Merged, check_candles, merge
from engine.markets.archive.month_file import (
    COLUMNS,
    Damage,
    read_month,
    read_month_notes,
    write_month,
)
from engine.markets.archive.month_notes import MonthNotes, notes_of
from engine.markets.archive.months import month_start, month_starts
from engine.markets.archive.places import (
    DAMAGED,
    HALF,
    SUFFIX,
    damaged_months,
    month_files,
    month_name,
    month_text,
)
from engine.markets.archive.spans import NO_SPANS, clipped, joined_spans

EVER: Final = (-(1 << 62), 1 << 62)
_READERS: Final = min(4, os.cpu_count() or 1)
_TRIES: Final = 3
"""So often is read anew what a writer changed in between, before writers are held up."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What came of candles that were brought into the archive."""

    added: int
    repeated: int
    """Were there already, equal."""
    revised: int
    """Replaced candles of the same time with other values."""
    damaged: tuple[str, ...] = ()
    """A sentence for each file that was found damaged and set aside meanwhile."""


class Shelf:
    """The folder of a series. `writing` is held while files are changed."""

    def __init__(self, folder: Path, series: Series, writing: threading.RLock) -> None:
        self.folder, self.series = folder, series
        self._writing = writing

    def notes(self) -> list[MonthNotes]:
        """Of every month, oldest first. What is damaged is left out and left where it is: whoever
        reads it is told of it."""
        found = (self._footer(path) for path in month_files(self.folder))
        return [notes for notes in found if notes is not None]

    def damaged(self) -> set[str]:
        """``2024-01`` of each month of which a file was set aside, or is about to be."""
        unreadable = (
            path.name.removesuffix(SUFFIX)
            for path in month_files(self.folder)
            if self._footer(path) is None
        )
        return damaged_months(self.folder) | set(unreadable)

    def is_empty(self) -> bool:
        """Whether there is neither a candle nor anything damaged."""
        footers = map(self._footer, month_files(self.folder))
        whole = all(notes is not None and not notes.rows for notes in footers)
        return whole and not damaged_months(self.folder)

    def ends(self) -> tuple[MonthNotes, MonthNotes] | None:
        """The first and the last month that have candles; None if nothing has."""
        paths = month_files(self.folder)
        first = next(filter(None, map(self._filled, paths)), None)
        last = next(filter(None, map(self._filled, reversed(paths))), None)
        return None if first is None or last is None else (first, last)

    def unknown(self) -> UnknownName:
        """What to raise where nothing of it is kept."""
        return UnknownName(
            tr(
                "The archive has no candles of {series}. Download or import them first.",
                series=self.series.label,
            )
        )

    def read(self, from_at: int, to_at: int) -> Candles:
        """Candles that open in [from_at, to_at); raises as `Archive.read` does."""
        for _ in range(_TRIES):
            candles = self._read_once(from_at, to_at)
            if candles is not None:
                return candles
        with self._writing:
            candles = self._read_once(from_at, to_at)
        if candles is None:
            raise StoreUnavailable(
                tr(
                    "{series} is being written by another program. Nothing was read; try again.",
                    series=self.series.label,
                )
            )
        return candles

    def check(self) -> tuple[str, ...]:
        """Read every byte; a sentence for each file that is not as it should be."""
        said = []
        for path in month_files(self.folder):
            try:
                self._whole(path)
            except Damage as damage:
                said.append(self._set_aside(path, damage))
            except FileNotFoundError:
                continue
            except OSError as error:
                said.append(self._unreadable(path, error).words)
        return tuple(said)

    def append(self, candles: Candles, origin: str, asked: IntMatrix) -> Appended:
        """Bring candles in, month by month; raises as `Archive.append` does."""
        check_candles(self.series, candles)
        with self._writing:
            for half in self.folder.glob(f"*{HALF}"):
                half.unlink(missing_ok=True)
            months = self._by_month(candles)
            asked_in = self._asked_by_month(asked, months)
            added = repeated = revised = 0
            damaged: list[str] = []
            for month_at in sorted(months | asked_in):
                part = months.get(month_at, no_candles(candles.timeframe_ms))
                merged, said = self._join(month_at, part, origin, asked_in.get(month_at, NO_SPANS))
                added += merged.added
                repeated += merged.repeated
                revised += merged.revised
                damaged += said
        return Appended(added, repeated, revised, tuple(damaged))

    def _join(
        self, month_at: int, new: Candles, origin: str, asked: IntMatrix
    ) -> tuple[Merged, list[str]]:
        path = self.folder / month_name(month_at)
        said: list[str] = []
        nothing = no_candles(self.series.timeframe_ms)
        notes, old = notes_of(self.series, month_at, nothing, NO_SPANS, ()), nothing
        try:
            notes, old = self._whole(path)
        except FileNotFoundError:
            pass  # The month's first candles.
        except Damage as damage:
            said.append(self._set_aside(path, damage))
        except OSError as error:
            raise self._unreadable(path, error) from error
        merged = merge(self.series, old, new)
        every_asked = joined_spans(notes.asked, asked)
        changed = merged.added + merged.revised
        if changed or not np.array_equal(every_asked, notes.asked):
            origins = (*notes.origins, origin) if changed else notes.origins
            now = notes_of(self.series, month_at, merged.candles, every_asked, origins)
            write_month(path, now, merged.candles)
        return merged, said

    def _by_month(self, candles: Candles) -> dict[int, Candles]:
        if not len(candles):
            return {}
        at = candles.open_at
        starts = month_starts(int(at[0]), int(at[-1]) + 1)
        cuts = np.searchsorted(at, starts).tolist()
        return {
            month_at: candles.part(begin, end)
            for month_at, begin, end in zip(starts.tolist(), cuts, cuts[1:], strict=False)
            if begin < end
        }

    def _asked_by_month(self, asked: IntMatrix, months: dict[int, Candles]) -> dict[int, IntMatrix]:
        """Each month's part of the span with that month; where it has no file, with the next one
        that has, so that years before a market began are one line and not a hundred files."""
        if not len(asked):
            return {}
        there = {_month_of(path) for path in month_files(self.folder)}
        homes = sorted(there | set(months)) or [month_start(int(asked[0, 0]))]
        found: dict[int, IntMatrix] = {}
        starts = month_starts(int(asked[0, 0]), int(asked[-1, 1]))
        for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            home = homes[min(int(np.searchsorted(homes, begin)), len(homes) - 1)]
            found[home] = joined_spans(found.get(home, NO_SPANS), clipped(asked, begin, end))
        return found

    def _read_once(self, from_at: int, to_at: int) -> Candles | None:
        """None if a writer changed something meanwhile."""
        paths = month_files(self.folder)
        if not paths:
            raise self.unknown()
        paths = [path for path in paths if _may_hold(path, from_at, to_at)]
        rows = [0 if notes is None else notes.rows for notes in map(self._footer, paths)]
        starts = np.concatenate(([0], np.cumsum(rows, dtype=np.int64))).tolist()
        whole, said = _room(starts[-1], self.series.timeframe_ms), list[str]()

        def load(place: int) -> bool:
            try:
                _, month = self._whole(paths[place])
            except Damage as damage:
                said.append(self._set_aside(paths[place], damage))
                return True
            except FileNotFoundError:
                return False
            except OSError as error:
                raise self._unreadable(paths[place], error) from error
            if len(month) == rows[place]:
                for name in COLUMNS:
                    part = getattr(whole, name)[starts[place] : starts[place + 1]]
                    part[:] = getattr(month, name)
            return len(month) == rows[place]

        complete = _all(load, len(paths))
        if said:
            raise ArchiveDamaged(" ".join(sorted(said)))
        if not complete:
            return None
        first, last = np.searchsorted(whole.open_at, [from_at, to_at]).tolist()
        return whole.part(first, last)

    def _footer(self, path: Path) -> MonthNotes | None:
        """None for a file that has gone, or that reading all of it will complain about."""
        try:
            return self._own(path, read_month_notes(path))
        except (Damage, FileNotFoundError):
            return None
        except OSError as error:
            raise self._unreadable(path, error) from error

    def _filled(self, path: Path) -> MonthNotes | None:
        notes = self._footer(path)
        return notes if notes is not None and notes.rows else None

    def _whole(self, path: Path) -> tuple[MonthNotes, Candles]:
        notes, candles = read_month(path)
        return self._own(path, notes), candles

    def _own(self, path: Path, notes: MonthNotes) -> MonthNotes:
        if notes.series != self.series or month_name(notes.month_at) != path.name:
            raise Damage(
                tr(
                    "it holds {series} of {month}",
                    series=notes.series.label,
                    month=month_text(notes.month_at),
                )
            )
        return notes

    def _set_aside(self, path: Path, damage: Damage) -> str:
        """A sentence of what was done."""
        with self._writing:
            done = self._moved(path)
        return tr(
            "{name} of {series} is damaged: {damage}. {done} The other months can be "
            "used; download or import this one again.",
            name=path.name,
            series=self.series.label,
            damage=damage,
            done=done,
        )

    def _moved(self, path: Path) -> str:
        try:
            self._whole(path)
        except Damage:
            pass
        except OSError:
            return tr("It is no longer there.")
        else:
            return tr("It was written anew meanwhile.")
        aside, number = path.with_name(path.name + DAMAGED), 1
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.name}{DAMAGED}-{number}")
        try:
            path.rename(aside)
        except OSError as error:
            return tr("It could not be set aside ({error}).", error=error.strerror)
        return tr("It was set aside as {name}.", name=aside.name)

    def _unreadable(self, path: Path, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(
            tr(
                "{name} of {series} cannot be read ({error}). Nothing was changed. Give "
                "this user the right to read it, or look after the disk.",
                name=path.name,
                series=self.series.label,
                error=error.strerror or error,
            ),
            details=repr(error),
        )


def _month_of(path: Path) -> int:
    """The first moment of the month that a file is named after."""
    return int(np.datetime64(path.name.removesuffix(SUFFIX), "ms").astype(np.int64))


def _may_hold(path: Path, from_at: int, to_at: int) -> bool:
    begin = _month_of(path)
    return begin < to_at and month_starts(begin, begin + 1)[1] > from_at


def _room(count: int, timeframe_ms: int) -> Candles:
    opens, high, low, close, volume = (np.empty(count, np.float64) for _ in range(5))
    return Candles(np.empty(count, np.int64), opens, high, low, close, volume, timeframe_ms)


def _all(load: Callable[[int], bool], count: int) -> bool:
    """Whether all of them could be loaded; more than a few in threads, which decode and copy
    without the interpreter's lock."""
    if count < _READERS:
        loaded = [load(place) for place in range(count)]
        return all(loaded)
    with ThreadPoolExecutor(_READERS, "archive") as readers:
        return all(list(readers.map(load, range(count))))
