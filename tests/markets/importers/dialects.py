"""Candles as other programs write them: one value for each way in which the files differ."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import feather, parquet

from engine.domain.candles import Candles

START: Final = 1_640_995_200_000
"""2022-01-01 00:00 UTC"""
MINUTE: Final = 60_000
COLUMNS: Final = ("open", "high", "low", "close", "volume")
PER_MS: Final = {"s": 0.001, "ms": 1, "us": 1_000, "ns": 1_000_000}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`unit`: s, ms, us, ns, iso, zoned, dotted or american. `header`: names, or None for none."""

    unit: str = "ms"
    separator: str = ","
    decimal: str = "."
    header: tuple[str, ...] | None = ("time", *COLUMNS)
    end: str = "\n"
    quoted: bool = False
    title: str = ""
    packing: str = ""

    @property
    def name(self) -> str:
        return "candles.csv" + {"gzip": ".gz", "zip": ".zip"}.get(self.packing, "")


def written(folder: Path, candles: Candles, dialect: Dialect) -> Path:
    """A file of these candles."""
    lines = [dialect.title] if dialect.title else []
    quote = '"' if dialect.quoted or dialect.decimal == dialect.separator else ""
    if dialect.header is not None:
        lines.append(dialect.separator.join(dialect.header))
    for row in range(len(candles)):
        numbers = [number(getattr(candles, name)[row]) for name in COLUMNS]
        cells = [moment(int(candles.open_at[row]), dialect.unit)]
        cells += [text.replace(".", dialect.decimal) for text in numbers]
        lines.append(dialect.separator.join(f"{quote}{cell}{quote}" for cell in cells))
    path = folder / dialect.name
    path.write_bytes(packed((dialect.end.join(lines) + dialect.end).encode(), dialect.packing))
    return path


def number(value: float) -> str:
    """As exchanges write it: never with an exponent, and exactly."""
    return str(np.format_float_positional(value, trim="0"))


def moment(at: int, unit: str) -> str:
    if unit in PER_MS:
        return str(at // 1_000 if unit == "s" else round(at * PER_MS[unit]))
    text = str(np.datetime64(at, "ms"))
    year, month, day, clock = text[:4], text[5:7], text[8:10], text[11:19]
    return {
        "iso": f"{text[:10]} {clock}",
        "zoned": f"{np.datetime64(at + 90 * MINUTE, 'ms')}"[:19] + "+01:30",
        "dotted": f"{day}.{month}.{year} {clock}",
        "american": f"{month}/{day}/{year} {_half_day(clock)}",
    }[unit]


def _half_day(clock: str) -> str:
    hour = int(clock[:2])
    return f"{hour % 12 or 12}{clock[2:]} {'PM' if hour >= 12 else 'AM'}"


def packed(content: bytes, packing: str) -> bytes:
    if packing == "gzip":
        return gzip.compress(content)
    if packing == "zip":
        holder = io.BytesIO()
        with zipfile.ZipFile(holder, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("candles.csv", content)
        return holder.getvalue()
    return content


def freqtrade_feather(path: Path, candles: Candles) -> Path:
    feather.write_feather(_freqtrade(candles), str(path), compression="lz4")
    return path


def freqtrade_parquet(path: Path, candles: Candles) -> Path:
    parquet.write_table(_freqtrade(candles), str(path))
    return path


def _freqtrade(candles: Candles) -> Any:
    nanos = pa.array(candles.open_at * 1_000_000).cast(pa.timestamp("ns", "UTC"))
    return pa.table({"date": nanos} | {name: getattr(candles, name) for name in COLUMNS})


def freqtrade_json(path: Path, candles: Candles, packing: str = "") -> Path:
    columns = [candles.open_at.tolist(), *(getattr(candles, name).tolist() for name in COLUMNS)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    path.write_bytes(packed(json.dumps(rows).encode(), packing))
    return path


def minutes(
    count: int, *, seed: int = 3, timeframe_ms: int = MINUTE, step: float = 0.25
) -> Candles:
    """A random walk without gaps, on a price step that decimals can write."""
    rng = np.random.default_rng(seed)
    close = 40_000 + np.cumsum(rng.integers(-20, 21, count)) / 4
    opens = np.concatenate([[40_000.0], close[:-1]])
    high = np.maximum(opens, close) + rng.integers(0, 9, count) / 4
    low = np.minimum(opens, close) - rng.integers(0, 9, count) / 4
    volume = rng.integers(0, 10**9, count) / 1e8
    at = START + np.arange(count, dtype=np.int64) * timeframe_ms
    return Candles(at, opens, high, low, close, volume, timeframe_ms)


def assert_same(one: Candles, other: Candles) -> None:
    """Equal to the last bit."""
    assert one.timeframe_ms == other.timeframe_ms
    for name in ("open_at", *COLUMNS):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
