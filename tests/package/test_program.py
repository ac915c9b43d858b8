"""The packaged program does what the checkout does, without a Python, numba or compiler."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.core.ahead_of_time import FILE
from engine.messages.recovery import ResumeChoice
from engine.store.database import Store
from engine.store.opening import BACKUP_FOLDER, FILE_NAME
from engine.store.repositories import preferences
from engine.store.schema import newest_revision
from shipping import folder, freeze
from tests.package.driving import BUILT, FOLDER, ROOT, Installed, screen
from tests.runtime.own_files import put
from tests.runtime.support import write_candles
from trader_gui.start.first_window import RAISED

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

STRATEGY = '''
"""Buys when a fast average of pandas is over a slow one of TA-Lib."""
import os
import pathlib
import statistics
from dataclasses import dataclass

import numpy as np
import pandas as pd
import talib
from engine.domain.strategy import Parameter, Signals

pathlib.Path({ran!r}).write_text(os.environ.get("LD_LIBRARY_PATH", "the system's"))


class Mixed:
    name = "mixed"
    title = "Mixed"
    summary = "Uses what a strategy may use."
    parameters = (Parameter("look", "Look back", 20, 2, 400, 1, "bars"),)

    def warmup(self, params):
        return 3 * params["look"]

    def check(self, params):
        pass

    def signals(self, candles, params):
        look = int(params["look"])
        close = np.asarray(candles.close, float)
        fast = pd.Series(close).rolling(look).mean().to_numpy()
        slow = talib.SMA(close, 3 * look) * statistics.fmean([1.0])
        none = np.zeros(len(close), bool)
        lines = dict(fast=fast, slow=slow)
        reason = np.zeros(len(close), np.int64)
        return Signals(fast > slow, fast < slow, none, none, reason, ("over the slow one",), lines)
'''


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as name:
        yield name


@pytest.fixture
def program(tmp_path: Path, display: str) -> Installed:
    assert FOLDER.is_dir(), "python3 run.py build has not been called"
    home = tmp_path / "home"
    home.mkdir()
    return Installed(FOLDER, home, display)


def events(data: Path) -> int:
    with closing(sqlite3.connect(data / FILE_NAME)) as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


async def test_bots_trade_in_the_window_and_what_they_did_is_stored(
    program: Installed, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    program.bots(3, 3, data)
    before, made = events(data), program.engine("sessions", "list", "--data-dir", data)
    assert len(made) == 3
    store = await Store.open(data)
    async with store.action("as the setting does") as db:
        preferences.set_resume_choice(db, ResumeChoice.RESUME)
    await store.close()
    logged = program.window("--smoke", 20, "--offline", "--data-dir", data)
    assert "Window painted" in logged
    assert "ERROR" not in logged
    assert "Preparing" not in logged  # nothing is compiled
    assert events(data) > before
    after = program.engine("sessions", "list", "--data-dir", data)
    assert {one["session_id"] for one in after} == {one["session_id"] for one in made}


def test_the_diagnosis_names_the_versions(program: Installed, tmp_path: Path) -> None:
    said = program.window("--diagnose", "--data-dir", tmp_path / "data")
    for line in (f"trader-gui {__version__}", "Qt 6.", "numpy 2.", "SQLAlchemy 2.", "TA-Lib 0."):
        assert f"\n{line}" in f"\n{said}"


def test_a_backtest_and_a_sweep_come_to_what_they_come_to_in_the_checkout(
    program: Installed, tmp_path: Path
) -> None:
    candles = write_candles(tmp_path / "candles.csv", 3_000)
    played = ("--candles", candles, "--symbol", "BTC/USDT", "--strategy", "ema_cross")
    for verb, more in (
        ("backtest", ("--set", "fast=5", "--set", "slow=12", "--stop-loss-pct", 1)),
        ("sweep", ("--set", "fast=5:20:5", "--set", "slow=30:60:10", "--top", 3)),
    ):
        ours = program.engine(verb, *played, *more)
        command = [sys.executable, "-m", "engine.cli.main", verb, *played, *more, "--json"]
        theirs = subprocess.run(
            list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert without_times(ours) == without_times(json.loads(theirs.stdout))


def without_times(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {
            name: without_times(value)
            for name, value in answer.items()
            if not any(word in name for word in ("seconds", "_s", "per_second", "took"))
        }
    return [without_times(one) for one in answer] if isinstance(answer, list) else answer


def test_a_second_start_on_the_same_folder_is_refused_with_words(
    program: Installed, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = program.start("trader-gui", "--smoke", 30, "--offline", "--data-dir", data)
    try:
        assert first.stderr is not None
        while "Window painted" not in (line := first.stderr.readline()):
            assert line, "the program ended before it showed its window"
        status, _, said = program.call("trader-gui", "--offline", "--data-dir", data)
        assert (status, said.strip()) == (0, RAISED)
    finally:
        first.terminate()
        first.communicate()
    assert first.returncode == 0


def test_a_folder_of_the_first_release_is_upgraded_and_kept(
    program: Installed, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(ROOT / "tests/store/fixtures/played-0001.sqlite", data / FILE_NAME)
    program.window("--smoke", 5, "--offline", "--data-dir", data)
    revisions = []
    for place in (data / FILE_NAME, *(data / BACKUP_FOLDER).iterdir()):
        with closing(sqlite3.connect(place)) as connection:
            revisions += connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert revisions == [newest_revision(), "0001"]


def test_broken_settings_are_named_and_do_not_stop_it(program: Installed, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "preferences.toml").write_text("theme = = [dark\x00", "utf-8")
    program.window("--smoke", 3, "--offline", "--data-dir", data)
    assert "preferences.toml cannot be read" in program.window("--diagnose", "--data-dir", data)


def test_a_strategy_of_ones_own_may_import_what_the_guide_promises(
    program: Installed, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    ran = tmp_path / "ran"
    place = put(data, "mixed.py", STRATEGY.format(ran=str(ran)))
    candles = write_candles(tmp_path / "candles.csv", 600)
    there = ("--data-dir", data)
    program.engine("strategies", "allow", place, *there)
    answer = program.engine(
        *("backtest", "--candles", candles, "--symbol", "BTC/USDT", "--strategy", "mixed", *there)
    )
    assert answer["stored"]
    status, said, logged = program.call("trader-engine", "verify", answer["session_id"], *there)
    assert status == 0, said + logged
    assert ran.read_text() == "the system's"  # what it starts takes none of our libraries


SOCKETS = """
import asyncio, multiprocessing.spawn as spawn, sys
from engine.domain.connection import Connection
from engine.runtime.clock import WallClock
from engine.runtime.sources.exchanges import far_lines

prepared = spawn.get_preparation_data
spawn.get_preparation_data = lambda name: {
    key: value for key, value in prepared(name).items() if not key.startswith("init_main")
}
spawn.set_executable(sys.argv[1])
sys.frozen = True


async def main():
    lines = far_lines(WallClock(), Connection(), None, None)
    print(*await lines.names())
    await lines.close()


asyncio.run(main())
"""
"""Asks the process of the sockets, which is started as the packaged program starts it."""


def test_the_process_of_the_sockets_is_the_same_program(tmp_path: Path) -> None:
    asking = [sys.executable, "-c", SOCKETS, str(FOLDER / "trader-gui")]
    done = subprocess.run(
        asking,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert {"binance", "kraken"} <= set(done.stdout.split())


def test_nothing_is_inside_that_should_not_be() -> None:
    assert folder.unwanted(FOLDER) == []
    assert folder.size(FOLDER) < freeze.MOST_BYTES
    inside = FOLDER / folder.INSIDE
    assert (inside / "engine/core" / FILE).is_file()
    for never in ("numba", "llvmlite", "scipy", "matplotlib", "tkinter", "IPython"):
        assert not (inside / never).exists()
    listed = (FOLDER / folder.LISTING).read_text("utf-8")
    assert folder.listing(FOLDER) == listed
    for room in ("engine", "trader_gui"):
        sources = {path.stem for path in (inside / room).rglob("*.py")}
        compiled = {path.name.split(".")[0] for path in (inside / room).rglob("*.pyc")}
        assert sources == compiled


def test_it_tells_what_it_is_made_of() -> None:
    bill = json.loads((FOLDER / "sbom.cdx.json").read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    names = {part["name"] for part in bill["components"]}
    assert {"cpython", "pyside6-essentials", "numpy", "ccxt", "sqlalchemy"} <= names
    assert not names & {"cyclonedx-python-lib", "altgraph", "setuptools"}  # only build it
    licences = {path.name.rpartition("-")[0] for path in (FOLDER / "licences").iterdir()}
    assert {"numpy", "pyarrow", "pyside6_essentials", "python"} <= licences


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="no Debian tools here")
def test_the_debian_package_starts_where_it_was_unpacked(tmp_path: Path, display: str) -> None:
    (package,) = BUILT.glob(f"trader-gui_{__version__}_*.deb")
    tree, home = tmp_path / "tree", tmp_path / "home"
    home.mkdir()
    subprocess.run(["dpkg-deb", "--extract", str(package), str(tree)], check=True)
    inside = tree / "usr/lib/trader-gui"
    assert folder.listing(inside) == (FOLDER / folder.LISTING).read_text("utf-8")
    control = tmp_path / "control"
    subprocess.run(["dpkg-deb", "--control", str(package), str(control)], check=True)
    assert {path.name for path in control.iterdir()} <= {"control", "md5sums"}  # no scripts
    told = (control / "control").read_text("utf-8")
    assert f"Version: {__version__}\n" in told
    for wanted in ("libc6 (>= 2.", "libegl1", "libglib2.0-0 | ", "libxkbcommon0", "libxcb1"):
        assert wanted in told
    installed = Installed(tree / "usr/bin", home, display)
    data = tmp_path / "data"
    installed.bots(1, 2, data)
    assert "Window painted" in installed.window("--smoke", 3, "--offline", "--data-dir", data)
    owners = subprocess.run(
        ["dpkg-deb", "--contents", str(package)], capture_output=True, text=True, check=True
    )
    assert {line.split()[1] for line in owners.stdout.splitlines()} == {"root/root"}


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="no AppStream tools here")
def test_software_centres_understand_the_description(tmp_path: Path) -> None:
    place = ROOT / "resources/installer/org.trader-gui.trader-gui.metainfo.xml"
    checking = ["appstreamcli", "validate", "--no-net", str(place)]
    done = subprocess.run(checking, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
