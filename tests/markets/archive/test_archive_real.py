"""Real candles: what is made from minutes is what an exchange's trades made. Its generated twin is
test_archive.py."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.domain.archive import Series
from engine.domain.candles import MINUTE_MS, Candles
from engine.markets.archive.archive import Archive

FIVE = 5 * MINUTE_MS
SERIES = Series("freqtrade", "XRP/ETH", MINUTE_MS)


def feather(name: str, timeframe_ms: int) -> Candles:
    folder = os.environ.get("TRADER_TEST_DATA")
    path = Path(folder) / "freqtrade" / name if folder else None
    if path is None or not path.exists():
        pytest.skip("TRADER_TEST_DATA does not point to the real candles")
    table = pd.read_feather(path)
    at = table["date"].dt.as_unit("ms").astype(np.int64).to_numpy()
    opens, high, low, close, volume = (
        table[column].to_numpy(np.float64) for column in ("open", "high", "low", "close", "volume")
    )
    return Candles(at, opens, high, low, close, volume, timeframe_ms)


def test_five_minutes_made_from_minutes_are_those_of_the_exchange(tmp_path: Path) -> None:
    minutes, five = feather("XRP_ETH-1m.feather", MINUTE_MS), feather("XRP_ETH-5m.feather", FIVE)
    archive = Archive(tmp_path)
    span = int(five.open_at[0]), int(five.open_at[-1]) + FIVE
    archive.append(SERIES, minutes, origin="test", asked=span)
    made, source = archive.candles("freqtrade", "XRP/ETH", FIVE)
    assert source == SERIES
    shared, ours, theirs = np.intersect1d(made.open_at, five.open_at, return_indices=True)
    assert len(shared) == len(made) > 500
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(getattr(made, name)[ours], getattr(five, name)[theirs]), name
    assert np.allclose(made.volume[ours], five.volume[theirs], rtol=1e-12, atol=1e-9)
    left_out = np.setdiff1d(five.open_at, made.open_at)
    assert not np.isin(left_out, minutes.open_at - minutes.open_at % FIVE).any()
