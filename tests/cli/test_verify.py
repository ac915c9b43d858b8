"""`trader-engine verify`: equal, different and refused, each with its exit status."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from engine.cli import main as console
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from tests.cli.console import answer, call, refused
from tests.golden.unpacking import GOLDEN, hashes, unpack


@pytest.fixture
def stories(tmp_path: Path) -> dict[str, list[int]]:
    """In a data folder that a program of today has opened before."""

    async def bring_up_to_date() -> None:
        await (await Store.open(tmp_path)).close()

    found = unpack(GOLDEN[-1], tmp_path)
    asyncio.run(bring_up_to_date())
    return found


def test_an_equal_session_is_status_0(
    tmp_path: Path, stories: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = hashes(GOLDEN[-1])
    for name in ("ticks", "portfolio"):
        session_id = stories[name][1]
        status, out, err = call(capsys, "verify", f"S-{session_id:04d}", "--data-dir", tmp_path)
        assert (status, err) == (0, "")
        assert f"S-{session_id:04d} is equal" in out
        assert wanted[session_id] in out
    document = answer(capsys, "verify", stories["bars"][0], "--data-dir", tmp_path)
    assert document["equal"] is True
    assert document["hash"] == document["hash_now"] == wanted[stories["bars"][0]]
    assert document["difference"] is None


def test_a_different_session_is_status_1_with_both_sides(
    tmp_path: Path, stories: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    (session_id,) = stories["backtest"]
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
        database.execute(
            'UPDATE sessions SET settings = replace(settings, \'"fee_pct":"0.1"\', '
            '\'"fee_pct":"0.2"\') WHERE id = ?',
            (session_id,),
        )
    status, out, err = call(capsys, "verify", session_id, "--data-dir", tmp_path)
    assert (status, err) == (1, "")
    assert "Cause: other settings." in out
    assert "\nrecorded: " in out
    assert "\nnow: " in out
    assert "fee: " in out
    status, out, err = call(capsys, "verify", session_id, "--data-dir", tmp_path, "--json")
    document = json.loads(out)
    assert (status, err, document["equal"]) == (1, "", False)
    assert document["difference"]["cause"] == "other settings"
    assert document["difference"]["fields"]["fee"]["recorded"]
    assert document["difference"]["recorded"]["inputs"]["row"]


def test_mistakes_are_status_2(
    tmp_path: Path, stories: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no session 77" in refused(capsys, "verify", 77, "--data-dir", tmp_path)
    assert "not a session" in refused(capsys, "verify", "seven", "--data-dir", tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
        database.execute("UPDATE recordings SET content = zeroblob(9) WHERE session_id = 1")
        database.execute("UPDATE sessions SET status = 'running' WHERE id = 2")
    assert "recording" in refused(capsys, "verify", 1, "--data-dir", tmp_path)
    assert "has not ended" in refused(capsys, "verify", 2, "--data-dir", tmp_path)


def test_a_mistake_of_the_program_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> int:
        raise ZeroDivisionError("nobody foresaw this")

    def ended(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr(console.sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(console, "main", broken)
    monkeypatch.setattr(console.os, "_exit", ended)
    with pytest.raises(SystemExit) as end:
        console.program()
    assert end.value.code == console.BROKEN == 70
    assert "nobody foresaw this" in capfd.readouterr().err
