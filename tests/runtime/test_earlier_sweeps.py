"""Stored sweeps opened by the next run of the program: the map, its sets, what has changed."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest

from engine.domain.archive import Series
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.strategy import Params
from engine.domain.sweeps import SweepRow
from engine.errors import (
    AskPerson,
    FileRefused,
    IllegalStep,
    InvalidSetting,
    RecordDamaged,
    UnknownName,
)
from engine.messages.commands import (
    DeleteCandles,
    DeleteSessions,
    ImportCandles,
    KeepSweep,
    PromoteSet,
    RunBacktest,
    RunSweep,
)
from engine.messages.progress import Progress
from engine.messages.sweeping import SweepProgress
from engine.runtime.engine import Engine
from engine.runtime.history import deleting
from engine.runtime.sweep import origin as sweep_origin
from engine.store.database import Store
from engine.store.repositories import sweeps
from engine.strategies import STRATEGIES
from tests.runtime.support import BUSY, MINUTE, StillClock, write_candles
from tests.store.samples import sweep as stored_sweep

PAIRS = {"fast": tuple(map(Decimal, (5, 9, 30))), "slow": tuple(map(Decimal, (21, 34)))}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("earlier") / "btc-usdt.csv", 1_200)


@pytest.fixture
def candles(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path / written.name))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder / "data", clock=StillClock())
    try:
        yield engine
    finally:
        await engine.close()


def wish(candles: Path, **more: object) -> RunSweep:
    feed = FeedChoice(FeedKind.FILE, str(candles), speed=0)
    run = RunBacktest(feed, "BTC/USDT", None, "ema_cross", {"fast": 3, "slow": 8}, BUSY)
    return replace(RunSweep(run, PAIRS, hold_back_pct=Decimal(25)), **more)


async def swept(folder: Path, wished: RunSweep) -> tuple[int, dict[int, SweepRow], SweepProgress]:
    """The sweep run by a program that ends after it: its number, rows and last report."""
    rows: dict[int, SweepRow] = {}
    last: list[SweepProgress] = []

    def told(progress: Progress) -> None:
        assert isinstance(progress, SweepProgress)
        rows.update({row.no: row for row in progress.rows})
        last[:] = [progress]

    async with opened(folder) as engine:
        number = await engine.execute(wished, told)
    assert isinstance(number, int)
    return number, rows, last[0]


def remove(candles: Path) -> None:
    candles.unlink()


def prolong(candles: Path) -> None:
    """More candles after those that are there."""
    lines = candles.read_text().splitlines()
    last = int(lines[-1].partition(",")[0])
    again = (line.partition(",")[2] for line in lines[-50:])
    more = [f"{last + place * MINUTE},{cells}" for place, cells in enumerate(again, 1)]
    candles.write_text("\n".join(lines + more) + "\n")


def change(candles: Path) -> None:
    """The volume of one of them."""
    lines = candles.read_text().splitlines()
    lines[700] = lines[700].rpartition(",")[0] + ",9999"
    candles.write_text("\n".join(lines) + "\n")


async def test_a_sweep_is_listed_and_opened_as_it_was(tmp_path: Path, candles: Path) -> None:
    number, rows, last = await swept(tmp_path, wish(candles))
    async with opened(tmp_path) as engine:
        before = await engine.sweeps.outlook(wish(candles))
        (record,) = await engine.sweeps.earlier()
        assert (record.id, record.done, record.skipped) == (number, 5, 1)
        assert record.settings.symbol == "BTC/USDT"
        assert record.span == last.span
        gains = [row.return_pct for row in rows.values() if row.return_pct is not None]
        assert record.best_pct == max(gains)
        found = await engine.sweeps.open(number)
        assert found.record == record
        assert {row.no: row for row in found.rows} == rows
        assert all(row.unseen is not None for row in found.rows)
        assert (found.outlook.grid, found.outlook.refused) == (before.grid, before.refused)
        assert found.outlook.places == (0, 1, 2, 3, 5)
        assert found.wish is not None
        assert await engine.sweeps.differences(number) == ""
        windows = await engine.sweeps.walk_forward(found.wish, 300 * 60_000, 100 * 60_000)
        assert windows.steps


async def test_a_set_is_played_again_and_promoted_as_long_as_it_is_there(
    tmp_path: Path, candles: Path
) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles, hold_back_pct=None))
    async with opened(tmp_path) as engine:
        looked = await engine.sweeps.review(number, 5)  # one is refused before it
        assert looked.record.settings.params == {"fast": 30, "slow": 34}
        assert looked.record.result.net_pnl == rows[5].net_pnl
        assert await engine.sessions() == ()
        session_id = await engine.execute(PromoteSet(number, 5))
        assert isinstance(session_id, int)
        assert await engine.execute(PromoteSet(number, 5)) == session_id
        (record,) = await engine.sessions()
        assert (record.sweep_id, record.result.net_pnl) == (number, rows[5].net_pnl)
        found = await engine.sweeps.open(number)
        assert [row.session_id for row in found.rows] == [None] * 4 + [session_id]
    remove(candles)
    async with opened(tmp_path) as engine:  # what is there needs no candles
        assert await engine.execute(PromoteSet(number, 5)) == session_id
        with pytest.raises(FileRefused):
            await engine.execute(PromoteSet(number, 4))
        await engine.execute(DeleteSessions((session_id,)))
        with pytest.raises(FileRefused):  # a deleted session is not answered with
            await engine.execute(PromoteSet(number, 5))
        with pytest.raises(UnknownName, match="no sweep 9"):
            await engine.execute(PromoteSet(9, 1))
        for wrong in (0, 6):
            with pytest.raises(UnknownName, match="not played"):
                await engine.execute(PromoteSet(number, wrong))


async def test_candles_that_came_later_change_nothing(tmp_path: Path, candles: Path) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles, hold_back_pct=None))
    prolong(candles)
    async with opened(tmp_path) as engine:
        assert await engine.sweeps.differences(number) == ""
        looked = await engine.sweeps.review(number, 1)
        assert looked.record.result.net_pnl == rows[1].net_pnl


async def test_what_changed_since_is_told_and_the_map_stays(
    tmp_path: Path, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles))
    change(candles)
    async with opened(tmp_path) as engine:
        words = await engine.sweeps.differences(number)
        assert words.startswith("Its candles, or the steps of its market, are no longer")
        assert "EMA cross was changed" not in words
        monkeypatch.setattr(sweep_origin, "source_of", lambda strategy: ("other", "other"))
        found = await engine.sweeps.open(number)
        assert {row.no: row for row in found.rows} == rows
        words = await engine.sweeps.differences(number)
        assert words.startswith("EMA cross was changed")
        assert "candles" not in words  # another strategy may read from elsewhere on
        remove(candles)
        await engine.sweeps.open(number)  # looks at them anew
        with pytest.raises(FileRefused):
            await engine.sweeps.differences(number)
        assert len((await engine.sweeps.open(number)).rows) == 5


async def test_another_version_of_the_program_is_told_where_something_else_differs(
    tmp_path: Path, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(sweep_origin, "__version__", "0.0.7")
        number, _, _ = await swept(tmp_path, wish(candles))
    async with opened(tmp_path) as engine:
        assert await engine.sweeps.differences(number) == ""
        change(candles)
        words = await engine.sweeps.differences(number)
        assert words.startswith("Its candles, or the steps of its market, are no longer")
        assert "It was played by version 0.0.7 of this program; this is " in words


async def test_a_strategy_that_changes_while_its_sets_are_played_is_told(
    tmp_path: Path, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as engine:

        def told(progress: Progress) -> None:
            monkeypatch.setattr(sweep_origin, "source_of", lambda strategy: ("new", "new"))

        number = await engine.execute(wish(candles), told)
        assert isinstance(number, int)
    async with opened(tmp_path) as engine:
        assert "EMA cross was changed" in await engine.sweeps.differences(number)


async def test_one_in_which_nothing_varies_has_no_map(tmp_path: Path, candles: Path) -> None:
    number, _, _ = await swept(tmp_path, wish(candles, values={}))
    async with opened(tmp_path) as engine:
        with pytest.raises(IllegalStep, match="Nothing was varied"):
            await engine.sweeps.open(number)


async def test_drawn_sets_stand_at_their_places(tmp_path: Path, candles: Path) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles, draw=3, seed=4))
    async with opened(tmp_path) as engine:
        found = await engine.sweeps.open(number)
        pairs = [(fast, slow) for fast in (5, 9, 30) for slow in (21, 34)]
        for no, row in rows.items():
            at = found.outlook.places[no - 1]
            assert pairs[at] == (row.settings["fast"], row.settings["slow"])
        assert len(found.outlook.refused) == 3
        not_drawn = set(range(6)) - set(found.outlook.places) - {4}
        assert {found.outlook.refused[at] for at in not_drawn} == {"This set was not drawn."}
        looked = await engine.sweeps.review(number, 2)
        assert looked.record.settings.params == rows[2].settings
        steps = tuple(map(Decimal, range(3, 153)))
        wide = wish(candles, values={"fast": steps, "slow": steps}, draw=2)
        drawn = await engine.execute(wide)
        assert isinstance(drawn, int)
        with pytest.raises(IllegalStep, match="drawn from 22,500"):
            await engine.sweeps.open(drawn)


async def test_sets_keep_their_numbers_where_others_are_refused_now(
    tmp_path: Path, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles, hold_back_pct=None))
    strategy = type(STRATEGIES["ema_cross"])

    def stricter(self: object, params: Params) -> None:
        if params["fast"] == 5:
            raise InvalidSetting("5 is too fast.", field="fast")

    monkeypatch.setattr(strategy, "check", stricter)
    async with opened(tmp_path) as engine:
        looked = await engine.sweeps.review(number, 4)
        assert looked.record.settings.params == rows[4].settings
        assert looked.record.result.net_pnl == rows[4].net_pnl
        with pytest.raises(UnknownName, match="refused by now"):
            await engine.sweeps.review(number, 1)
        found = await engine.sweeps.open(number)
        assert list(found.outlook.refused.values()) == [
            "This set was not played when the sweep ran."
        ]
        with patch.dict(STRATEGIES):  # gives them back in their order
            del STRATEGIES["ema_cross"]
            assert (await engine.sweeps.open(number)).rows == found.rows
            with pytest.raises(AskPerson, match="ema_cross"):
                await engine.sweeps.differences(number)


async def test_candles_of_the_archive_may_grow_and_are_missed(
    tmp_path: Path, candles: Path
) -> None:
    series = Series("binance", "BTC/USDT", MINUTE)
    taken = ImportCandles((str(candles),), "binance", "BTC/USDT")
    run = replace(wish(candles).backtest, feed=FeedChoice(FeedKind.ARCHIVE, exchange="binance"))
    async with opened(tmp_path) as engine:
        await engine.execute(taken)
    whole = wish(candles, backtest=replace(run, timeframe_ms=MINUTE))
    number, rows, last = await swept(tmp_path, whole)
    prolong(candles)
    async with opened(tmp_path) as engine:
        await engine.execute(taken)
        (cover,) = await engine.archive()
        assert cover.last_at + MINUTE > last.span[2]
        assert await engine.sweeps.differences(number) == ""
        await engine.execute(DeleteCandles(series))
        with pytest.raises(AskPerson):
            await engine.sweeps.differences(number)
        found = await engine.sweeps.open(number)
        assert {row.no: row for row in found.rows} == rows


async def test_one_from_before_shows_what_was_kept_of_it(tmp_path: Path, candles: Path) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles))
    async with opened(tmp_path) as engine:
        record, _ = await sweeps.get(engine._store, number)
        some = [replace(rows[no], sharpe=None, unseen=None) for no in (1, 2, 4)]
        async with engine._store.action("before") as db:
            sweeps.add(db, replace(record, id=9, span=None), some)
        found = await engine.sweeps.open(9)
        assert (found.wish, list(found.rows)) == (None, some)
        assert found.outlook.places == (0, 1, -1, 3)
        assert list(found.outlook.refused) == [2, 4, 5]
        for ask in (engine.sweeps.differences(9), engine.sweeps.review(9, 1)):
            with pytest.raises(IllegalStep, match="did not keep what it was played on"):
                await ask


async def test_sets_that_are_none_of_their_grid_are_told(tmp_path: Path, candles: Path) -> None:
    number, rows, _ = await swept(tmp_path, wish(candles))
    async with opened(tmp_path) as engine:
        record, _ = await sweeps.get(engine._store, number)
        for sweep_id, settings in ((8, {"fast": Decimal(77), "slow": Decimal(21)}), (9, {})):
            async with engine._store.action("damage") as db:
                one = replace(rows[1], settings=settings, unseen=None)
                sweeps.add(db, replace(record, id=sweep_id), [one])
            with pytest.raises(RecordDamaged, match="Which sets"):
                await engine.sweeps.open(sweep_id)


async def test_a_deleted_sweep_comes_back_or_goes_with_the_program(
    tmp_path: Path, candles: Path
) -> None:
    number, _, _ = await swept(tmp_path, wish(candles))
    async with opened(tmp_path) as engine:
        session_id = await engine.execute(PromoteSet(number, 1))
        version = engine.snapshot().sessions_version
        await engine.execute(KeepSweep(number, kept=False))
        assert engine.snapshot().sessions_version > version
        assert await engine.sweeps.earlier() == ()
        await engine.execute(KeepSweep(number, kept=True))
        assert [one.id for one in await engine.sweeps.earlier()] == [number]
        await engine.execute(KeepSweep(number, kept=False))
    async with opened(tmp_path) as engine:
        with pytest.raises(UnknownName):
            await engine.execute(KeepSweep(number, kept=True))
        (record,) = await engine.sessions()
        assert (record.id, record.sweep_id) == (session_id, number)


async def test_the_number_of_a_deleted_sweep_is_not_given_again(
    tmp_path: Path, candles: Path
) -> None:
    number, _, _ = await swept(tmp_path, wish(candles))
    async with opened(tmp_path) as engine:
        await engine.execute(KeepSweep(number, kept=False))
    assert (await swept(tmp_path, wish(candles)))[0] == number + 1


async def test_deleted_sweeps_go_one_by_one_until_it_is_to_stop(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    try:
        async with store.action("fill") as db:
            for sweep_id in (7, 8, 9):
                sweeps.add(db, replace(stored_sweep()[0], id=sweep_id), ())
                sweeps.set_deleted(db, sweep_id, 1)
        stops = iter((False, True))
        await deleting.purge(store, 2, lambda: next(stops))
        left = await sweeps.deleted(store, 2)
        assert len(left) == 2
    finally:
        await store.close()
