"""`trader-engine sessions keep`: how long ticks are kept, said, chosen and carried out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.domain.rows_hash import rows_hash
from engine.domain.sessions import SessionStatus
from engine.store.database import Store
from engine.store.repositories import recordings
from engine.store.tables import SESSIONS
from tests.cli.console import answer, call, refused
from tests.runtime.test_tidying import played
from tests.store.samples import add_session, some_ticks


async def keep_sessions(folder: Path) -> None:
    store = await Store.open(folder)
    async with store.action("fill") as db:
        for session_id, status in ((1, SessionStatus.FINISHED), (2, SessionStatus.INTERRUPTED)):
            rows = some_ticks(100)
            hashed = rows_hash(rows)
            add_session(db, session_id, status=status, created_at=1_000, rows_hash=hashed)
            recordings.append(db, session_id, 0, rows)
    await store.close()


def test_it_is_said_chosen_and_carried_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(keep_sessions(tmp_path))
    keep = ("sessions", "keep", "--data-dir", tmp_path)
    assert answer(capsys, *keep) == {"days": None, "let_go": []}
    assert answer(capsys, *keep, "--days", 36_500) == {"days": 36_500, "let_go": []}
    assert answer(capsys, *keep, "--days", "all") == {"days": None, "let_go": []}
    assert answer(capsys, *keep, "--days", 30) == {"days": 30, "let_go": [1]}
    assert answer(capsys, *keep) == {"days": 30, "let_go": []}


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "month", "9" * 30])
def test_what_is_no_number_of_days_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: str
) -> None:
    words = refused(capsys, "sessions", "keep", f"--days={days}", "--data-dir", tmp_path)
    assert "all" in words


def test_a_session_let_go_is_shown_with_what_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def play() -> None:
        async with played(tmp_path):
            pass

    asyncio.run(play())
    show = ("sessions", "show", 2, "--data-dir", tmp_path / "data")
    before = answer(capsys, *show)
    asyncio.run(end_long_ago(tmp_path / "data"))
    answer(capsys, "sessions", "keep", "--days", 1, "--data-dir", tmp_path / "data")
    after = answer(capsys, *show)
    assert before["let_go_at"] is None
    assert after["let_go_at"] > 0
    assert after["ambiguity"] is None
    assert {trade["ambiguous"] for trade in after["trades"]} == {None}
    assert "were let go on" in after["blocked_unpriced"]
    for same in ("hash", "bars", "refusals", "settings", "started_at", "ended_at"):
        assert before[same] == after[same], same
    assert before["metrics"]["net_profit"] == after["metrics"]["net_profit"]
    code, text, _ = call(capsys, *show)
    assert code == 0
    assert "not known: the ticks of this session were let go" in text


async def end_long_ago(folder: Path) -> None:
    """The test's clock runs ahead of the console's."""
    store = await Store.open(folder)
    async with store.action("earlier") as db:
        db.run(update(SESSIONS).where(SESSIONS.c.id == 2).values(finished_at=1_000))
    await store.close()
