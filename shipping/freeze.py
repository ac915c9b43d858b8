"""Builds the program for the system it runs on, into dist/trader-gui, on macOS dist/Trader.app of
that, too. Called by `run.py build`.

    python -m shipping.freeze [--into FOLDER]

Two builds of one commit are equal, byte for byte: times are the commit's, no order depends on
chance, and byte code does not say where it was made. `files.txt` in the folder lists them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine import __version__
from engine.core.ahead_of_time import FILE as KERNEL
from shipping import folder as made
from shipping.licences import write_licences
from shipping.origins import distributions_inside, read_origins, system_packages
from shipping.sbom import FILE as SBOM
from shipping.sbom import write_sbom
from shipping.versions import write_versions

ROOT: Final = Path(__file__).resolve().parent.parent
MOST_BYTES: Final = 350_000_000


def epoch_of_commit() -> int:
    """Seconds since 1970 that stand for when this was made: the commit's, or who calls says it."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    show = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=False)
    return int(done.stdout or 1_700_000_000)


def build(into: Path) -> Path:
    """The finished folder."""
    work = into / "work"
    work.mkdir(parents=True, exist_ok=True)
    epoch_s = epoch_of_commit()
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": str(epoch_s),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(ROOT),
        "TRADER_BUILD_MADE": str(work),
    }
    subprocess.run([sys.executable, "-m", "shipping.icons", str(work)], env=environment, check=True)
    write_versions(work, __version__)
    # Both take a minute of one core.
    with beside([sys.executable, "-m", "shipping.kernel", str(work)], environment) as compiling:
        _pyinstaller("build.spec", into, work, environment)
        if compiling.wait():
            raise SystemExit("The kernel could not be compiled; what is said above says why.")
    folder = into / "trader-gui"
    _papers(folder, read_origins(work / "origins.json"), epoch_s)
    made.finish(folder, work / KERNEL, epoch_s)
    (folder / made.LISTING).write_text(made.listing(folder), "utf-8")
    made.settle(folder, epoch_s)
    if sys.platform == "darwin":
        _pyinstaller("bundle.spec", into, work, environment)
    return folder


@contextmanager
def beside(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs until the block ends, however it ends."""
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _pyinstaller(plan: str, into: Path, work: Path, environment: dict[str, str]) -> None:
    print(f"Freezing: {plan}", flush=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(into), "--workpath", str(work), str(ROOT / plan)]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


def _papers(folder: Path, origins: list[Path], epoch_s: int) -> None:
    inside, system = distributions_inside(origins), system_packages(origins)
    write_licences(folder, inside, system)
    lock = (ROOT / "requirements-build.txt").read_text("utf-8")
    write_sbom(folder / SBOM, inside, system, lock, epoch_s)


def told(folder: Path) -> str:
    """Its size and what takes most of it."""
    lines = [f"{folder}: {made.size(folder) / 1e6:.0f} MB"]
    lines += [f"  {part:32} {size / 1e6:6.1f} MB" for part, size in made.largest(folder)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser("run.py build", description=__doc__.partition("\n")[0])
    parser.add_argument("--into", type=Path, default=ROOT / "dist", metavar="FOLDER")
    into = parser.parse_args().into.absolute()
    began = time.monotonic()
    folder = build(into)
    print(told(folder))
    print(f"Built in {time.monotonic() - began:.0f} s")
    if wrong := made.unwanted(folder):
        print("Should not be inside: " + ", ".join(wrong[:20]))
    if large := made.size(folder) > MOST_BYTES:
        print(f"Larger than {MOST_BYTES / 1e6:.0f} MB.")
    return 1 if wrong or large else 0


if __name__ == "__main__":
    sys.exit(main())
