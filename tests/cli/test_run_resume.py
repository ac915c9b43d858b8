"""`trader-engine run --resume`: bots that ran go on, headless."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.console import answer, call, refused
from tests.runtime.support import write_candles


def events(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_bots_that_ran_go_on_with_their_sessions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    again = ("run", "--resume", "--for", 20, "--data-dir", data)
    assert "none to go on with" in refused(capsys, *again)
    candles = write_candles(tmp_path / "c.csv", 3_000)
    given = ("--candles", candles, "--bots", 2, "--speed", 6_000)
    status, out, _ = call(capsys, "run", *given, "--for", 0.5, "--data-dir", data, "--json")
    assert status == 0
    ran = {one["bot_id"] for one in events(out)}
    before = answer(capsys, "sessions", "list", "--data-dir", data)
    assert {one["status"] for one in before} == {"interrupted"}
    status, out, err = call(capsys, *again[:3], 0.5, *again[4:], "--json")
    assert (status, err) == (0, "")
    told = events(out)
    kinds = [one["kind"] for one in told]
    assert kinds.count("resumed") == len(before)
    assert "session_started" not in kinds
    assert {one["bot_id"] for one in told} == ran
    after = answer(capsys, "sessions", "list", "--data-dir", data)
    assert [one["session_id"] for one in after] == [one["session_id"] for one in before]


def test_what_does_not_go_together_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--for", 1, "--data-dir", tmp_path)
    assert "as they are" in refused(capsys, "run", "--resume", "--bots", 2, *more)
    assert "1 to 600" in refused(capsys, "run", "--resume", "--speed", 0, *more)
    assert "--bots is missing" in refused(capsys, "run", "--simulated", "--speed", 1, *more)
