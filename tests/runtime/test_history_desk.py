"""What a person does with the history: lists it, writes beside it, deletes from it, compares."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from engine.domain.bots import BotState
from engine.domain.settings import TradeSettings
from engine.errors import Fault, IllegalStep, InvalidSetting, UnknownName
from engine.messages import commands as cm
from engine.messages.comparison import metric_rows, setting_rows, shared_words, trade_rows
from engine.messages.history import FLOATS, INTEGERS, TEXTS, History
from engine.runtime.engine import Engine
from engine.runtime.history import deleting
from engine.store.database import Store
from engine.store.repositories import session_lists, session_notes
from engine.store.tables import METADATA, SESSIONS
from tests.runtime.support import (
    QuickClock,
    StillClock,
    backtest_of,
    file_bot,
    until,
    write_candles,
)

RUNS = 3


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "c.csv", 250)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, candles: Path) -> Path:
    """The folder of an engine that has played three backtests."""
    folder = tmp_path_factory.mktemp("played")

    async def play() -> None:
        engine = await Engine.open(folder, clock=StillClock())
        wish = backtest_of(file_bot(candles))
        for stop in range(RUNS):
            trade = replace(TradeSettings(), stop_loss_pct=Decimal(stop) / 5 + Decimal("0.2"))
            await engine.execute(replace(wish, trade=trade))
        await engine.close()

    asyncio.run(play())
    return folder


@pytest.fixture
async def engine(tmp_path: Path, played: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    shutil.copytree(played, tmp_path / "data")
    opened = await Engine.open(tmp_path / "data", clock=StillClock())
    yield opened
    await opened.close()


async def test_the_list_has_the_figures_of_the_sessions_own_statistics(tmp_path: Path) -> None:
    """Three days of minutes, so that there is a spread of days to divide by."""
    path = write_candles(tmp_path / "days.csv", 3 * 1_440)
    opened = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        session_id = await opened.execute(backtest_of(file_bot(path)))
        assert isinstance(session_id, int)
        line = (await opened.history()).line(0)
        figures = {one.label: one.text for one in (await opened.statistics(session_id)).figures}
        assert line.sharpe is not None
        assert f"{line.sharpe:.2f}".replace("-", "\u2212") == figures["Sharpe"]
    finally:
        await opened.close()


async def rows_left(engine: Engine, session_id: int) -> int:
    """In all tables."""
    count = 0
    async with engine._store.reading() as session:
        for table in METADATA.sorted_tables:
            key = table.c.id if table is SESSIONS else table.c.get("session_id")
            if key is not None:
                wanted = select(func.count()).select_from(table).where(key == session_id)
                count += int((await session.execute(wanted)).scalar_one())
    return count


def ids(history: History) -> list[int]:
    return history.ids.tolist()


def assert_same(one: History, other: History) -> None:
    for name in INTEGERS:
        assert np.array_equal(one.integers[name], other.integers[name]), name
    for name in FLOATS:
        assert np.array_equal(one.floats[name], other.floats[name], equal_nan=True), name
    for name in TEXTS:
        assert [one.texts[name][i] for i in range(len(one))] == [
            other.texts[name][i] for i in range(len(other))
        ], name


async def test_a_line_says_what_the_record_says(engine: Engine) -> None:
    history, records = await engine.history(), await engine.sessions()
    assert ids(history) == [record.id for record in records] == [3, 2, 1]
    for row, record in enumerate(records):
        line = history.line(row)
        settings, result = record.settings, record.result
        assert (line.mode, line.status, line.symbol) == (record.mode, record.status, "BTC/USDT")
        assert line.money(line.net_pnl) == settings.scale.money(result.net_pnl)
        assert line.params == "/".join(str(value) for value in settings.params.values())
        assert (line.trades, line.wins, line.bars) == (result.trades, result.wins, result.bars)
        assert line.max_drawdown_pct == result.max_drawdown_pct
        assert (line.created_at, line.ended_at) == (record.created_at, record.ended_at)


async def test_what_is_read_again_is_what_a_new_look_would_read(
    tmp_path: Path, candles: Path
) -> None:
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        assert len(await engine.history()) == 0
        await engine.execute(backtest_of(file_bot(candles)))
        assert ids(await engine.history()) == [1]
        (bot,) = await engine.execute(cm.StartSimulation(speed=600, bots=1))  # type: ignore[misc]
        await until(engine, lambda now: now.bots[0].state is BotState.RUNNING)
        running = await engine.history()
        assert running.texts["status"][0] == "running"
        await until(engine, lambda now: len(now.bots[0].session.trades) > 0)
        await engine.execute(cm.CloseAndStop(bot))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        await engine.execute(cm.TagSessions((1,), ("old",)))
        ended = await engine.history()
        assert ended.texts["status"][0] == "finished"
        assert ended.integers["trades"][0] > 0
        assert ended.texts["tags"][1] == "old"
        assert_same(ended, History.of(await session_lists.every(engine._store)))
    finally:
        await engine.close()


async def test_nothing_is_read_again_where_nothing_changed(engine: Engine) -> None:
    first = await engine.history()
    assert await engine.history() is first


async def test_names_notes_and_tags_are_kept(engine: Engine) -> None:
    before = engine.snapshot().sessions_version
    await engine.execute(cm.RenameSession(2, "  the  wide stop "))
    await engine.execute(cm.NoteSession(2, "held over the weekend\nagain"))
    await engine.execute(cm.TagSessions((1, 2), ("Weekend", "weekend", "to check")))
    await engine.execute(cm.TagSessions((2,), ("kept",), ("to check", "unknown")))
    assert engine.snapshot().sessions_version == before + 4
    history = await engine.history()
    line, other = history.line(1), history.line(2)
    assert (line.id, line.title) == (2, "the wide stop")
    assert line.note == "held over the weekend\nagain"
    assert (line.tags, other.tags) == (("kept", "weekend"), ("to check", "weekend"))
    record = (await engine.review(2)).record
    assert (record.title, record.note, record.tags) == (line.title, line.note, line.tags)


@pytest.mark.parametrize(
    ("wish", "fault", "words"),
    [
        (cm.RenameSession(1, "x" * 81), InvalidSetting, "at most 80 letters"),
        (cm.NoteSession(1, "x" * 4_001), InvalidSetting, "4,001"),
        (cm.TagSessions((1,), ("a,b",)), InvalidSetting, "without a comma"),
        (cm.TagSessions((1,), tuple(f"t{n}" for n in range(21))), InvalidSetting, "at most 20"),
        (cm.RenameSession(99, "x"), UnknownName, "S-0099"),
        (cm.DeleteSessions((1, 99)), IllegalStep, "S-0099"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    engine: Engine, wish: cm.SessionCommand, fault: type[Fault], words: str
) -> None:
    before = await engine.history()
    with pytest.raises(fault, match=words):
        await engine.execute(wish)
    assert_same(before, History.of(await session_lists.every(engine._store)))


async def test_a_deletion_can_be_undone_and_is_for_good_later(engine: Engine) -> None:
    assert await engine.execute(cm.DeleteSessions((2, 3))) == (2, 3)
    assert ids(await engine.history()) == [1]
    assert [one.id for one in await engine.sessions()] == [1]
    with pytest.raises(UnknownName):
        await engine.review(2)
    await engine.execute(cm.RestoreSessions((2,)))
    assert ids(await engine.history()) == [2, 1]
    assert (await engine.review(2)).record.id == 2
    assert await rows_left(engine, 3) > 0
    await deleting.purge(engine._store, engine._clock.now_ms())
    assert await rows_left(engine, 3) == 0
    assert await rows_left(engine, 2) > 0
    with pytest.raises(UnknownName, match="gone for good"):
        await engine.execute(cm.RestoreSessions((3,)))


async def test_what_is_half_gone_is_not_brought_back(engine: Engine) -> None:
    await engine.execute(cm.DeleteSessions((1,)))
    desk, last_event, asked = engine._history, session_notes.last_event, asyncio.Event()

    async def slowly(store: Store, session_id: int) -> int:
        asked.set()
        for _ in range(20):  # the wish below has all the turns of the loop it needs
            await asyncio.sleep(0)
        return await last_event(store, session_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_notes, "last_event", slowly)
        going = asyncio.create_task(desk._purge(engine._clock.now_ms()))
        await asked.wait()
        with pytest.raises(UnknownName, match="gone for good"):
            await engine.execute(cm.RestoreSessions((1,)))
        await going
    assert await rows_left(engine, 1) == 0


async def test_long_sessions_go_in_parts(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "_EVENTS", 7)
    monkeypatch.setattr(deleting, "_CHUNKS", 1)
    await engine.execute(cm.DeleteSessions((1,)))
    before = engine._store.counts.closed["delete_events"]
    await deleting.purge(engine._store, engine._clock.now_ms())
    assert engine._store.counts.closed["delete_events"] > before + 2
    assert await rows_left(engine, 1) == 0


async def test_time_alone_makes_a_deletion_final(tmp_path: Path, candles: Path) -> None:
    clock = QuickClock()
    engine = await Engine.open(tmp_path / "data", clock=clock)
    try:
        await engine.execute(backtest_of(file_bot(candles)))
        await engine.execute(cm.DeleteSessions((1,)))
        waiting = list(engine._history._waiting)
        assert len(waiting) == 1
        await waiting[0]
        assert await rows_left(engine, 1) == 0
    finally:
        await engine.close()


async def test_closing_makes_it_final_and_its_number_is_not_given_again(
    tmp_path: Path, candles: Path
) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    for _ in range(2):
        await engine.execute(backtest_of(file_bot(candles)))
    await engine.execute(cm.DeleteSessions((2,)))
    await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        assert await rows_left(engine, 2) == 0
        assert await engine.execute(backtest_of(file_bot(candles))) == 3
    finally:
        await engine.close()


async def test_the_number_of_a_deleted_bot_is_not_given_again(
    tmp_path: Path, candles: Path
) -> None:
    numbers = []
    for _ in range(2):
        engine = await Engine.open(tmp_path / "data", clock=StillClock())
        try:
            bot_id = await engine.execute(cm.CreateBot(file_bot(candles)))
            assert isinstance(bot_id, int)
            await engine.execute(cm.DeleteBot(bot_id))
            numbers.append(bot_id)
        finally:
            await engine.close()
    assert numbers == [1, 2]


async def test_a_session_that_a_bot_goes_on_from_stays(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        (bot,) = await engine.execute(cm.StartSimulation(speed=600, bots=1))  # type: ignore[misc]
        await until(engine, lambda now: now.bots[0].session.position != 0)
        with pytest.raises(IllegalStep):
            await engine.execute(cm.DeleteSessions((1,)))
        await engine.execute(cm.StopBot(bot))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        with pytest.raises(IllegalStep, match="goes on from"):
            await engine.execute(cm.DeleteSessions((1,)))
        await engine.execute(cm.StartBot(bot))
        await until(engine, lambda now: now.bots[0].session_id == 2)
        await until(engine, lambda now: len(now.bots[0].session.trades) > 0)
        await engine.execute(cm.CloseAndStop(bot))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        with pytest.raises(IllegalStep, match="S-0001 shares a trade with S-0002"):
            await engine.execute(cm.DeleteSessions((1,)))
        await engine.execute(cm.DeleteBot(bot))
    finally:
        await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        await engine.execute(cm.DeleteSessions((1, 2)))
        assert await engine.sessions() == ()
        with pytest.raises(IllegalStep, match="S-0001 shares a trade with S-0002"):
            await engine.execute(cm.RestoreSessions((1,)))
        assert await engine.sessions() == ()
        await engine.execute(cm.RestoreSessions((1, 2)))
        assert len(await engine.sessions()) == 2
        await engine.execute(cm.DeleteSessions((1, 2)))
    finally:
        await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        assert [await rows_left(engine, session_id) for session_id in (1, 2)] == [0, 0]
    finally:
        await engine.close()


async def test_sessions_stand_beside_each_other(engine: Engine) -> None:
    found = await engine.compare((3, 2, 1))
    assert [one.record.id for one in found] == [3, 2, 1]
    for one in found:
        statistics = await engine.statistics(one.record.id)
        figures = {figure.label: figure.text for figure in statistics.figures}
        rows = {row.label: row.texts for row in metric_rows([one])}
        assert rows["Sharpe"] == (figures["Sharpe"],)
        assert rows["Trades"][0] == figures["Trades"].split()[0]
        review = await engine.review(one.record.id)
        assert np.array_equal(one.equity, review.equity.table[:, 1])
    (differing,) = [row for row in setting_rows(found) if row.differs]
    assert differing.name == "stop loss pct"
    assert differing.texts == ("0.6", "0.4", "0.2")
    rows = trade_rows(found)
    assert [row.entry_at for row in rows] == sorted(row.entry_at for row in rows)
    for place, one in enumerate(found):
        taken = [row.pnl[place] for row in rows if place in row.taken_by]
        assert len(taken) == len(one.trades.pnl)
        assert sum(taken) == one.money(int(one.trades.pnl.sum()))  # type: ignore[arg-type]
    assert shared_words(rows, 3).count(" in ") == 3
    best = {row.label: row.best for row in metric_rows(found)}
    assert best["Trades"] == best["Fees paid"] == frozenset()
    returns = [one.values["return_pct"] for one in found]
    assert best["Net return"] == {returns.index(max(returns))}  # type: ignore[type-var]


@pytest.mark.parametrize("wished", [(1,), (1, 1), (1, 2, 3, 4, 5, 6, 7)])
async def test_one_or_seven_cannot_be_compared(engine: Engine, wished: tuple[int, ...]) -> None:
    with pytest.raises(InvalidSetting, match="Choose 2 to 6"):
        await engine.compare(wished)
