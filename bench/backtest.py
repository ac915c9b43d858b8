"""From the start of `trader-engine backtest` to its printed JSON, beside a peer's whole process.

    python -m bench.backtest [--bars 525600] [--runs 5]

A year of minutes is written to a CSV, and kept in an archive. EMA 10/50 crossings, long, take
profit 2 %, stop loss 1 %, fee 0.1 %, 25 % of the equity. Each run is a process of its own; the
first one of ours is thrown away, it fills the caches (compiled kernel, parsed file). Then the same
in the window.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from engine.domain.archive import Series
from engine.markets.candle_file import read_candle_file
from engine.runtime.sources.archived import archive_in

ROOT = Path(__file__).resolve().parent.parent
TARGET_S = 1.2
MINUTE = 60_000
OPTIONS = [
    *("--symbol", "BTC/USDT", "--strategy", "ema_cross", "--set", "fast=10", "--set", "slow=50"),
    *("--direction", "long", "--take-profit-pct", "2", "--stop-loss-pct", "1", "--json"),
]
PEER = """
import json, sys
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

class Cross(Strategy):
    def init(self):
        close = pd.Series(self.data.Close)
        self.fast = self.I(lambda: close.ewm(span=10, adjust=False).mean())
        self.slow = self.I(lambda: close.ewm(span=50, adjust=False).mean())

    def next(self):
        price = self.data.Close[-1]
        if self.position:
            if crossover(self.slow, self.fast):
                self.position.close()
        elif crossover(self.fast, self.slow):
            self.buy(size=0.25, sl=price * 0.99, tp=price * 1.02)

table = pd.read_csv(sys.argv[1])
table.columns = ["Time", "Open", "High", "Low", "Close", "Volume"]
table.index = pd.to_datetime(table.pop("Time"), unit="ms")
test = Backtest(table, Cross, cash=10_000_000, commission=0.001, finalize_trades=True)
found = test.run()
trades = found["_trades"].to_dict("records")
print(json.dumps({"metrics": {"trades": len(trades)}, "trades": trades}, default=str))
"""


def write_year(path: Path, bars: int) -> None:
    """Minute candles of a random walk near 47,000 with the volatility of real ones."""
    chance = np.random.default_rng(1)
    close = np.round(47_000 * np.exp(np.cumsum(chance.normal(0, 6e-4, bars))), 2)
    opens = np.concatenate((close[:1], close[:-1]))
    high = np.round(np.maximum(opens, close) * (1 + np.abs(chance.normal(0, 2e-4, bars))), 2)
    low = np.round(np.minimum(opens, close) * (1 - np.abs(chance.normal(0, 2e-4, bars))), 2)
    at = 1_640_995_200_000 + np.arange(bars) * MINUTE
    volume = np.round(chance.random(bars) * 10, 3)
    columns = (at, opens, high, low, close, volume)
    with path.open("w") as file:
        file.write("timestamp,open,high,low,close,volume\n")
        for line in zip(*(column.tolist() for column in columns), strict=True):
            file.write("{},{:.2f},{:.2f},{:.2f},{:.2f},{:.3f}\n".format(*line))
    # A file of this moment might still be written to: nothing of it would be kept.
    os.utime(path, (1_700_000_000, 1_700_000_000))


def keep_year(path: Path, data_dir: Path) -> None:
    """The same candles in an archive."""
    series = Series("bench", "BTC/USDT", MINUTE)
    candles = read_candle_file(path).candles
    archive_in(data_dir).append(series, candles, origin="bench")


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """(seconds of the whole process, trades it printed)."""
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        timeout=600,
    )
    took = perf_counter() - began
    return took, int(json.loads(done.stdout)["metrics"]["trades"])


def measure(name: str, runs: int, command: list[str], environment: dict[str, str]) -> float:
    """The median; printed with the best and the worst."""
    found = [timed(command, environment) for _ in range(runs)]
    times = [time for time, _ in found]
    median = statistics.median(times)
    print(
        f"{name:34} {median:6.2f} s (best {min(times):.2f}, worst {max(times):.2f}), "
        f"{found[0][1]:,} trades"
    )
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=525_600)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.csv"
        write_year(path, chosen.bars)
        environment = dict(os.environ)
        ours = ["-m", "engine.cli.main", "backtest", "--candles", str(path), *OPTIONS]
        timed(ours, environment)
        median = measure("trader-engine backtest --json", chosen.runs, ours, environment)
        print(f"target {TARGET_S} s: {'reached' if median <= TARGET_S else 'MISSED'}")
        data_dir = Path(folder) / "data"
        keep_year(path, data_dir)
        kept = [*ours[:3], "--archive", "bench", "--timeframe", "1m", *OPTIONS]
        kept += ["--data-dir", str(data_dir), "--no-store"]
        timed(kept, environment)
        found = measure("the same from the archive", chosen.runs, kept, environment)
        print(f"target {TARGET_S} s: {'reached' if found <= TARGET_S else 'MISSED'}")
        if importlib.util.find_spec("backtesting") is None:
            print("backtesting.py is not installed: no ratio")
        else:
            peer = measure("backtesting.py", 1, ["-c", PEER, str(path)], environment)
            print(f"ratio {peer / median:.1f}x")
        print("The same in the window, from the click (see bench.click):", flush=True)
        click = [sys.executable, "-m", "bench.click", "--bars", str(chosen.bars)]
        subprocess.run(click, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
