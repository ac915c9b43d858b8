"""Doubt and blocked prices of a session read back from the store, whose signals file may have
changed since."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.store.folder_lock import lock_folder
from engine.store.opening import FILE_NAME
from tests.cli.by_hand.playing import BEGINS_AT, play, write_signals
from tests.cli.console import answer, call
from tests.runtime.support import MINUTE

# Stop and target of the first trade are in the second bar.
BARS = "1000*1, 1000 1025 985 1000, 1000*1, 1000 1001 999 1000, 1000 1030 1000 1030, 1030*1"
ASKED = "0 buy, 2 buy, 4 sell, 5 buy"


def run(
    folder: Path, capsys: pytest.CaptureFixture[str], *more: object, asked: str = ASKED
) -> tuple[Any, Any]:
    """(what the backtest said, what the store says of it)."""
    words = ("--stop-loss-pct", 1, "--take-profit-pct", 2, "--cooldown-min", 3)
    said = play(folder, capsys, BARS, asked, *words, "--data-dir", folder / "kept", *more)
    return said, answer(capsys, *show(folder))


def show(folder: Path) -> tuple[object, ...]:
    return "sessions", "show", 1, "--data-dir", folder / "kept"


def test_the_store_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said, shown = run(tmp_path, capsys)
    assert said == shown
    assert (said["ambiguity"]["trades"], said["ambiguity"]["exact"]) == (1, True)
    assert said["blocked"]["cooldown"]["priced"] == 1


def test_a_part_of_what_the_file_speaks_of_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, shown = run(tmp_path, capsys, "--to", BEGINS_AT + 5 * MINUTE)
    assert said["ambiguity"]["exact"]
    assert said == shown


@pytest.mark.parametrize(
    "other",
    [
        "0 buy, 2 buy, 3 sell, 4 sell, 5 buy",  # asks for more
        "0 buy, 4 sell, 5 buy",  # a refused entry is missing
        "0 short, 2 buy, 4 sell, 5 buy",  # the accepted one was another
        None,  # gone
    ],
)
def test_another_file_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: str | None
) -> None:
    said, _ = run(tmp_path, capsys)
    if other is None:
        (tmp_path / "signals.csv").unlink()
    else:
        write_signals(tmp_path / "signals.csv", other)
    shown = answer(capsys, *show(tmp_path))
    assert not shown["ambiguity"].pop("exact")
    assert said["ambiguity"].pop("exact")
    assert shown["ambiguity"] == said["ambiguity"]
    assert said["blocked"]["cooldown"]["priced"] == 1
    assert said["blocked_unpriced"] is None
    # The exits that the file asked for are not all known: nothing is priced with what is left.
    assert shown["blocked"] == {
        code: {"count": one["count"], "priced": 0, "pnl": None}
        for code, one in said["blocked"].items()
    }
    assert shown["blocked_unpriced"].startswith("The signals file is gone or says something else")
    _, text, _ = call(capsys, *show(tmp_path))
    assert [line for line in text.splitlines() if line.startswith("  alone ")] == [
        f"  alone        {shown['blocked_unpriced']}"
    ]


def test_where_nothing_could_be_priced_nothing_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, _ = run(tmp_path, capsys, asked="0 sell, 2 buy")
    assert said["blocked"] == {"no_open_position": {"count": 1, "priced": 0, "pnl": None}}
    (tmp_path / "signals.csv").unlink()
    shown = answer(capsys, *show(tmp_path))
    assert (shown["blocked"], shown["blocked_unpriced"]) == (said["blocked"], None)


def test_events_that_were_changed_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, shown = run(tmp_path, capsys)
    assert "wrong" not in shown
    with closing(sqlite3.connect(tmp_path / "kept" / FILE_NAME)) as database, database:
        database.execute("UPDATE sessions SET event_hash = 'ab' || substr(event_hash, 3)")
    assert "do not give the hash" in answer(capsys, *show(tmp_path))["wrong"]


def test_a_damaged_recording_leaves_trades_to_be_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, _ = run(tmp_path, capsys)
    with closing(sqlite3.connect(tmp_path / "kept" / FILE_NAME)) as database, database:
        database.execute("UPDATE recordings SET content = zeroblob(length(content))")
    shown = answer(capsys, *show(tmp_path))
    assert "recording of this session broke off" in shown["wrong"]
    assert [one["pnl"] for one in shown["trades"]] == [one["pnl"] for one in said["trades"]]


def test_what_nobody_runs_any_more_is_interrupted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, capsys)
    kept = tmp_path / "kept"
    with closing(sqlite3.connect(kept / FILE_NAME)) as database, database:
        database.execute("UPDATE sessions SET status = 'running'")
    asked = "sessions", "list", "--data-dir", kept
    assert [one["status"] for one in answer(capsys, *asked)] == ["interrupted"]
    lock = lock_folder(kept, 0)
    try:
        assert [one["status"] for one in answer(capsys, *asked)] == ["running"]
    finally:
        lock.release()
