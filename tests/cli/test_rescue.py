"""`trader-engine rescue`: what a person reads after a damaged database was set aside."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.console import answer, call, refused
from tests.store.test_rescuing import EVENTS, SESSIONS, made


def test_it_says_what_was_set_aside_and_what_came_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no database" in refused(capsys, "rescue", "--data-dir", tmp_path)
    asyncio.run(made(tmp_path))
    status, out, _ = call(capsys, "rescue", "--data-dir", tmp_path)
    assert status == 0
    assert "kept as trader-damaged-1.db" in out
    assert f"{SESSIONS} sessions" in out
    assert "Everything could be read." in out
    document = answer(capsys, "rescue", "--data-dir", tmp_path)
    assert document["set_aside"] == "trader-damaged-2.db"
    assert document["read"]["events"] == SESSIONS * EVENTS
    assert document["unreadable"] == {}
