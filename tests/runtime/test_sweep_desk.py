"""A sweep as the window has it: outlook, reports, pause, an early end, sets looked into."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.sweeps import SweepRow, SweepStatus
from engine.errors import Fault, IllegalStep, InvalidSetting, StoreUnavailable, UnknownName
from engine.messages.commands import EndSweep, PauseSweep, PromoteSet, RunBacktest, RunSweep
from engine.messages.progress import Progress
from engine.messages.sweeping import SweepProgress
from engine.runtime.engine import Engine
from engine.runtime.sweep import keeping, storing
from engine.runtime.sweep import run as sweep_run
from engine.store.repositories import session_notes, sweep_origins, sweeps
from tests.runtime.support import BUSY, MINUTE, StillClock, write_candles
from tests.runtime.swept import alone, plan_of, played

PAIRS = {"fast": tuple(map(Decimal, (5, 9, 30))), "slow": tuple(map(Decimal, (21, 34)))}


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("desk") / "btc-usdt.csv", 1_200)


class RungClock(StillClock):
    """Whoever sleeps is woken when the test rings."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[asyncio.Future[None]] = []

    async def sleep(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append(sleeper)
        await sleeper

    def ring(self) -> None:
        sleepers, self._sleepers = self._sleepers, []
        for sleeper in sleepers:
            if not sleeper.done():
                sleeper.set_result(None)


@pytest.fixture
def clock() -> RungClock:
    return RungClock()


@pytest.fixture
async def engine(tmp_path: Path, clock: RungClock) -> AsyncIterator[Engine]:
    opened = await Engine.open(tmp_path / "data", clock=clock)
    yield opened
    await opened.close()


def wish(candles: Path, held: int | None = None) -> RunSweep:
    feed = FeedChoice(FeedKind.FILE, str(candles), speed=0)
    run = RunBacktest(feed, "BTC/USDT", None, "ema_cross", {"fast": 3, "slow": 8}, BUSY)
    return RunSweep(run, PAIRS, hold_back_pct=None if held is None else Decimal(held))


class Heard:
    """The reports of a sweep."""

    def __init__(self) -> None:
        self.reports: list[SweepProgress] = []

    def __call__(self, progress: Progress) -> None:
        assert isinstance(progress, SweepProgress)
        self.reports.append(progress)

    @property
    def rows(self) -> dict[int, SweepRow]:
        return {row.no: row for report in self.reports for row in report.rows}


async def test_the_outlook_says_which_pairs_are_refused_and_why(
    engine: Engine, candles: Path
) -> None:
    seen = await engine.sweeps.outlook(wish(candles))
    assert dict(seen.grid) == {"fast": (5, 9, 30), "slow": (21, 34)}
    assert (seen.total, seen.runs, list(seen.refused)) == (6, 5, [4])
    assert "must be shorter" in seen.refused[4]


async def test_the_tail_is_played_on_its_own(engine: Engine, candles: Path) -> None:
    heard = Heard()
    await engine.execute(wish(candles, 25), heard)
    begin, split, end = heard.reports[-1].span
    assert (end - split) / (end - begin) == pytest.approx(0.25, abs=0.01)
    assert split % MINUTE == 0
    whole = plan_of(candles, {"fast": "5,9,30", "slow": "21,34"})
    for part, tail in ((replace(whole.base, to_at=split), 0), (whole.base, 1)):
        plan = replace(whole, base=part if not tail else replace(part, from_at=split))
        for no, row in heard.rows.items():
            shown = row.unseen if tail else row
            assert shown is not None
            expected = alone(plan.backtest_of(plan.set_of(no)))
            assert {name: getattr(shown, name) for name in expected} == expected
    for wrong in (0, 100):
        with pytest.raises(InvalidSetting) as refused:
            await engine.execute(wish(candles, wrong))
        assert refused.value.field == "hold_back_pct"


async def test_a_set_is_looked_into_and_promoted_once(engine: Engine, candles: Path) -> None:
    heard = Heard()
    number = await engine.execute(wish(candles), heard)
    assert isinstance(number, int)
    expected = played(plan_of(candles, {"fast": "5,9,30", "slow": "21,34"}))
    assert [heard.rows[row.no] for row in expected] == expected
    looked = await engine.sweeps.review(number, 2)
    assert looked.record.result.net_pnl == heard.rows[2].net_pnl
    assert await engine.sessions() == ()
    session_id = await engine.execute(PromoteSet(number, 2))
    assert await engine.execute(PromoteSet(number, 2)) == session_id
    (record,) = await engine.sessions()
    assert (record.id, record.sweep_id) == (session_id, number)
    assert record.result.net_pnl == heard.rows[2].net_pnl
    for wrong in ((number + 1, 1), (number, 6), (number, 0)):
        with pytest.raises(UnknownName):
            await engine.sweeps.review(*wrong)


@pytest.fixture
def set_by_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, and no second one before a pause was asked for."""
    for name, value in (("BATCH", 1), ("LEAST_BATCH", 1), ("MOST_WORKERS", 1), ("TELL_EACH_S", 0)):
        monkeypatch.setattr(sweep_run, name, value)
    asked, play, pause = threading.Event(), sweep_run._Sweep._play, sweep_run.Switch.pause

    def from_the_second_on_once_asked(sweep: Any, batch: Any) -> Any:
        """Or all could be done before the loop hears of the first."""
        assert not sweep._kernel_s or asked.wait(60)
        return play(sweep, batch)

    def noted(switch: sweep_run.Switch, wanted: bool) -> None:
        pause(switch, wanted)
        asked.set()

    monkeypatch.setattr(sweep_run._Sweep, "_play", from_the_second_on_once_asked)
    monkeypatch.setattr(sweep_run.Switch, "pause", noted)


class PausesAtFirst(Heard):
    """Pauses the sweep at the first set that it hears of."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.paused = asyncio.Event()
        self._asked = False

    def __call__(self, progress: Progress) -> None:
        super().__call__(progress)
        if self.reports[-1].paused:
            self.paused.set()
        elif progress.done and not self._asked:  # two may be done by then
            self._asked = True
            self._engine.sweeps.pause(True)


@pytest.mark.usefixtures("set_by_set")
async def test_a_set_promoted_over_the_end_of_its_sweep_names_it_and_is_named(
    engine: Engine, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()
    whole = storing._played

    def held(*given: Any) -> Any:
        loop.call_soon_threadsafe(began.set)
        assert ended.wait(60)
        return whole(*given)

    monkeypatch.setattr(storing, "_played", held)
    heard = PausesAtFirst(engine)
    sweep = asyncio.create_task(engine.execute(wish(candles), heard))
    await heard.paused.wait()
    no = next(iter(heard.rows))
    asked = PromoteSet(heard.reports[-1].sweep_id, no)
    promote = asyncio.create_task(engine.execute(asked))
    await began.wait()
    await engine.execute(EndSweep())
    number = await sweep
    ended.set()
    session_id = await promote
    assert isinstance(number, int)
    _, rows = await sweeps.get(engine._store, number)
    assert {row.no: row.session_id for row in rows}[no] == session_id
    (record,) = await engine.sessions()
    assert (record.id, record.sweep_id) == (session_id, number)


@pytest.mark.usefixtures("set_by_set")
async def test_a_session_that_was_deleted_while_its_sweep_ran_is_not_named(
    engine: Engine, candles: Path
) -> None:
    heard = PausesAtFirst(engine)
    sweep = asyncio.create_task(engine.execute(wish(candles), heard))
    await heard.paused.wait()
    no = next(iter(heard.rows))
    session_id = await engine.execute(PromoteSet(heard.reports[-1].sweep_id, no))
    assert isinstance(session_id, int)
    async with engine._store.action("delete") as db:
        session_notes.mark_deleted(db, session_id, 1)
    await engine.execute(EndSweep())
    number = await sweep
    assert isinstance(number, int)
    _, rows = await sweeps.get(engine._store, number)
    assert [row.session_id for row in rows] == [None] * len(rows)


@pytest.mark.usefixtures("set_by_set")
async def test_paused_gone_on_and_ended_early(engine: Engine, candles: Path) -> None:
    with pytest.raises(IllegalStep):
        await engine.execute(PauseSweep(True))
    heard = PausesAtFirst(engine)
    task = asyncio.create_task(engine.execute(wish(candles), heard))
    await heard.paused.wait()
    done = heard.reports[-1].done
    assert 1 <= done < 5
    with pytest.raises(IllegalStep):
        await engine.execute(wish(candles))
    promoted = await engine.execute(PromoteSet(heard.reports[-1].sweep_id, next(iter(heard.rows))))
    await engine.execute(EndSweep())
    await engine.execute(PauseSweep(False))
    number = await task
    assert isinstance(number, int)
    record, rows = await sweeps.get(engine._store, number)
    assert record.status is SweepStatus.CANCELLED
    assert 1 <= record.done == len(rows) == len(heard.rows) < 5
    assert promoted in [row.session_id for row in rows]


@pytest.fixture
def storings(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[Fault | None]:
    """What came of each storing, as they end."""
    ended: asyncio.Queue[Fault | None] = asyncio.Queue()
    for name in ("store_sweep", "store_more"):
        store = getattr(keeping, name)

        async def noted(*given: Any, store: Any = store) -> None:
            try:
                await store(*given)
            except Fault as fault:
                ended.put_nowait(fault)
                raise
            ended.put_nowait(None)

        monkeypatch.setattr(keeping, name, noted)
    return ended


async def paused_and_stored(
    engine: Engine, candles: Path, clock: RungClock, storings: asyncio.Queue[Fault | None]
) -> tuple[PausesAtFirst, asyncio.Task[object]]:
    """A sweep that is halted in its midst, and what was played by then is in the store."""
    heard = PausesAtFirst(engine)
    sweep = asyncio.create_task(engine.execute(wish(candles), heard))
    await heard.paused.wait()
    clock.ring()
    assert await storings.get() is None
    return heard, sweep


@pytest.mark.usefixtures("set_by_set")
async def test_what_was_played_is_stored_while_the_sweep_goes_on(
    engine: Engine, candles: Path, clock: RungClock, storings: asyncio.Queue[Fault | None]
) -> None:
    heard, sweep = await paused_and_stored(engine, candles, clock, storings)
    number = heard.reports[-1].sweep_id
    record, rows = await sweeps.get(engine._store, number)
    assert record.status is SweepStatus.CANCELLED
    assert 1 <= record.done == len(rows) <= len(heard.rows) < 5
    assert await sweep_origins.find(engine._store, number) is not None
    assert await engine.sweeps.earlier() == ()  # while it runs it is the one that is shown
    promoted = await engine.execute(PromoteSet(number, rows[0].no))
    await engine.execute(PauseSweep(False))
    assert await sweep == number
    record, rows = await sweeps.get(engine._store, number)
    assert (record.status, record.done, len(rows)) == (SweepStatus.FINISHED, 5, 5)
    assert {row.no: replace(row, session_id=None) for row in rows} == heard.rows
    assert rows[0].session_id == promoted
    (session,) = await engine.sessions()
    assert (session.id, session.sweep_id) == (promoted, number)
    assert await engine.sweeps.earlier() == (record,)


@pytest.mark.usefixtures("set_by_set")
async def test_a_sweep_that_was_cut_off_keeps_what_was_stored(
    engine: Engine, candles: Path, clock: RungClock, storings: asyncio.Queue[Fault | None]
) -> None:
    heard, sweep = await paused_and_stored(engine, candles, clock, storings)
    sweep.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweep
    (record,) = await engine.sweeps.earlier()
    opened = await engine.sweeps.open(record.id)
    assert record.status is SweepStatus.CANCELLED
    assert 1 <= record.done == len(opened.rows)
    assert all(heard.rows[row.no] == row for row in opened.rows)


@pytest.mark.usefixtures("set_by_set")
async def test_a_sweep_that_cannot_be_stored_yet_goes_on_and_is_stored_whole(
    engine: Engine,
    candles: Path,
    clock: RungClock,
    storings: asyncio.Queue[Fault | None],
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[logging.LogRecord],
) -> None:
    heard, add = PausesAtFirst(engine), sweeps.add

    def full(*given: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(sweeps, "add", full)
    sweep = asyncio.create_task(engine.execute(wish(candles), heard))
    await heard.paused.wait()
    clock.ring()
    assert isinstance(await storings.get(), StoreUnavailable)
    assert [one.getMessage() for one in expected_warnings] == [
        "Sweep 1 is not stored yet: The disk is full."
    ]
    monkeypatch.setattr(sweeps, "add", add)
    await engine.execute(PauseSweep(False))
    number = await sweep
    assert isinstance(number, int)
    record, rows = await sweeps.get(engine._store, number)
    assert (record.status, len(rows)) == (SweepStatus.FINISHED, 5)
