"""Damaged, half-written and foreign sessions: a sentence each, and the rest of the history."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Fault, RecordDamaged
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.comparison import SessionsUnread
from engine.messages.events import EventKind
from engine.messages.history import History
from engine.runtime.documents.exporting import ExportKind, export_text
from engine.runtime.documents.html_report import html_report
from engine.runtime.engine import Engine
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.repositories import sessions as stored
from tests.golden.unpacking import GOLDEN, unpack
from tests.runtime.support import StillClock

EVERY = (9, 8, 7, 6, 5, 4, 3, 2, 1)


@asynccontextmanager
async def opened(folder: Path, *changes: str) -> AsyncIterator[Engine]:
    """The kept sessions, of which SQL has changed something behind the program's back."""
    unpack(GOLDEN[-1], folder)
    await (await Store.open(folder)).close()  # its columns are those of today
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        for change in changes:
            database.execute(change)
    engine = await Engine.open(folder, clock=StillClock())
    try:
        yield engine
    finally:
        await engine.close()


def listed(history: History) -> list[int]:
    """Every line can be made."""
    return [history.line(row).id for row in range(len(history))]


async def fault_of(engine: Engine, session_id: int) -> Fault | None:
    try:
        await engine.review(session_id)
    except Fault as fault:
        return fault
    return None


async def test_rows_that_no_program_of_ours_wrote_are_left_out_one_by_one(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    foreign = {
        1: "mode = 'dream'",
        2: "status = 'sleeping'",
        3: "end_reason = 99",
        4: "started_at = 'yesterday'",
        5: "net_pnl = 9e30",
        6: "money_unit = 'a coin'",
        7: "timeframe_ms = 0",
        8: "max_drawdown_pct = 'deep'",
    }
    changes = [f"UPDATE sessions SET {what} WHERE id = {one}" for one, what in foreign.items()]
    async with opened(tmp_path, *changes) as engine:
        history = await engine.history()
        assert listed(history) == [9]
        assert sorted(history.unreadable) == sorted(foreign)
        for session_id in (1, 2, 3, 4, 5):
            fault = await fault_of(engine, session_id)
            assert isinstance(fault, RecordDamaged)
            assert fault.words.startswith(f"S-{session_id:04d} cannot be read: ")
        assert await fault_of(engine, 9) is None
        records = await stored.every(engine._store)
        assert [record.id for record in records] == [9, 8, 7, 6]
        told = [record.getMessage() for record in expected_warnings]
        assert any(words.startswith("S-0001 cannot be read") for words in told)


async def test_a_session_that_becomes_unreadable_leaves_the_list_and_comes_back(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as engine:
        assert listed(await engine.history()) == list(EVERY)
        for mode, lines, unreadable in (("dream", EVERY[:-1], (1,)), ("backtest", EVERY, ())):
            with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
                database.execute("UPDATE sessions SET mode = ? WHERE id = 1", (mode,))
            engine._history.listing.touched(1)
            history = await engine.history()
            assert (listed(history), history.unreadable) == (list(lines), unreadable)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sessions SET settings = substr(settings, 1, 90) WHERE id = {}",
        "UPDATE sessions SET settings = '[1]' WHERE id = {}",
        "UPDATE sessions SET tags = x'ff00' WHERE id = {}",
        "DELETE FROM events WHERE session_id = {} AND seq = 5",
    ],
)
async def test_what_is_damaged_inside_is_listed_and_told_when_it_is_opened(
    tmp_path: Path, change: str
) -> None:
    async with opened(tmp_path, change.format(1)) as engine:
        assert listed(await engine.history()) == list(EVERY)
        assert isinstance(await fault_of(engine, 1), RecordDamaged)
        with pytest.raises(SessionsUnread, match="S-0001: ") as told:
            await engine.compare((2, 1))
        assert told.value.session_ids == (1,)
        assert await fault_of(engine, 2) is None


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (("DELETE FROM events WHERE session_id = 1",), "events"),
        (("DELETE FROM events WHERE session_id = 1 AND seq > 20",), "events"),
        (("DELETE FROM recordings WHERE session_id = 1",), "recording"),
        (("UPDATE recordings SET content = x'00112233' WHERE session_id = 1",), "recording"),
        (("UPDATE recordings SET content = zeroblob(4000) WHERE session_id = 1",), "recording"),
        ((), ""),
    ],
)
async def test_what_broke_off_before_its_end_is_shown_with_a_sentence(
    tmp_path: Path, changes: Sequence[str], what: str
) -> None:
    async with opened(tmp_path, *changes) as engine:
        for session_id in EVERY:
            missing = (await engine.review(session_id)).missing
            said = "broke off before its end" in missing
            assert said is (bool(what) and session_id == 1), missing
            if said:
                assert missing.startswith(f"The {what} of this session")


async def test_trades_and_events_are_there_where_the_recording_is_damaged(tmp_path: Path) -> None:
    async with opened(tmp_path / "whole") as engine:
        whole = await engine._archived(1)
    damage = "UPDATE recordings SET content = zeroblob(4000) WHERE session_id = 1"
    async with opened(tmp_path / "damaged", damage) as engine:
        with pytest.raises(RecordDamaged, match="trades and events can still be read"):
            await engine.compare((1, 2))
        session = await engine._archived(1)
        assert session.log.table.tolist() == whole.log.table.tolist()
        assert export_text(session, ExportKind.CSV) == export_text(whole, ExportKind.CSV)
        document = json.loads(export_text(session, ExportKind.JSON))
        assert document["chain_intact"] is True
        assert document["rows_intact"] in (False, None)
        assert "recording of this session broke off" in export_text(session, ExportKind.HTML)
        review = await engine.review(1)
        assert len(review.end().session.trades) == len(document["trades"])


@pytest.mark.parametrize(
    ("column", "value"), [(ev.KIND, 99), (ev.KIND, -1), (ev.CODE, 17), (ev.ACTION, 9)]
)
async def test_an_event_that_cannot_be_is_told_and_nothing_is_made_of_it(
    tmp_path: Path, column: int, value: int
) -> None:
    async with opened(tmp_path) as engine:
        log = (await engine._archived(1)).log.table
        seq = int(np.flatnonzero(log[:, ev.KIND] == EventKind.REFUSAL)[0])
    row = log[seq].copy()
    row[column] = value
    damage = f"UPDATE events SET integers = x'{row.astype('<i8').tobytes().hex()}'"
    async with opened(tmp_path, f"{damage} WHERE session_id = 1 AND seq = {seq}") as engine:
        fault = await fault_of(engine, 1)
        assert isinstance(fault, RecordDamaged)
        assert fault.words.startswith("Some of this session's events are none")
        with pytest.raises(RecordDamaged):
            await engine.export(1, "json", tmp_path / "out.json")
        assert await fault_of(engine, 2) is None


async def test_of_a_damaged_recording_is_told_why_as_far_as_events_tell_it(tmp_path: Path) -> None:
    damage = "UPDATE recordings SET content = zeroblob(4000) WHERE session_id = 1"
    async with opened(tmp_path, damage) as engine:
        session, why = await engine._archived(1), await engine.why(1)
        chain = why.chain(None, len(session.log))
        assert chain is not None
        assert chain.remark.startswith("The events of this session reach further than its")
        assert why.saw(session.record.started_at) is None
        assert why.trouble


async def test_events_that_were_changed_are_told_where_the_session_is_shown(
    tmp_path: Path,
) -> None:
    changed = "UPDATE sessions SET event_hash = 'ab' || substr(event_hash, 3) WHERE id = 1"
    async with opened(tmp_path, changed) as engine:
        for session_id in EVERY:
            said = "do not give the hash" in (await engine.review(session_id)).missing
            assert said is (session_id == 1)
            report = html_report(await engine._archived(session_id))
            assert ("do not give the hash" in report) is said


@pytest.mark.expects_warnings
async def test_a_bot_whose_last_session_cannot_be_read_is_refused_with_words(
    tmp_path: Path,
) -> None:
    cut = "UPDATE sessions SET settings = substr(settings, 1, 90) WHERE id = 9"
    async with opened(tmp_path, cut) as engine:
        assert listed(await engine.history()) == list(EVERY)
        shown = [bot for bot in engine.snapshot().bots if bot.session_id is None]
        (bot,) = shown
        with pytest.raises(
            RecordDamaged, match="goes on from its last session, and that cannot be read"
        ):
            await engine.execute(cm.StartBot(bot.bot_id))
