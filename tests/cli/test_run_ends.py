"""How a run ends: by Ctrl+C, by SIGTERM, by its reader going away; and beside whom it runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.console import answer, ema_cross, refused
from tests.runtime.support import write_candles

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix has them")


def start(data_dir: Path) -> subprocess.Popen[str]:
    """A run that has told its first event."""
    command = [sys.executable, "-m", "engine.cli.main", "run", "--simulated", "--bots", "1"]
    program = subprocess.Popen(
        [*command, "--speed", "600", "--for", "60", "--data-dir", str(data_dir), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert json.loads(program.stdout.readline())["kind"] == "session_started"
    return program


def statuses(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    listed = answer(capsys, "sessions", "list", "--data-dir", data_dir)
    return [one["status"] for one in listed]


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sent: signal.Signals, status: int
) -> None:
    program = start(tmp_path)
    program.send_signal(sent)
    _, err = program.communicate()
    assert (program.returncode, err) == (status, "")
    assert statuses(tmp_path, capsys) == ["interrupted"]


def test_a_reader_that_goes_away_ends_it_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = start(tmp_path)
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    assert program.wait() == 0
    assert program.stderr.read() == ""
    program.stderr.close()
    assert statuses(tmp_path, capsys) == ["interrupted"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("verb", ["run", "backtest"])
def test_an_output_that_takes_nothing_is_said_in_one_line(tmp_path: Path, verb: str) -> None:
    candles = write_candles(tmp_path / "c.csv", 60)
    more = ["--symbol", "BTC/USDT", "--strategy", "grid"]
    if verb == "run":
        more = ["--bots", "1", "--speed", "0", "--for", "20", "--data-dir", str(tmp_path / "d")]
    command = [sys.executable, "-m", "engine.cli.main", verb, "--candles", str(candles), "--json"]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*command, *more], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("trader-engine: The output cannot be written")
    assert done.stderr.count("\n") == 1


def test_a_closed_output_is_no_mistake(tmp_path: Path) -> None:
    candles = write_candles(tmp_path / "c.csv", 60)
    program = [sys.executable, "-m", "engine.cli.main", "backtest", "--candles", str(candles)]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *program, "--symbol", "BTC/USDT", "--strategy", "grid"],
        stderr=subprocess.PIPE,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_writers_are_refused_and_readers_work_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candles = write_candles(tmp_path / "c.csv", 60)
    folder = tmp_path / "data"
    program = start(folder)
    try:
        said = refused(capsys, *ema_cross("backtest", candles, "--data-dir", folder))
        assert "in use" in said
        assert statuses(folder, capsys) == ["running"]
    finally:
        program.send_signal(signal.SIGTERM)
        program.communicate()
