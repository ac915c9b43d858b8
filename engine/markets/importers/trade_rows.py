"""Rows that are trades, and the candles they make: the very ones the exchange made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, FloatColumn
from engine.errors import FileRefused
from engine.language import tr, trn
from engine.markets.importers.rows import RowReader, Rows
from engine.markets.importers.tables import Cells, no_rows
from engine.markets.tick_candles import merged
from engine.messages.progress import Told

_FINEST: Final = 10
"""Decimals of an amount; what has more is a float of its own kind and summed as it is."""
_EXACT: Final = float(1 << 53)


@dataclass(frozen=True, slots=True)
class Traded:
    """The candles of trades, and what was found on the way to them."""

    candles: Candles
    out_of_order: int
    notes: tuple[str, ...]


def read_trades(readers: Sequence[RowReader], timeframe_ms: int, told: Sequence[Told]) -> Traded:
    """A candle for each timeframe in which somebody traded; blocks of trades are forgotten as
    soon as they are candles. Raises FileRefused with file and line of what cannot be."""
    making = _Making(timeframe_ms)
    pairs = list(zip(readers, told, strict=True))
    if len(pairs) > 1:
        pairs.sort(key=lambda pair: pair[0].first_at)
    for reader, tell in pairs:
        for rows, cells in reader.blocks(tell):
            making.add(reader, rows, cells)
    if not making.trades:
        raise no_rows(readers[0].table.source)
    return making.done()


class _Making:
    """Trades on their way to candles."""

    def __init__(self, timeframe_ms: int) -> None:
        self._timeframe_ms = timeframe_ms
        self._bars: list[np.ndarray] = []
        self._decimals = 0
        self._reader: RowReader | None = None
        self._own = 0
        """Where the bars of the file begin that is being read."""
        self._last_at = 0
        self._told, self._id = np.zeros((3, 1)), None
        """The latest trade: time, price, amount; its number."""
        self.trades = 0
        self.repeated = 0
        self.out_of_order = 0

    def add(self, reader: RowReader, rows: Rows, cells: Cells) -> None:
        price, amount = rows.numbers
        _refuse_impossible(reader, rows)
        self._refuse_overlap(reader, rows)
        at, order = rows.at, np.diff(rows.at)
        newest_first = bool((order < 0).any()) and not (order > 0).any()
        if (order < 0).any():
            self.out_of_order += int((order < 0).sum())
            sort = np.arange(len(at))[::-1] if newest_first else np.argsort(at, kind="stable")
            at, price, amount = at[sort], price[sort], amount[sort]
        elif "id" in cells.columns:
            once = ~self._repeats(rows, cells)
            self.repeated += int((~once).sum())
            at, price, amount = at[once], price[once], amount[once]
        self.trades += len(at)
        self._decimals = _decimals(amount, self._decimals)
        flat = np.column_stack([at.astype(np.float64), price, price, price, price, amount])
        bars = merged(flat, self._timeframe_ms)
        self._bars.insert(self._own if newest_first else len(self._bars), bars)

    def done(self) -> Traded:
        bars = np.concatenate(self._bars)
        if (np.diff(bars[:, 0]) < 0).any():
            bars = bars[np.argsort(bars[:, 0], kind="stable")]
        bars = merged(bars, self._timeframe_ms)
        at, opens, high, low, close, volume = (np.ascontiguousarray(part) for part in bars.T)
        candles = Candles(
            at.astype(np.int64), opens, high, low, close,
            _exact(volume, self._decimals), self._timeframe_ms,
        )  # fmt: skip
        notes = [
            tr(
                "Made from {trades:,} trades; where nobody traded there is no candle.",
                trades=self.trades,
            )
        ]
        if self.repeated:
            notes.append(
                trn(
                    "{count:,} trade was told twice and counted once.",
                    "{count:,} trades were told twice and counted once.",
                    self.repeated,
                )
            )
        return Traded(candles, self.out_of_order, tuple(notes))

    def _repeats(self, rows: Rows, cells: Cells) -> BoolColumn:
        """Which rows say the same as the one before, down to the number of the trade."""
        ids = cells.columns["id"]
        told = np.vstack([rows.at.astype(np.float64), rows.numbers])
        again: BoolColumn = (np.diff(told, axis=1, prepend=self._told) == 0).all(axis=0)
        for row in np.flatnonzero(again).tolist():
            before = ids[row - 1].as_py() if row else self._id
            again[row] = before is not None and ids[row].as_py() == before
        self._told, self._id = told[:, -1:], ids[len(ids) - 1].as_py()
        return again

    def _refuse_overlap(self, reader: RowReader, rows: Rows) -> None:
        """Nobody could say whether equal trades of two files are one."""
        before = self._reader
        if before is None or before is not reader:
            if before is not None and int(rows.at.min()) < self._last_at:
                raise FileRefused(
                    tr(
                        "{name} and {other} tell of the same time twice, and trades "
                        "that are in both would count double. Nothing was taken. Leave "
                        "one of them out.",
                        name=reader.table.source.name,
                        other=before.table.source.name,
                    )
                )
            self._reader, self._own = reader, len(self._bars)
        self._last_at = max(self._last_at, int(rows.at.max()))


def _refuse_impossible(reader: RowReader, rows: Rows) -> None:
    price, amount = rows.numbers
    for wrong, what in ((price <= 0, tr("the price is zero or negative.")),
                        (amount < 0, tr("the amount is negative."))):  # fmt: skip
        if wrong.any():
            raise reader.refusal(int(rows.place[int(np.argmax(wrong))]), what)


def _decimals(amounts: FloatColumn, known: int) -> int:
    """How many decimals the amounts have, at least `known`; more than _FINEST for floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        while known <= _FINEST and not (np.round(amounts, known) == amounts).all():
            known += 1
    return known


def _exact(volume: FloatColumn, decimals: int) -> FloatColumn:
    """Sums without the dust of floats: 0.1 + 0.2 is 0.3, as the exchange's own candle says."""
    if decimals > _FINEST:
        return volume
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(volume * 10.0**decimals < _EXACT, np.round(volume, decimals), volume)
