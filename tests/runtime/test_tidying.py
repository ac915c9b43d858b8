"""Recordings put together, and let go once they are old: what stays is what it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Table, func, select

from engine.domain.bots import BotState
from engine.domain.rows import KIND, NO_ROWS, RowKind
from engine.domain.rows_hash import rows_hash
from engine.domain.sessions import SessionRecord
from engine.errors import FileRefused, InvalidSetting
from engine.messages import commands as cm
from engine.messages.review import Review
from engine.runtime.engine import Engine
from engine.runtime.history.tidying import DAY_MS, Tidying, let_go_old, put_together
from engine.store.repositories import extra_recordings, recordings
from engine.store.tables import EXTRA_RECORDINGS, RECORDINGS
from engine.strategies import STRATEGIES
from tests.runtime.extra_support import FollowsEther, ether_bot, write_ether
from tests.runtime.support import (
    QuickClock,
    StillClock,
    backtest_of,
    file_bot,
    until,
    write_candles,
)

EXCURSIONS = {"Average best", "Average worst", "Best to result", "Edge ratio"}
"""Figures of what a trade reached inside its candles."""


@pytest.fixture(autouse=True)
def by_itself(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nothing is tidied by itself, until this is called."""
    original = Tidying._work

    async def nothing(_: Tidying) -> None:
        pass

    monkeypatch.setattr(Tidying, "_work", nothing)
    return lambda: monkeypatch.setattr(Tidying, "_work", original)


@asynccontextmanager
async def played(folder: Path) -> AsyncIterator[Engine]:
    """An engine with a backtest (1), a session on paper that has ended (2), and one that runs."""
    engine = await Engine.open(folder / "data", clock=QuickClock())
    try:
        await engine.execute(backtest_of(file_bot(write_candles(folder / "c.csv", 300))))
        await engine.execute(cm.StartSimulation(speed=600, bots=2))
        await until(engine, lambda now: len(now.bots[0].session.trades) > 0)
        await engine.execute(cm.CloseAndStop(engine.snapshot().bots[0].bot_id))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        yield engine
    finally:
        await engine.close()


async def chunks(engine: Engine, session_id: int, table: Table = RECORDINGS) -> int:
    async with engine._store.reading() as session:
        wanted = select(func.count()).where(table.c.session_id == session_id)
        return int((await session.execute(wanted)).scalar_one())


def assert_same(one: Review, other: Review) -> None:
    assert unhashed(one.record) == unhashed(other.record)
    assert np.array_equal(one.log.table, other.log.table)
    assert np.array_equal(one.equity.table, other.equity.table)
    assert one.first_bar == other.first_bar
    before, after = (review.candles.candles(len(review.candles)) for review in (one, other))
    for field in fields(before):
        assert np.array_equal(getattr(before, field.name), getattr(after, field.name)), field.name


def unhashed(record: SessionRecord) -> SessionRecord:
    """Without the hash of its recording, which is another once its ticks were let go."""
    return replace(record, rows_hash="")


async def test_put_together_a_session_is_what_it_was(tmp_path: Path) -> None:
    async with played(tmp_path) as engine:
        before, figures = await engine.review(2), await engine.statistics(2)
        assert await chunks(engine, 2) > 5
        await put_together(engine._store)
        assert await chunks(engine, 2) == 1
        after = await engine.review(2)
        assert_same(before, after)
        assert np.array_equal(before.price, after.price)
        assert figures == await engine.statistics(2)


async def test_what_was_seen_of_other_markets_is_put_together_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())
    path, ether = write_candles(tmp_path / "c.csv", 300), write_ether(tmp_path / "e.csv")
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        await engine.execute(cm.CreateBot(ether_bot(path, ether), True))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        (before,) = await extra_recordings.load(engine._store, 1)
        assert await chunks(engine, 1, EXTRA_RECORDINGS) > 5
        review = await engine.review(1)
        await put_together(engine._store)
        assert await chunks(engine, 1, EXTRA_RECORDINGS) == 1
        (after,) = await extra_recordings.load(engine._store, 1)
        assert rows_hash(NO_ROWS, [after]) == rows_hash(NO_ROWS, [before])
        assert len(after) > 40
        assert_same(review, await engine.review(1))
    finally:
        await engine.close()


async def test_a_session_let_go_keeps_candles_events_trades_and_figures(tmp_path: Path) -> None:
    async with played(tmp_path) as engine:
        before, figures = await engine.review(2), await engine.statistics(2)
        assert (await engine.doubt(2)).judged > 0
        records = await engine.sessions()
        await engine.set_retention(3)
        now = engine._clock.now_ms()
        assert await let_go_old(engine._store, now + 2 * DAY_MS) == ()
        assert await let_go_old(engine._store, now + 4 * DAY_MS) == (2,)
        rows = await recordings.load(engine._store, 2)
        assert not (rows.table[:, KIND] == RowKind.PRICE).any()
        after, figures_after = await engine.review(2), await engine.statistics(2)
        assert before.missing == ""
        assert "ticks of this session were let go on 2027-" in after.missing
        assert_same(before, after)
        assert figures.groups == figures_after.groups
        differ = {
            one.label
            for one, other in zip(figures.figures, figures_after.figures, strict=True)
            if one != other
        }
        assert differ <= EXCURSIONS
        assert [unhashed(one) for one in await engine.sessions() if one.id == 2] == [
            unhashed(one) for one in records if one.id == 2
        ]
        with pytest.raises(FileRefused, match="let go"):
            await engine.doubt(2)
        with pytest.raises(FileRefused, match="can no longer be shown or played again"):
            await engine.price_blocked(2)


async def test_what_runs_can_go_on_or_is_a_backtest_is_never_let_go(tmp_path: Path) -> None:
    async with played(tmp_path) as engine:
        await engine.set_retention(1)
        later = engine._clock.now_ms() + 1_000 * DAY_MS
        backtest = await recordings.load(engine._store, 1)
        assert await let_go_old(engine._store, later) == (2,)
        assert await recordings.let_go_at(engine._store, 3) is None
    again = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        assert again.snapshot().bots[1].interrupted
        assert await let_go_old(again._store, later) == ()
        kept = await recordings.load(again._store, 1)
        assert kept.table.tobytes() == backtest.table.tobytes()
        assert await again.retention() == 1
        await again.look_at(1)
        shown, whole = again.snapshot().bots[0], await again.review(2)
        assert shown.chart.length == whole.end().chart.length > 0
        assert not shown.interrupted
    finally:
        await again.close()


async def test_a_bot_whose_session_was_let_go_trades_on_in_a_new_one(tmp_path: Path) -> None:
    async with played(tmp_path) as engine:
        await engine.set_retention(1)
        await let_go_old(engine._store, engine._clock.now_ms() + 2 * DAY_MS)
        bot_id = engine.snapshot().bots[0].bot_id
        await engine.execute(cm.StartBot(bot_id))
        now = await until(engine, lambda now: now.bots[0].session_id != 2)
        assert now.bots[0].session_id == 4
        await until(engine, lambda now: now.bots[0].chart.length > 40)


async def test_candles_alone_are_nothing_to_let_go(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        await engine.execute(cm.CreateBot(file_bot(write_candles(tmp_path / "c.csv", 300)), True))
        await until(engine, lambda now: now.bots[0].session.ended is not None)
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        await engine.set_retention(1)
        later = engine._clock.now_ms() + 9 * DAY_MS
        assert await recordings.due(engine._store, later) == (1,)
        assert await let_go_old(engine._store, later) == ()
        assert (await engine.review(1)).missing == ""
        assert (await engine.doubt(1)).judged > 0
    finally:
        await engine.close()


async def becomes(true: Callable[[], Awaitable[bool]]) -> None:
    """Ask the database until it is; whoever asks it gives way to others."""
    while not await true():
        pass


async def test_the_engine_does_it_by_itself_once_a_day(
    tmp_path: Path, by_itself: Callable[[], None]
) -> None:
    async with played(tmp_path) as engine:
        by_itself()
        clock, store = engine._clock, engine._store
        assert isinstance(clock, QuickClock)
        engine._tidying = Tidying(store, clock, engine._history_changed)

        async def one_chunk() -> bool:
            return await chunks(engine, 2) == 1

        async def looked() -> None:
            """Whoever asked the database meanwhile would hold up the clock."""
            await until(engine, lambda _: engine._tidying._looked_at is not None)
            assert await recordings.let_go_at(store, 2) is None

        await becomes(one_chunk)
        await looked()
        await engine.set_retention(2)
        await looked()
        before = engine.snapshot().sessions_version
        clock.seconds += 3 * DAY_MS / 1000
        now = await until(engine, lambda now: now.sessions_version > before)
        assert now.bots[1].state is BotState.RUNNING
        assert await recordings.let_go_at(store, 2) is not None
        assert await recordings.let_go_at(store, 3) is None


async def test_a_number_of_days_that_cannot_be_is_refused(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path, clock=StillClock())
    try:
        for days in (0, -1, 36_501):
            with pytest.raises(InvalidSetting, match="Choose 1 to 36,500, or all"):
                await engine.set_retention(days)
        assert await engine.retention() is None
        await engine.set_retention(36_500)
        assert await engine.retention() == 36_500
    finally:
        await engine.close()
