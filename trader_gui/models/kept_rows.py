"""The archive as a table: one row for each series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.domain.archive import Coverage, Series
from engine.domain.candles import timeframe_text
from engine.domain.columns import IntColumn
from engine.language import tr, trn
from trader_gui import format as fmt
from trader_gui.coverage.facts import damaged_months, end_of, size_text, unexplained
from trader_gui.models.table_model import Column, Look, Values


class SeriesNumbers:
    """A number for each series that stays its own as long as the window is open."""

    def __init__(self) -> None:
        self._numbers: dict[Series, int] = {}

    def of(self, series: Series) -> int:
        return self._numbers.setdefault(series, len(self._numbers) + 1)


@dataclass(frozen=True)
class KeptRows:
    covers: tuple[Coverage, ...] = ()
    numbers: SeriesNumbers = field(default_factory=SeriesNumbers)

    def __len__(self) -> int:
        return len(self.covers)

    @property
    def keys(self) -> IntColumn:
        return np.array([self.numbers.of(cover.series) for cover in self.covers], np.int64)

    def cover(self, key: int | None) -> Coverage | None:
        found = (each for each in self.covers if self.numbers.of(each.series) == key)
        return next(found, None)

    def lost(self, row: int) -> int:
        """Missing candles that the exchange was not asked for."""
        return unexplained(self.covers[row].months)

    def first(self, row: int) -> int | None:
        """Where its first candle opens; None where only damaged files are left."""
        cover = self.covers[row]
        return cover.first_at if cover.bars else None

    def end(self, row: int, *, inside: bool = False) -> int | None:
        """Where its last candle ends, or the last moment `inside` it."""
        cover = self.covers[row]
        return end_of(cover) - inside if cover.bars else None


def kept_columns() -> tuple[Column[KeptRows], ...]:
    """Name, reach, quality and size."""
    return (
        Column(
            "symbol",
            tr("Symbol"),
            _texts(lambda cover: cover.series.symbol),
            lambda rows, i: rows.covers[i].series.symbol,
            look=Look.STRONG,
            second=lambda rows, i: timeframe_text(rows.covers[i].series.timeframe_ms),
            mark=_damage,
            width=134,
            wide=True,
            hint=tr("The market, and the length of its candles."),
        ),
        Column(
            "exchange",
            tr("Exchange"),
            _texts(lambda cover: cover.series.exchange),
            lambda rows, i: rows.covers[i].series.exchange,
            tone=lambda rows, i: "text2",
            width=80,
            hint=tr("Where the candles came from, or the name they were imported under."),
        ),
        Column(
            "from",
            tr("From (UTC)"),
            _ints(lambda cover: cover.first_at),
            lambda rows, i: fmt.date(rows.first(i)),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: _iso(rows.first(i)),
            width=84,
            drops=1,
            hint=tr("Open of the first candle that is kept, UTC."),
        ),
        Column(
            "to",
            tr("To (UTC)"),
            _ints(end_of),
            lambda rows, i: fmt.date(rows.end(i, inside=True)),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: _iso(rows.end(i)),
            width=84,
            drops=2,
            hint=tr("End of the last candle that is kept, UTC."),
        ),
        Column(
            "bars",
            tr("Candles"),
            _ints(lambda cover: cover.bars),
            lambda rows, i: fmt.count(rows.covers[i].bars),
            right=True,
            width=84,
            hint=tr("How many candles are kept."),
        ),
        Column(
            "missing",
            tr("Missing"),
            lambda rows: np.array([rows.lost(i) for i in range(len(rows))], np.int64),
            lambda rows, i: fmt.count(rows.lost(i)),
            tone=lambda rows, i: "warn" if rows.lost(i) else "text3",
            right=True,
            width=84,
            hint=tr(
                "Candles that may be missing; what the exchange does not have either is left out"
            ),
        ),
        Column(
            "size",
            tr("Size"),
            _ints(lambda cover: cover.size),
            lambda rows, i: size_text(rows.covers[i].size),
            tone=lambda rows, i: "text2",
            plain=lambda rows, i: str(rows.covers[i].size),
            plain_title="Size (bytes)",
            right=True,
            width=72,
            drops=3,
            hint=tr("Room on the disk."),
        ),
    )


def _damage(rows: KeptRows, row: int) -> str:
    months = damaged_months(rows.covers[row])
    if not months:
        return ""
    return trn(
        "The file of {months} was damaged and set aside.",
        "The files of {months} were damaged and set aside.",
        len(months),
        months=", ".join(months),
    )


def _iso(at: int | None) -> str:
    return "" if at is None else fmt.iso(at)


def _texts(of: Callable[[Coverage], str]) -> Callable[[KeptRows], Values]:
    return lambda rows: np.array([of(cover) for cover in rows.covers], dtype=object)


def _ints(of: Callable[[Coverage], int]) -> Callable[[KeptRows], Values]:
    return lambda rows: np.array([of(cover) for cover in rows.covers], np.int64)
