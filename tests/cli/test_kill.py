"""SIGKILL while bots trade: whatever was told to have happened is there after the restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.domain.reasons import Action
from engine.messages import events as ev
from tests.cli.console import answer

ENGINE = [sys.executable, "-m", "engine.cli.main"]
RUN = ["run", "--simulated", "--bots", "3", "--speed", "600", "--json"]


def run_until_killed(data_dir: Path, lines: int) -> list[dict[str, Any]]:
    """Acknowledged events of a run that is killed after so many of them."""
    told = []
    command = [*ENGINE, *RUN, "--for", "60", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for line in program.stdout:
            told.append(json.loads(line))
            if len(told) == lines:
                os.kill(program.pid, signal.SIGKILL)
                break
        # What the pipe still holds was acknowledged as well; its last line may be cut.
        rest = program.stdout.read().splitlines(keepends=True)
        told += [json.loads(line) for line in rest if line.endswith("\n")]
    return told


def assert_money_adds_up(log: list[list[int]]) -> None:
    """Cash and position after each event, worked out from the fills alone."""
    decided = [row for row in log if row[ev.KIND] < ev.OBSERVATIONS]
    cash, held, entry = (decided[0][at] for at in (ev.CASH, ev.POSITION, ev.ENTRY))
    for row in decided:
        if row[ev.KIND] == ev.EventKind.FILL:
            amount, price, fee = row[ev.AMOUNT], row[ev.PRICE], row[ev.FEE]
            match Action(row[ev.ACTION]):
                case Action.BUY:
                    cash, held = cash - amount * price - fee, held + amount
                case Action.SELL:
                    cash, held = cash + amount * price - fee, held - amount
                case Action.SHORT:
                    cash, held, entry = cash - amount * price - fee, held - amount, price
                case Action.COVER:
                    cash, held = cash + amount * (2 * entry - price) - fee, held + amount
        assert (cash, held) == (row[ev.CASH], row[ev.POSITION])


@pytest.mark.timeout(120)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_nothing_acknowledged_is_lost_and_the_sessions_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[dict[str, Any]] = []
    for lines in (25, 40):
        told += run_until_killed(tmp_path, lines)
    subprocess.run(
        [*ENGINE, *RUN, "--for", "1", "--data-dir", str(tmp_path)],
        check=True,
        capture_output=True,
    )
    sessions = {
        one["session_id"] for one in answer(capsys, "sessions", "list", "--data-dir", tmp_path)
    }
    assert sessions == {event["session_id"] for event in told} == {1, 2, 3}
    for session_id in sessions:
        stored = answer(capsys, "sessions", "export", session_id, "--data-dir", tmp_path)
        by_seq = {event["seq"]: event for event in stored["events"]}
        for event in (one for one in told if one["session_id"] == session_id):
            found = by_seq[event["seq"]]
            assert {key: found[key] for key in event if key in found} == {
                key: value for key, value in event.items() if key in found
            }
        kinds = [event["kind"] for event in stored["events"]]
        assert kinds.count("session_started") == 1
        assert kinds.count("interrupted") == kinds.count("resumed") == 2
        numbers = [event["no"] for event in stored["events"] if event["no"]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert stored["chain_intact"] is True
        assert_money_adds_up([event["integers"] for event in stored["events"]])
        times = [row[1] for row in stored["rows"]]
        assert times == sorted(times)
