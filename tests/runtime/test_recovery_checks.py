"""What is stored beside the events is compared with them at each start, and made right."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from engine.domain.bots import BotState
from engine.domain.rows import Rows
from engine.errors import FaultKind
from engine.messages import commands as cm
from engine.messages.recovery import RestartCheck
from engine.runtime.engine import Engine
from engine.runtime.recovery.checking import Finding
from engine.runtime.recovery.rechecking import recheck
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.repositories import checks, recordings
from tests.runtime.support import StillClock, backtest_of, file_bot, until, write_candles

Change = Callable[[sqlite3.Connection], object]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder, clock=StillClock())
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a bot was interrupted while it held something, after it was stopped once
    with a position: its trade began in one session and ended in the next."""
    import asyncio

    folder = tmp_path_factory.mktemp("kept")

    async def run() -> None:
        settings = file_bot(write_candles(folder / "c.csv", 600), speed=0)
        async with opened(folder / "data") as engine:
            bot_id = await engine.execute(cm.CreateBot(settings, start=True))
            assert isinstance(bot_id, int)
            await until(engine, lambda now: _holds(now) and now.bots[0].chart.length > 60)
            await engine.execute(cm.StopBot(bot_id))
            await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
            assert engine.snapshot().bots[0].session.position
            await engine.execute(cm.StartBot(bot_id))
            await until(engine, lambda now: len(now.bots[0].session.trades) > 2 and _holds(now))
            await engine.execute(backtest_of(settings))

    asyncio.run(run())
    return folder / "data"


def _holds(now: Any) -> bool:
    return bool(now.bots[0].state is BotState.RUNNING and now.bots[0].session.position)


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoiled."""
    import shutil

    return Path(shutil.copytree(kept, tmp_path / "data"))


def spoil(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement


def dump(folder: Path) -> list[tuple[Any, ...]]:
    """All that events are told in, bit for bit."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return [
            row
            for table in ("signals", "orders", "fills", "trades")
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY session_id, no")
        ]


async def check_of(folder: Path) -> RestartCheck:
    async with opened(folder) as engine:
        return engine.snapshot().restart


async def test_what_fits_together_is_not_mentioned(folder: Path) -> None:
    before = dump(folder)
    check = await check_of(folder)
    assert check.differences == ()
    assert check.backup == ""
    assert not (folder / "backups").exists()
    assert dump(folder) == before
    (ran,) = check.ran
    assert (ran.session_id, ran.crashed) == (2, False)


FIRST_FILL = "(SELECT min(no) FROM fills WHERE session_id = 2)"
TRADE = (
    "session_id, 9999, side, amount, opened_at, entry_price, stop, target, status, closed_in, "
    "closed_at, exit_price, reason, fees, pnl, funding, exited"
)
SPOILT = {
    "another fee": (
        "fills",
        "where the events say",
        f"UPDATE fills SET fee = 900000000 WHERE session_id = 2 AND no = {FIRST_FILL}",
    ),
    "no orders": (
        "orders",
        "is missing, though the events tell of it",
        "DELETE FROM orders WHERE session_id = 2",
    ),
    "a trade too many": (
        "trades",
        "row 9999 is there, and no event tells of it",
        f"INSERT INTO trades SELECT {TRADE} FROM trades WHERE session_id = 2 LIMIT 1",
    ),
    "a trade that another session ended": (
        "trades",
        "status open where the events say closed",
        "UPDATE trades SET pnl = 7, status = 'open' WHERE session_id = 1 AND closed_in = 2",
    ),
    "other reasons": (
        "signals",
        "note because where the events say ",
        "UPDATE signals SET note = 'because' WHERE session_id = 2 AND note IS NOT NULL",
    ),
}


@pytest.mark.expects_warnings
@pytest.mark.parametrize("what", SPOILT)
async def test_rows_are_made_right_from_the_events(folder: Path, what: str) -> None:
    table, words, statement = SPOILT[what]
    before = dump(folder)
    spoil(folder, statement)
    spoilt = dump(folder)
    check = await check_of(folder)
    (difference,) = check.differences
    assert (difference.place, difference.repaired) == (table, True)
    assert f"table {table}: " in difference.words
    assert words in difference.words
    assert "made right from the events" in difference.words
    assert dump(folder) == before
    # The file as it was found is kept.
    (copy,) = (folder / "backups").iterdir()
    assert check.backup == f"backups/{copy.name}"
    copy.rename(folder / FILE_NAME)
    assert dump(folder) == spoilt


@pytest.mark.expects_warnings
async def test_counters_of_a_bot_are_made_right_and_it_goes_on(folder: Path) -> None:
    spoil(
        folder,
        "UPDATE bot_states SET event_count = event_count - 3, trade_session_id = 1",
        "UPDATE sessions SET event_hash = 'ffff' WHERE id = 2",
    )
    async with opened(folder) as engine:
        check = engine.snapshot().restart
        assert [one.place for one in check.differences] == ["sessions", "bot_states", "bot_states"]
        assert all(one.repaired for one in check.differences)
        (bot,) = engine.snapshot().bots
        assert await engine.execute(cm.ResumeBots((bot.bot_id,))) == (bot.bot_id,)
        now = await until(engine, lambda now: now.bots[0].state is BotState.RUNNING)
        assert now.bots[0].session_id == 2
    assert (await check_of(folder)).differences == ()


ANOTHER_CASH = "CAST(x'01' || substr(kernel_state, 2) AS BLOB)"
BEYOND = {
    "events": "UPDATE events SET integers = zeroblob(192) WHERE session_id = 2 AND kind = 6",
    "recordings": "UPDATE bot_states SET row_count = row_count + 1",
    "bot_states": f"UPDATE bot_states SET kernel_state = {ANOTHER_CASH}",
}


@pytest.mark.expects_warnings
@pytest.mark.parametrize("place", BEYOND)
async def test_what_events_cannot_tell_is_said_and_left(folder: Path, place: str) -> None:
    spoil(folder, BEYOND[place])
    check = await check_of(folder)
    assert place in [one.place for one in check.differences]
    assert not any(one.repaired for one in check.differences)
    assert all("left as it is" in one.words for one in check.differences)
    assert not (folder / "backups").exists()


@pytest.mark.expects_warnings
async def test_a_bot_whose_record_is_damaged_is_not_started(folder: Path) -> None:
    spoil(folder, "UPDATE events SET integers = zeroblob(192) WHERE session_id = 2 AND seq = 5")
    async with opened(folder) as engine:
        (bot,) = engine.snapshot().bots
        await engine.execute(cm.StartBot(bot.bot_id))
        now = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
        assert now.bots[0].error is not None
        assert now.bots[0].error.kind is FaultKind.STORE


@pytest.mark.expects_warnings
async def test_without_a_copy_nothing_is_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(folder, "DELETE FROM orders WHERE session_id = 2")
    spoilt = dump(folder)
    (folder / "backups").write_text("in the way")
    (difference,) = (await check_of(folder)).differences
    assert not difference.repaired
    assert "No copy of the database could be made" in difference.words
    assert dump(folder) == spoilt


@pytest.mark.expects_warnings
async def test_older_sessions_are_checked_once_with_their_figures(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    found: list[Finding] = []

    async def take(findings: list[Finding]) -> None:
        found.extend(findings)

    async with opened(folder) as engine:
        store = engine._store
        assert await checks.unchecked(store, 0, 10) == (1, 3)
        for session_id in (1, 3):
            await recheck(store, 5, session_id, take)
        assert found == []
        assert await checks.unchecked(store, 0, 10) == ()
    spoil(
        folder,
        "UPDATE sessions SET checked_at = NULL, net_pnl = net_pnl + 1 WHERE id = 3",
        "DELETE FROM fills WHERE session_id = 3 AND no % 2 = 0",
    )
    async with opened(folder) as engine:
        await recheck(engine._store, 5, 3, take)
        assert [(one.session_id, one.place) for one in found] == [(3, "fills"), (3, "sessions")]
        assert "net pnl" in found[1].words


async def test_a_session_that_is_being_deleted_is_no_damage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Finding] = []

    async def take(findings: list[Finding]) -> None:
        found.extend(findings)

    async with opened(folder) as engine:
        store = engine._store
        spoil(folder, "UPDATE sessions SET deleted_at = 7 WHERE id = 1")
        assert await checks.unchecked(store, 0, 10) == (3,)
        load = recordings.load

        async def deleted_meanwhile(store: Store, session_id: int) -> Rows:
            spoil(
                folder,
                "UPDATE sessions SET deleted_at = 8 WHERE id = 3",
                "DELETE FROM events WHERE session_id = 3 AND seq > 4",
                "DELETE FROM fills WHERE session_id = 3",
                "DELETE FROM recordings WHERE session_id = 3",
            )
            return await load(store, session_id)

        monkeypatch.setattr(recordings, "load", deleted_meanwhile)
        await recheck(store, 5, 3, take)
        await recheck(store, 5, 1, take)
        assert found == []
