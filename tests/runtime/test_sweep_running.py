"""A sweep while it runs: threads, opinions asked once, ended early, stored."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine.strategies
from engine.domain.candles import Candles
from engine.domain.sweeps import SweepRow, SweepStatus
from engine.errors import StrategyFailed, UnknownName
from engine.messages.progress import Progress
from engine.runtime.sweep import run as sweep_run
from engine.runtime.sweep.earlier import Swept
from engine.runtime.sweep.ranking import best_first
from engine.runtime.sweep.record import sweep_record
from engine.runtime.sweep.run import run_sweep
from engine.runtime.sweep.storing import promote, store_sweep, sweep_in_worker
from engine.runtime.sweep.tape import Tape
from engine.store.database import Store
from engine.store.repositories import sessions, sweeps
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import write_candles
from tests.runtime.swept import PLAIN, plan_of, played
from tests.store.samples import sweep_origin


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("sweep") / "btc-usdt.csv", 6_000)


def test_any_number_of_threads_gives_the_same_rows(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "5:30:5", "slow": "35:60:5", "take_profit_pct": "0.5,1"})
    assert len(plan.sets) > sweep_run.BATCH
    assert played(plan, 1) == played(plan, 2) == played(plan, 7)


class Counted(EmaCross):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.fails = False

    def signals(self, candles: Candles, params: Any) -> Any:
        self.asked.append(tuple(sorted(params.items())))
        if self.fails and len(self.asked) > 2:
            raise RuntimeError("too tired")
        return super().signals(candles, params)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    strategy = Counted()
    monkeypatch.setitem(engine.strategies.STRATEGIES, "ema_cross", strategy)
    return strategy


def test_a_strategy_is_asked_once_for_each_of_its_settings(candles: Path, counted: Counted) -> None:
    exits = ",".join(f"0.{place:02}" for place in range(1, 60))
    plan = plan_of(candles, {"fast": "5,9", "slow": "21,30", "take_profit_pct": exits})
    assert len(played(plan)) == 4 * 59
    assert len(counted.asked) == len(set(counted.asked)) == 4


def test_a_failing_strategy_ends_the_sweep_with_its_words(candles: Path, counted: Counted) -> None:
    counted.fails = True
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21"})
    with pytest.raises(StrategyFailed, match="too tired"):
        run_sweep(plan, lambda rows, progress: None, threading.Event(), 2)


def test_a_listener_that_fails_ends_the_sweep(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21"})

    def told(rows: Sequence[SweepRow], progress: Progress) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_sweep(plan, told, threading.Event(), 2)


def test_stopping_keeps_what_was_told(candles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_run, "BATCH", 2)
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21:25:1"})
    stop = threading.Event()
    rows: list[SweepRow] = []
    told_of: list[Progress] = []

    def told(new: Sequence[SweepRow], progress: Progress) -> None:
        rows.extend(new)
        told_of.append(progress)
        stop.set()

    end = run_sweep(plan, told, stop, 2)
    assert end.cancelled
    assert 0 < end.done == len(rows) == told_of[-1].done < len(plan.sets) == told_of[0].total
    assert sweep_record(plan, end.fine, rows, 1, 0).status is SweepStatus.CANCELLED


def test_a_stop_before_the_start_plays_nothing(candles: Path) -> None:
    stop = threading.Event()
    stop.set()
    end = run_sweep(plan_of(candles, {"fast": "5,6"}), lambda rows, progress: None, stop)
    assert (end.done, end.cancelled) == (0, True)


def test_batches_hold_every_set_once_and_enough_for_all_workers(candles: Path) -> None:
    plan = plan_of(candles, {"fast": "2:12:1", "slow": "21:23:1", "take_profit_pct": "1:30:1"})
    groups = sweep_run._by_params(plan.sets)
    for workers, size in ((1, sweep_run.BATCH), (16, 15), (90, sweep_run.LEAST_BATCH)):
        assert sweep_run._size(len(plan.sets), workers) == size
        batches = sweep_run._batches(groups, size)
        assert sorted(one.no for batch in batches for one in batch) == list(range(1, 991))
        assert max(map(len, batches)) == size


def test_a_batch_that_hears_much_is_played_in_parts(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(candles, {"fast": "5:9:1", "slow": "21:23:1", "take_profit_pct": "0.5,1"})
    expected = played(plan)
    parts: list[int] = []
    whole = Tape.play

    def counted_play(tape: Tape, settings: Any, *more: Any) -> Any:
        parts.append(len(settings))
        return whole(tape, settings, *more)

    monkeypatch.setattr(Tape, "play", counted_play)
    monkeypatch.setattr(sweep_run, "SIGNALS", 1)
    assert played(plan) == expected
    assert set(parts) == {2}


async def test_a_sweep_is_stored_read_back_and_promoted(candles: Path, tmp_path: Path) -> None:
    plan = plan_of(
        candles, {"fast": "5,9", "slow": "21", "trailing_pct": "off,0.4"}, PLAIN, draw=4, seed=9
    )
    rows: list[SweepRow] = []
    end = await sweep_in_worker(plan, lambda progress: rows.extend(progress.rows))
    store = await Store.open(tmp_path / "data")
    try:
        record = sweep_record(plan, end.fine, rows, store.next_id("sweeps"), 77)
        await store_sweep(store, record, rows, sweep_origin())
        best = best_first(rows, "net_profit")[0]
        swept = Swept(record.id, plan, stored={row.no for row in rows})
        shown = await promote(store, swept, best, 78)
        (listed,) = await sweeps.every(store)
        read, read_rows = await sweeps.get(store, record.id)
        session = await sessions.get(store, shown.session_id or 0)
        with pytest.raises(UnknownName):
            await sweeps.get(store, 99)
    finally:
        await store.close()
    assert listed == read == record
    assert (read.seed, read.done, read.total, read.created_at) == (9, 4, 4, 77)
    expected = {row.no: row for row in rows}
    expected[best.no] = replace(expected[best.no], session_id=shown.session_id)
    assert {row.no: row for row in read_rows} == expected
    assert session.sweep_id == record.id
    assert session.result.net_pnl == best.net_pnl
    assert session.result.max_drawdown_pct == best.max_drawdown_pct
    assert session.settings.params == plan.set_of(best.no).params
    assert session.settings.trade == plan.set_of(best.no).trade


async def test_off_the_loop_with_progress_and_cancelled(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_run, "BATCH", 2)
    plan = plan_of(candles, {"fast": "5:15:1", "slow": "21:40:1"})
    first = asyncio.get_running_loop().create_future()
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        assert threading.current_thread() is threading.main_thread()
        seen.append(progress)
        if not first.done():
            first.set_result(None)

    task = asyncio.create_task(sweep_in_worker(plan, report))
    await first
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen
    assert seen[0].words.endswith(f"of {len(plan.sets)} sets")
    for thread in threading.enumerate():
        if thread.name.startswith("sweep"):
            thread.join(10)
    await asyncio.sleep(0)
    assert seen[-1].done < len(plan.sets)
