"""What thousands of tests begin with, made once in a process: a new database takes a tenth of a
second to go through every migration, the past of a simulated market takes a second."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.domain.columns import IntMatrix
from engine.markets import price_process, simulated_market, tick_candles
from engine.store import opening

_make_newest = opening.make_newest
_BLOCKS = 8_192
"""Six pasts of three symbols: some 60 MB."""


@cache
def fresh_database() -> bytes:
    """The file as the store makes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / opening.FILE_NAME
        _make_newest(path)
        return path.read_bytes()


def copy_or_make(path: Path) -> None:
    """In place of `opening.make_newest`: what is there already goes its own way."""
    if path.exists():
        _make_newest(path)
    else:
        path.write_bytes(fresh_database())


def remember(patch: pytest.MonkeyPatch) -> None:
    """Have stores copied, and blocks of simulated markets kept by what they are made from."""
    patch.setattr(opening, "make_newest", copy_or_make)
    make_block = lru_cache(_BLOCKS)(price_process.make_block)
    patch.setattr(simulated_market, "make_block", make_block)
    known: dict[int, tuple[price_process.Ticks, IntMatrix]] = {}

    def bars_of(ticks: price_process.Ticks, timeframe_ms: int) -> IntMatrix:
        if timeframe_ms != simulated_market.MINUTE_MS:
            return tick_candles.bars_from_ticks(ticks, timeframe_ms)
        if len(known) > _BLOCKS:
            known.clear()
        if id(ticks) not in known:  # kept beside its bars, so that no other has its id
            known[id(ticks)] = ticks, tick_candles.bars_from_ticks(ticks, timeframe_ms)
        return known[id(ticks)][1]

    patch.setattr(simulated_market, "bars_from_ticks", bars_of)
