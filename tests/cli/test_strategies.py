"""`trader-engine strategies`, and --strategy of a person's own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.strategies import BUILT_IN, STRATEGIES
from tests.cli.console import answer, call, refused
from tests.runtime.own_files import PEEKING, breakout, put
from tests.runtime.support import write_candles


@pytest.fixture(autouse=True)
def _left_again() -> Iterator[None]:
    """One call is one program; in a test they share a process."""
    from engine.runtime.sources import own_strategies

    yield
    for own in list(own_strategies._in_force):
        own.leave()
    assert set(STRATEGIES) == BUILT_IN


def test_a_file_goes_from_unknown_to_allowed_to_forbidden(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, ran = tmp_path / "data", tmp_path / "ran"
    place = put(data, "breakout.py", breakout(ran=ran))
    there = ("--data-dir", data)
    listed = answer(capsys, "strategies", "list", *there)
    assert {one["strategy"] for one in listed if one["built_in"]} == BUILT_IN
    assert [one["standing"] for one in listed if not one["built_in"]] == ["not allowed"]
    candles = write_candles(tmp_path / "c.csv", 300)
    played = ("backtest", "--candles", candles, "--symbol", "BTC/USDT", *there, "--no-store")
    assert "is not allowed, so nothing of it was run" in refused(
        capsys, *played, "--strategy", "breakout"
    )
    assert not ran.exists()
    status, said, _ = call(capsys, "strategies", "allow", place, *there)
    assert status == 0
    assert "all rights of this program" in said
    status, said, _ = call(capsys, *played, "--strategy", "breakout")
    assert status == 0
    assert "breakout [own file] (look 20)" in said
    place.write_text(place.read_text() + "#")
    assert "has changed since it was allowed" in refused(capsys, *played, "--strategy", "breakout")
    assert "changed" in call(capsys, "strategies", "list", *there)[1]
    assert call(capsys, "strategies", "forbid", "breakout.py", *there)[0] == 0
    assert "nothing to forbid" in refused(capsys, "strategies", "forbid", "breakout.py", *there)


def test_a_bot_of_a_file_that_changed_says_so_at_its_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    place = put(data, "breakout.py", breakout())
    candles = write_candles(tmp_path / "c.csv", 200)
    run = (
        "run", "--candles", candles, "--strategy", "breakout", "--bots", 1, "--speed", 0,
        "--for", 20, "--data-dir", data,
    )  # fmt: skip
    assert call(capsys, "strategies", "allow", "breakout.py", "--data-dir", data)[0] == 0
    assert "[SIGNAL]" in call(capsys, *run)[1]
    place.write_text(place.read_text() + "#")
    assert "has changed since it was allowed" in refused(capsys, *run)


def test_a_program_that_ran_a_file_ends_as_it_says() -> None:
    """As a process of its own: Python flushes what is left with no function running any more."""
    code = (
        "import sys;"
        "from engine.runtime.sources.said_aside import listen; listen(); print('kept');"
        "sys.exit(int(sys.argv[1]))"
    )
    for status in (0, 1):
        run = (sys.executable, "-c", code, str(status))
        ended = subprocess.run(run, capture_output=True, text=True, check=False, timeout=200)
        assert (ended.returncode, ended.stdout, ended.stderr) == (status, "kept\n", "")


def test_the_check_says_what_it_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    there = ("--data-dir", tmp_path)
    put(tmp_path, "breakout.py", breakout())
    put(tmp_path, "peeking.py", breakout("peeking", now=PEEKING))
    assert "not allowed" in refused(capsys, "strategies", "check", "breakout.py", *there)
    for file in ("breakout.py", "peeking.py"):
        assert call(capsys, "strategies", "allow", file, *there)[0] == 0
    candles = write_candles(tmp_path / "c.csv", 300)
    more = ("--candles", candles, "--set", "look=5", *there)
    assert "No look-ahead" in answer(capsys, "strategies", "check", "breakout.py", *more)["words"]
    assert "knows the future" in call(capsys, "strategies", "check", "peeking.py", *there)[1]


def test_a_file_elsewhere_is_not_taken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(breakout())
    words = refused(
        capsys, "strategies", "allow", tmp_path / "mine.py", "--data-dir", tmp_path / "data"
    )
    assert "does not lie in" in words
    assert "Put it there first" in words


def test_what_a_file_prints_is_no_part_of_an_answer(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    text = breakout().replace(
        "        count, look =",
        "        print('asked', 7)\n        sys.stdout.write('half '); pprint({'whole': 1})\n"
        "        sys.stdout.writelines(['one\\n', 'two\\n'])\n"
        "        print('open', end=' ', flush=True); print('x' * 1001, end='')\n"
        "        count, look =",
    )
    begins = "import sys\nfrom pprint import pprint\nprint('imported')\n"
    put(data, "breakout.py", begins + text)
    there = ("--data-dir", data)
    status, out, err = call(capsys, "strategies", "allow", "breakout.py", *there, "--json")
    assert status == 0
    json.loads(out)
    assert "strategies/breakout.py: imported\n" in err
    candles = write_candles(tmp_path / "c.csv", 300)
    played = ("backtest", "--candles", candles, "--symbol", "BTC/USDT", *there, "--no-store")
    status, out, err = call(capsys, *played, "--strategy", "breakout", "--json")
    assert status == 0
    json.loads(out)
    assert out.count("\n") == 1
    said = [line for line in err.splitlines() if line.startswith("strategies/breakout.py: ")]
    shown = ["asked 7", "half {'whole': 1}", "one", "two", "open ", "x" * 1001]
    assert said[-6:] == [f"strategies/breakout.py: {line}" for line in shown]
