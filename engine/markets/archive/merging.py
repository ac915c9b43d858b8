"""Candles joined to candles: repeats pass, for other values at the same time the newer wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.archive import Series
from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.domain.columns import BoolColumn, IntColumn
from engine.errors import FileRefused
from engine.language import tr

_PIECE: Final = 1 << 16
_PRICES: Final = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it."""

    candles: Candles
    added: int
    repeated: int
    revised: int


def check_candles(series: Series, candles: Candles) -> None:
    """FileRefused for candles that no exchange could mean; nothing of them is kept."""
    if candles.timeframe_ms != series.timeframe_ms:
        raise ValueError(f"{timeframe_text(candles.timeframe_ms)} candles for {series.label}")
    for begin in range(0, len(candles), _PIECE):  # of all at once there would be copies
        part = candles.part(max(0, begin - 1), begin + _PIECE)
        wrong = _impossible(part)
        if wrong.any():
            open_at = int(part.open_at[int(np.argmax(wrong))])
            raise FileRefused(
                tr(
                    "The candle of {series} at {moment} UTC has impossible values or "
                    "stands in the wrong place. Nothing of these candles was kept.",
                    series=series.label,
                    moment=moment_text(open_at),
                )
            )


def _impossible(candles: Candles) -> BoolColumn:
    opens, high, low, close, volume = columns = [getattr(candles, name) for name in _PRICES]
    wrong: BoolColumn = ~np.isfinite(np.array(columns)).all(axis=0)
    wrong |= (low <= 0) | (np.minimum(opens, close) < low) | (np.maximum(opens, close) > high)
    wrong |= volume < 0
    wrong[1:] |= np.diff(candles.open_at) <= 0
    return wrong


def merge(series: Series, old: Candles, new: Candles) -> Merged:
    """Both, in order of time. FileRefused if they cannot be candles of one series."""
    known, place = _known(old, new)
    same = known.copy()
    for name in _PRICES:
        before = getattr(old, name)[place[known]]
        same[known] &= before == getattr(new, name)[known]
    repeated, revised = int(same.sum()), int((known & ~same).sum())
    if repeated == len(new):
        return Merged(old, 0, repeated, 0)
    stays = np.ones(len(old), np.bool_)
    stays[place[known]] = False
    open_at = np.concatenate((old.open_at[stays], new.open_at))
    order = np.argsort(open_at, kind="stable")
    opens, high, low, close, volume = (
        np.concatenate((getattr(old, name)[stays], getattr(new, name)))[order] for name in _PRICES
    )
    candles = Candles(open_at[order], opens, high, low, close, volume, series.timeframe_ms)
    _check_grid(series, candles)
    return Merged(candles, len(new) - repeated - revised, repeated, revised)


def _known(old: Candles, new: Candles) -> tuple[BoolColumn, IntColumn]:
    """Which of the new candles are there already, and where (for the others: anywhere)."""
    if not len(old):
        return np.zeros(len(new), np.bool_), np.zeros(len(new), np.int64)
    place = np.minimum(np.searchsorted(old.open_at, new.open_at), len(old) - 1)
    return old.open_at[place] == new.open_at, place


def _check_grid(series: Series, candles: Candles) -> None:
    close = np.flatnonzero(np.diff(candles.open_at) < series.timeframe_ms)
    if len(close):
        one, other = (moment_text(int(candles.open_at[close[0] + k])) for k in (0, 1))
        raise FileRefused(
            tr(
                "Two candles of {series} would overlap: {first} and {second} UTC. Nothing "
                "of this month was changed. Keep them under another name, or delete "
                "those that are there.",
                series=series.label,
                first=one,
                second=other,
            )
        )
