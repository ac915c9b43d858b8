"""What a file to be imported was taken for, how a person corrects that, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.domain.archive import Series
from engine.domain.candle_report import FileReport
from engine.language import tr


class TimeUnit(StrEnum):
    """How a file writes its times."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"
    ISO = "iso"
    """2021-12-31 23:01, with or without a zone."""
    DAY_FIRST = "dmy"
    """31.12.2021 23:01"""
    MONTH_FIRST = "mdy"
    """12/31/2021 11:01 PM"""

    @property
    def words(self) -> str:
        return _UNIT_WORDS[self]


_UNIT_WORDS: Final[Mapping[TimeUnit, str]] = {
    TimeUnit.SECONDS: tr("seconds"),
    TimeUnit.MILLISECONDS: tr("milliseconds"),
    TimeUnit.MICROSECONDS: tr("microseconds"),
    TimeUnit.NANOSECONDS: tr("nanoseconds"),
    TimeUnit.ISO: tr("ISO times"),
    TimeUnit.DAY_FIRST: tr("times with the day first"),
    TimeUnit.MONTH_FIRST: tr("times with the month first"),
}


class Holds(StrEnum):
    """What a row of a file is."""

    CANDLES = "candles"
    TRADES = "trades"

    @property
    def words(self) -> str:
        return tr("trades") if self is Holds.TRADES else tr("candles")

    @property
    def roles(self) -> tuple[str, ...]:
        """What its columns can be, those first without which it cannot be read."""
        if self is Holds.TRADES:
            return "time", "price", "amount", "id"
        return "time", "open", "high", "low", "close", "volume"

    @property
    def needed(self) -> tuple[str, ...]:
        return self.roles[: 3 if self is Holds.TRADES else 5]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person says about a file; None is found out. What a file has no use for (the
    separator of a Feather file) is left alone."""

    separator: str | None = None
    decimal: str | None = None
    """Point or comma."""
    skip: int | None = None
    """Lines before the first row."""
    columns: Mapping[str, int | str] | None = None
    """Role -> place from 0, or the name in the header. Only these are read."""
    unit: TimeUnit | None = None
    utc_offset_ms: int | None = None
    """Of times that say no zone; east is above zero."""
    timeframe_ms: int | None = None
    """What candles must be; what candles are made from trades."""


DETECTED: Final = Choices()
"""Everything is found out."""


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """One column: its name in the file (empty without a header) and its role (empty: not read)."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """The beginning of a file as it lies there and as it would be read."""

    path: str
    dialect: str
    """``CSV text in a zip``, ``Feather``."""
    holds: Holds
    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    """The first rows, each cell as its file writes it."""
    understood: tuple[tuple[str, ...], ...]
    """The same rows: time in UTC, then the numbers in the order of `holds.roles`; empty where
    they cannot be read."""
    detected: Choices
    """What was given or found out, to be shown. Whoever asks again gives what a person chose, not
    all of this: what is found out may change further down in the file."""
    time_words: str
    symbol: str
    """Guessed from the file; empty when it does not tell."""
    problem: str = ""
    """Why it cannot be imported like this; empty when it can."""
    warnings: tuple[str, ...] = ()
    """What a person should look at before importing."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The finding for a person, shortest first; `problem` and `warnings` are apart."""
        if self.problem:
            return (f"{self.dialect}.",)
        return (
            tr("{dialect} with {rows}.", dialect=self.dialect, rows=self.holds.words),
            tr("Times: {times}.", times=self.time_words),
        )


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import put into the archive."""

    series: Series
    report: FileReport
    """Of all its files together."""
    files: int
    added: int
    """Candles that were not there before."""
    revised: int
    """Candles that were there with other values."""

    @property
    def sentences(self) -> tuple[str, ...]:
        known = self.report.rows - self.added - self.revised
        said = [
            tr("{added:,} candles added to {series}.", added=self.added, series=self.series.label)
        ]
        if known:
            said.append(tr("{known:,} were there already.", known=known))
        if self.revised:
            said.append(
                tr(
                    "{revised:,} were there with other values and were replaced.",
                    revised=self.revised,
                )
            )
        return (*self.report.sentences, *said)
