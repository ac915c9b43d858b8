"""From start to painted window, beside a program that imports everything first.

    python -m bench.start [--runs 5]

Each start is a process of its own on an empty data folder (offscreen unless there is a display);
the first one is thrown away, it only warms the caches. The peer imports what the program needs in
the end (charts, compiled code, database, pandas) before it shows an empty window.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

TARGET_S = 1.0
ROOT = Path(__file__).resolve().parent.parent
PAINTED = re.compile(r"Window painted (\d+\.\d+) s after start")
EAGER = """
import time; began = time.perf_counter()
import PySide6.QtWidgets as q, numba, pandas, pyqtgraph, sqlalchemy.ext.asyncio, talib, alembic
app = q.QApplication([]); window = q.QMainWindow(); window.show(); app.processEvents()
print(f"Window painted {time.perf_counter() - began:.2f} s after start")
"""


def painted_after(arguments: list[str]) -> tuple[float, float]:
    """(seconds the program says, seconds of the whole process) of one start."""
    environment = dict(os.environ)
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & environment.keys():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = PAINTED.search(done.stdout + done.stderr)
    if found is None:
        raise SystemExit(f"The program did not say when it was painted:\n{done.stderr}")
    return float(found.group(1)), perf_counter() - began


def measure(name: str, runs: int, arguments: list[str]) -> float:
    painted_after(arguments)
    times = [painted_after(arguments) for _ in range(runs)]
    median = statistics.median(time for time, _ in times)
    worst = max(time for time, _ in times)
    whole = statistics.median(time for _, time in times)
    print(f"{name:24} painted after {median:5.2f} s (worst {worst:.2f}), process {whole:.2f} s")
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        ours = measure(
            "trader-gui", runs, ["-m", "trader_gui", "--data-dir", folder, "--smoke", "0"]
        )
    peer = measure("everything imported first", runs, ["-c", EAGER])
    verdict = "reached" if ours <= TARGET_S else "MISSED"
    print(f"ratio {peer / ours:.1f}x, target {TARGET_S:.0f} s: {verdict}")


if __name__ == "__main__":
    main()
