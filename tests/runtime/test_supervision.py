"""A bot that meets a fault is tried again where that may help, and nobody else notices."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from engine.domain.bots import BotState
from engine.domain.candles import Candles
from engine.domain.reasons import EndReason
from engine.domain.rows import Rows
from engine.domain.sessions import SessionStatus
from engine.domain.strategy import Params, Signals
from engine.domain.sub_states import SubState
from engine.errors import ExchangeUnavailable, FaultKind, IllegalStep, RateLimited, StrategyLate
from engine.markets.candle_feed import CandleFeed
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.liveness import Lamp, liveness
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.bots import bot as bot_module
from engine.runtime.bots import retrying, supervisor
from engine.runtime.bots.retrying import FIRST_S, LONGEST_S, STEADY_S, Retrying, wait_s
from engine.runtime.engine import Engine
from engine.runtime.opinions import Opinion
from engine.runtime.running import threaded_mind
from engine.runtime.running.endings import note_error
from engine.store.records import BotStanding
from engine.store.repositories import bot_states
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import (
    QuickClock,
    StillClock,
    backtest_of,
    file_bot,
    until,
    write_candles,
)


class Late(EmaCross):
    """Does not come back the first `times` it is asked about so many candles."""

    name: ClassVar[str] = "late"

    def __init__(self, times: int, candles: int = 60) -> None:
        self.left, self.candles = times, candles
        self.never = threading.Event()

    def signals(self, candles: Candles, params: Params) -> Signals:
        if len(candles) == self.candles and self.left:
            self.left -= 1
            self.never.wait(20)
        return super().signals(candles, params)


class Exits(EmaCross):
    name: ClassVar[str] = "exits"

    def signals(self, candles: Candles, params: Params) -> Signals:
        if len(candles) > 60:
            raise SystemExit(3)
        return super().signals(candles, params)


class Unsure(EmaCross):
    name: ClassVar[str] = "unsure"

    def signals(self, candles: Candles, params: Params) -> Signals:
        answer = super().signals(candles, params)
        if len(candles) > 60:
            return replace(answer, buy=np.full(len(candles), np.nan))  # type: ignore[arg-type]
        return answer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_candles(tmp_path / "c.csv", 120)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Late:
    monkeypatch.setattr(threaded_mind, "DEADLINE_S", 0.4)
    strategy = Late(1)
    monkeypatch.setitem(STRATEGIES, "late", strategy)
    return strategy


@pytest.fixture
async def engine(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    opened = await Engine.open(tmp_path / "data", clock=QuickClock())
    yield opened
    await opened.close()


@pytest.fixture
async def still(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[Engine]:
    opened = await Engine.open(tmp_path / "data", clock=StillClock())
    yield opened
    await opened.close()


def first(now: AppSnapshot) -> BotSnapshot:
    return now.bots[0]


def waits(now: AppSnapshot) -> bool:
    error = first(now).error
    return error is not None and error.retry is not None


def ended(now: AppSnapshot) -> bool:
    return first(now).session.ended is not None and first(now).state is not BotState.RUNNING


def test_waits_grow_to_a_longest_and_are_spread() -> None:
    longest = [max(wait_s(count, salt) for salt in range(300)) for count in range(1, 12)]
    shortest = [min(wait_s(count, salt) for salt in range(300)) for count in range(1, 12)]
    assert all(b > 0.98 * a for a, b in itertools.pairwise(longest))
    assert 0.98 * FIRST_S < longest[0] <= FIRST_S
    assert longest[-1] <= LONGEST_S == max(300.0, longest[-1])
    assert all(low > top / 2.05 for low, top in zip(shortest, longest, strict=True))
    assert wait_s(3, 7) == wait_s(3, 7) != wait_s(3, 8)


async def test_what_is_tried_again_and_how_often() -> None:
    async def begin() -> None: ...

    def one() -> Retrying:
        return Retrying(1, StillClock(), begin)

    assert not one().count_fault(ValueError(), 0.0)
    assert not one().count_fault(IllegalStep("no"), 0.0)
    slow, away = one(), one()
    assert [slow.count_fault(StrategyLate("slow"), 0.0) for _ in range(5)] == [True] * 3 + [
        False
    ] * 2
    assert slow.count_fault(StrategyLate("slow"), STEADY_S)
    assert slow.tried == 1
    assert all(away.count_fault(ExchangeUnavailable("away"), 0.0) for _ in range(100))
    away.forget()
    assert away.count_fault(RateLimited("busy", wait_s=900.0), 0.0)
    away.wait(RateLimited("busy", wait_s=900.0))
    assert away.next is not None
    assert away.next.count == 1
    assert away.next.at - StillClock().now_ms() > 900_000
    await away.close()
    assert away.next is None


async def test_a_late_strategy_is_asked_again_and_the_same_session_goes_on(
    engine: Engine, path: Path, late: Late
) -> None:
    settings = file_bot(path, strategy="late")
    bot_id = await engine.execute(cm.CreateBot(settings, start=True))
    now = await until(engine, waits)
    error = first(now).error
    assert error is not None
    assert error.retry is not None
    assert (error.kind, error.retry.count) == (FaultKind.STRATEGY, 1)
    assert first(now).sub_state is SubState.TRYING_AGAIN
    assert first(now).state is BotState.ERROR
    now = await until(engine, ended)
    assert first(now).bot_id == bot_id
    assert first(now).session.ended == EndReason.END_OF_DATA
    (record,) = await engine.sessions()
    assert record.status is SessionStatus.FINISHED
    review = await engine.review(await engine.execute(backtest_of(settings)))  # type: ignore[arg-type]
    assert record.event_hash == review.record.event_hash
    log = first(now).session.log
    kinds = log.rows[:, ev.KIND].tolist()
    assert "did not answer" in log.note(kinds.index(EventKind.ERROR))
    assert kinds.index(EventKind.ERROR) < kinds.index(EventKind.RESUMED)


async def test_a_strategy_that_is_always_late_is_given_up(
    engine: Engine, path: Path, late: Late, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock jumps while a thread lets the strategy's deadline pass: that is no steady run.
    monkeypatch.setattr(retrying, "STEADY_S", 1e12)
    late.left = 100
    await engine.execute(cm.CreateBot(file_bot(path, strategy="late"), start=True))
    now = await until(engine, lambda now: first(now).error is not None and ended(now))
    error = first(now).error
    assert error is not None
    assert error.retry is None
    assert "tried again 3 times and has given up" in error.words
    (record,) = await engine.sessions()
    assert record.status is SessionStatus.FAILED
    late.never.set()


async def test_stop_ends_the_waiting_and_start_the_wait(
    still: Engine, path: Path, late: Late, tmp_path: Path
) -> None:
    late.left = 2
    bot_id = await still.execute(cm.CreateBot(file_bot(path, strategy="late"), start=True))
    assert isinstance(bot_id, int)
    before = first(await until(still, waits))
    with pytest.raises(IllegalStep, match="Stop it first"):
        await still.execute(cm.DeleteBot(bot_id))
    await still.execute(cm.StartBot(bot_id))
    now = await until(still, lambda now: late.left == 0 and waits(now))
    assert first(now).session_id == before.session_id
    await still.execute(cm.StopBot(bot_id))
    bot = first(still.snapshot())
    assert (bot.state, bot.error, bot.interrupted) == (BotState.STOPPED, None, False)
    assert bot.session.ended == EndReason.STOPPED
    with pytest.raises(IllegalStep, match="does not run"):
        await still.execute(cm.StopBot(bot_id))
    await still.execute(cm.StartBot(bot_id))
    await until(still, lambda now: first(now).session_id != before.session_id)


@pytest.mark.parametrize("stopped", [False, True])
async def test_while_a_failed_start_is_written_down_nobody_else_starts_the_bot(
    still: Engine, path: Path, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    """Two tasks of one bot would follow: that of the second start, and that of the next try."""
    writing, goes_on = asyncio.Event(), asyncio.Event()

    async def no_feed(*_: object) -> None:
        raise ExchangeUnavailable("The exchange does not answer.")

    async def slowly(*arguments: object, **named: object) -> BotStanding:
        writing.set()
        await goes_on.wait()
        return await note_error(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(bot_module, "prepare", no_feed)
    monkeypatch.setattr(supervisor, "note_error", slowly)
    bot_id = await still.execute(cm.CreateBot(file_bot(path)))
    assert isinstance(bot_id, int)
    started = asyncio.ensure_future(still.execute(cm.StartBot(bot_id)))
    await writing.wait()
    for wish in (cm.StartBot(bot_id), cm.DeleteBot(bot_id)):
        with pytest.raises(IllegalStep, match="Stop it first"):
            await still.execute(wish)
    wishes = [asyncio.ensure_future(still.execute(cm.StopBot(bot_id)))] if stopped else []
    await asyncio.sleep(0)  # it is heard
    await asyncio.sleep(0)
    goes_on.set()
    with pytest.raises(ExchangeUnavailable):
        await started
    assert await asyncio.gather(*wishes) == [None] * stopped
    bot = first(still.snapshot())
    assert bot.state is (BotState.STOPPED if stopped else BotState.ERROR)
    assert waits(still.snapshot()) is not stopped
    standing = await bot_states.get(still._store, bot_id)
    assert standing.state is (BotState.STOPPED if stopped else BotState.PENDING)


async def test_who_waits_or_runs_is_wanted_after_a_restart_and_who_was_stopped_is_not(
    tmp_path: Path, path: Path, late: Late
) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    for name, strategy, speed in (("late", "late", 0.0), ("slow", "ema_cross", 1.0)):
        bot = file_bot(path, name, strategy=strategy, speed=speed)
        await engine.execute(cm.CreateBot(bot, start=True))
    stopped = await engine.execute(cm.CreateBot(file_bot(path, "stopped", speed=1.0), start=True))
    await until(engine, waits)
    assert isinstance(stopped, int)
    await engine.execute(cm.StopBot(stopped))
    await until(engine, lambda now: now.bots[2].state is BotState.STOPPED)
    await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        # "slow" has not had its first price: no session tells that it ran.
        assert [bot.wanted for bot in engine._bots.all()] == [True, True, False]
        error = engine.snapshot().bots[0].error
        assert error is not None
        assert "did not answer" in error.words
    finally:
        await engine.close()


async def test_a_feed_that_breaks_is_opened_anew(
    engine: Engine,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    expected_warnings: list[object],
) -> None:
    original, places = CandleFeed.next, iter(range(10_000))

    async def breaking(feed: CandleFeed) -> Rows | None:
        if next(places) == 50:
            raise KeyError("nothing of that name")
        return await original(feed)

    monkeypatch.setattr(CandleFeed, "next", breaking)
    await engine.execute(cm.CreateBot(file_bot(path), start=True))
    now = await until(engine, waits)
    error = first(now).error
    assert error is not None
    assert error.kind is FaultKind.FEED
    assert "KeyError" in error.words
    assert "Traceback" in error.details
    await until(engine, ended)
    (record,) = await engine.sessions()
    assert record.result.bars == 120
    assert expected_warnings


async def test_a_stop_that_was_asked_for_is_no_reason_to_try_again(
    engine: Engine, path: Path, late: Late
) -> None:
    bot_id = await engine.execute(cm.CreateBot(file_bot(path, strategy="late"), start=True))
    await until(engine, lambda now: first(now).chart.length == 59)
    assert isinstance(bot_id, int)
    asked = asyncio.create_task(engine.execute(cm.StopBot(bot_id)))
    now = await until(engine, lambda now: first(now).state is not BotState.RUNNING)
    assert await asked is None
    assert not waits(now)
    assert first(now).session.ended is not None


@pytest.mark.parametrize("broken", [Exits(), Unsure(), Late(10)], ids=lambda one: one.name)
async def test_of_three_bots_the_broken_one_is_alone(
    still: Engine, path: Path, broken: EmaCross, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threaded_mind, "DEADLINE_S", 0.5)
    monkeypatch.setitem(STRATEGIES, broken.name, broken)
    for name, strategy in (("one", "ema_cross"), ("bad", broken.name), ("two", "ema_cross")):
        await still.execute(cm.CreateBot(file_bot(path, name, strategy=strategy), start=True))

    def over(now: AppSnapshot) -> bool:
        return [bot.state.value for bot in now.bots] == ["stopped", "error", "stopped"]

    now = await until(still, over)
    bad = now.bots[1]
    assert bad.error is not None
    assert bad.error.kind is FaultKind.STRATEGY
    assert (bad.error.retry is not None) == (broken.name == "late")
    hashes = {record.bot_name: record.event_hash for record in await still.sessions()}
    review = await still.review(await still.execute(backtest_of(file_bot(path))))  # type: ignore[arg-type]
    assert hashes["one"] == hashes["two"] == review.record.event_hash


async def test_a_bot_whose_decisions_stop_turns_amber_and_red_by_itself(
    engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task hangs where no deadline is; its state does not know, the clock does."""
    original, goes_on = threaded_mind.ThreadedMind.ask, asyncio.Event()

    async def hanging(mind: threaded_mind.ThreadedMind, candles: Candles) -> Opinion:
        if len(candles) == 60:
            await goes_on.wait()
        return await original(mind, candles)

    monkeypatch.setattr(threaded_mind.ThreadedMind, "ask", hanging)
    await engine.execute(cm.CreateBot(file_bot(path), start=True))
    await until(engine, lambda now: first(now).chart.length == 59)
    lamps = []
    while not lamps or lamps[-1] is not Lamp.RED:
        await asyncio.sleep(0)
        now = engine.snapshot()
        lamp = liveness(first(now), now.status.pulses[1], now.status.now).lamp
        lamps += [] if lamps and lamps[-1] is lamp else [lamp]
        assert first(now).state is BotState.RUNNING
    assert lamps == [Lamp.OK, Lamp.AMBER, Lamp.RED]
    goes_on.set()
    await until(engine, ended)
