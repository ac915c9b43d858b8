"""Ten million candles out of the archive, beside the files that others keep them in.

    python -m bench.archive [--candles 10000000] [--runs 5]

Ours: a parquet file a month, every byte checked against its seal, columns of NumPy at the end. The
peers read one file with the whole series, as freqtrade keeps it: feather (LZ4) and CSV through
pandas; they check nothing. Then a year of minutes and the same year as hours made from them. All
files have been read before, so the disk does not count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

from engine.domain.archive import Series
from engine.domain.candles import HOUR_MS, MINUTE_MS, Candles
from engine.markets.archive.archive import Archive

TARGET_S = 0.5
BEGINS_AT = 1_325_376_000_000
YEAR = 525_600
CSV_CANDLES = 1_000_000
SERIES = Series("bench", "BTC/USDT", MINUTE_MS)


def walk(count: int) -> Candles:
    """Minute candles of a random walk with prices of two digits."""
    chance = np.random.default_rng(1)
    close = np.round(47_000 * np.exp(np.cumsum(chance.normal(0, 1e-4, count))), 2)
    opens = np.concatenate((close[:1], close[:-1]))
    high = np.round(np.maximum(opens, close) * (1 + np.abs(chance.normal(0, 2e-4, count))), 2)
    low = np.round(np.minimum(opens, close) * (1 - np.abs(chance.normal(0, 2e-4, count))), 2)
    at = BEGINS_AT + np.arange(count) * MINUTE_MS
    volume = np.round(chance.random(count) * 10, 3)
    return Candles(at, opens, high, low, close, volume, MINUTE_MS)


def measure(name: str, runs: int, count: int, work: Callable[[], object]) -> float:
    """The median of so many runs after one that is thrown away."""
    work()
    times, spent = [], process_time()
    for _ in range(runs):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    median = statistics.median(times)
    print(
        f"{name:34} {median:6.3f} s (best {min(times):.3f}, worst {max(times):.3f}), "
        f"processors {(process_time() - spent) / runs:.3f} s, {count / median / 1e6:6.1f} M/s"
    )
    return median


def frame(candles: Candles) -> pd.DataFrame:
    """The table that freqtrade keeps."""
    return pd.DataFrame(
        {
            "date": pd.to_datetime(candles.open_at, unit="ms", utc=True),
            "open": candles.open,
            "high": candles.high,
            "low": candles.low,
            "close": candles.close,
            "volume": candles.volume,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candles", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    count, runs = chosen.candles, chosen.runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        candles, archive = walk(count), Archive(folder / "archive")
        began = perf_counter()
        archive.append(SERIES, candles, origin="bench")
        months = archive.coverage(SERIES)
        print(
            f"kept {count:,} candles in {perf_counter() - began:.1f} s, {len(months.months)} "
            f"months, {months.size / 1e6:.0f} MB ({48 * count / 1e6:.0f} MB in memory)"
        )
        ours = measure("archive", runs, count, lambda: archive.read(SERIES))
        print(f"target {TARGET_S} s: {'reached' if ours <= TARGET_S else 'MISSED'}")
        feather = folder / "candles.feather"
        frame(candles).to_feather(feather, compression="lz4")
        peer = measure("feather (pandas)", runs, count, lambda: pd.read_feather(feather))
        print(f"ratio {peer / ours:.1f}x")
        csv, some = folder / "candles.csv", min(count, CSV_CANDLES)
        frame(candles.part(0, some)).to_csv(csv, index=False)
        peer = measure("CSV (pandas)", 1, some, lambda: pd.read_csv(csv, parse_dates=["date"]))
        print(f"ratio {peer / some * count / ours:.0f}x for as many")
        end = BEGINS_AT + YEAR * MINUTE_MS
        measure("a year of minutes", runs, YEAR, lambda: archive.read(SERIES, BEGINS_AT, end))
        hours = lambda: archive.candles("bench", "BTC/USDT", HOUR_MS, BEGINS_AT, end)  # noqa: E731
        measure("its hours, made", runs, YEAR, hours)
        measure("the map of all of it", runs, count, lambda: archive.coverage(SERIES))


if __name__ == "__main__":
    main()
