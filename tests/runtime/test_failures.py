"""What goes wrong stays small: one bot, one backtest, one step; and is said in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from engine.domain.bots import BotState, FeedChoice, FeedKind
from engine.domain.candles import Candles
from engine.domain.reasons import EndReason
from engine.domain.sessions import SessionStatus
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Parameter, Params, Signals
from engine.errors import FileRefused, InvalidSetting, StoreUnavailable, UnknownName
from engine.messages import commands as cm
from engine.messages.events import EventKind
from engine.messages.progress import Progress
from engine.runtime.engine import Engine
from engine.runtime.running import threaded_mind
from engine.store.repositories import recordings
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import (
    BUSY,
    MINUTE,
    QuickClock,
    StillClock,
    file_bot,
    until,
    write_candles,
)


class Breaking(EmaCross):
    """Works for a while."""

    name: ClassVar[str] = "breaking"
    parameters: ClassVar[tuple[Parameter, ...]] = EmaCross.parameters

    def signals(self, candles: Candles, params: Params) -> Signals:
        if len(candles) > 60:
            raise ZeroDivisionError("the strategy divided by nothing")
        return super().signals(candles, params)


class TooShort(EmaCross):
    name: ClassVar[str] = "too_short"

    def signals(self, candles: Candles, params: Params) -> Signals:
        answer = super().signals(candles, params)
        return replace(answer, buy=answer.buy[:-1])


class Unsure(EmaCross):
    name: ClassVar[str] = "unsure"

    def signals(self, candles: Candles, params: Params) -> Signals:
        answer = super().signals(candles, params)
        return replace(answer, buy=np.full(len(candles), np.nan))  # type: ignore[arg-type]


@pytest.fixture
async def engine(
    tmp_path: Path, _no_tasks_left: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    for strategy in (Breaking(), TooShort(), Unsure()):
        monkeypatch.setitem(STRATEGIES, strategy.name, strategy)
    opened = await Engine.open(tmp_path / "data", clock=StillClock())
    yield opened
    await opened.close()


def wish(path: Path, strategy: str = "ema_cross", **more: object) -> cm.RunBacktest:
    feed = FeedChoice(FeedKind.FILE, str(path))
    return replace(cm.RunBacktest(feed, "BTC/USDT", MINUTE, strategy), **more)  # type: ignore[arg-type]


async def test_a_failing_strategy_puts_only_its_own_bot_in_error(
    engine: Engine, tmp_path: Path
) -> None:
    path = write_candles(tmp_path / "c.csv", 200)
    bad = await engine.execute(cm.CreateBot(file_bot(path, "bad", strategy="breaking"), True))
    good = await engine.execute(cm.CreateBot(file_bot(path, "good"), True))
    assert isinstance(bad, int)
    assert isinstance(good, int)
    now = await until(
        engine,
        lambda now: now.bots[0].state is BotState.ERROR and now.bots[1].state is BotState.STOPPED,
    )
    error = now.bots[0].error
    assert error is not None
    assert "ZeroDivisionError" in error.words
    assert "Traceback" in error.details
    assert now.bots[0].session.ended == EndReason.ERROR
    assert now.bots[1].session.ended == EndReason.END_OF_DATA
    statuses = {record.bot_name: record.status for record in await engine.sessions()}
    assert statuses == {"bad": SessionStatus.FAILED, "good": SessionStatus.FINISHED}
    log = now.bots[0].session.log
    kinds = log.rows[:, 0].tolist()
    assert log.note(kinds.index(EventKind.ERROR)) == error.words
    # Its last candle was never lived through: neither recorded nor counted.
    (failed,) = [record for record in await engine.sessions() if record.bot_name == "bad"]
    assert failed.result.bars == len((await engine.review(failed.id)).candles) == 60


class BreaksInPosition(EmaCross):
    """Buys at the 31st candle and fails at the 41st."""

    name: ClassVar[str] = "breaks_in_position"

    def signals(self, candles: Candles, params: Params) -> Signals:
        if len(candles) > 40:
            raise ZeroDivisionError("the strategy divided by nothing")
        answer = super().signals(candles, params)
        none = np.zeros(len(candles), np.bool_)
        buy = np.arange(len(candles)) == 30
        return replace(answer, buy=buy, sell=none, short=none, cover=none)


async def test_a_position_is_closed_even_when_the_strategy_is_broken(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, "breaks_in_position", BreaksInPosition())
    path = write_candles(tmp_path / "c.csv", 100)
    bot = file_bot(path, strategy="breaks_in_position", trade=TradeSettings())
    await engine.execute(cm.CreateBot(bot, start=True))
    now = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
    assert now.bots[0].unguarded
    assert now.bots[0].session.position > 0
    await engine.execute(cm.PanicClose())
    now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    assert now.bots[0].session.position == 0
    assert now.bots[0].session.ended == EndReason.CLOSED_AND_STOPPED
    assert not now.bots[0].unguarded
    (closed, _) = await engine.sessions()
    assert closed.settings.strategy == "breaks_in_position"


async def test_an_error_is_still_there_after_a_restart(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 200)
    STRATEGIES["breaking"] = Breaking()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        await engine.execute(cm.CreateBot(file_bot(path, "bad", strategy="breaking"), True))
        before = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
        await engine.close()
        engine = await Engine.open(tmp_path / "data", clock=StillClock())
        bot = engine.snapshot().bots[0]
        assert bot.state is BotState.ERROR
        assert bot.error == before.bots[0].error
        assert bot.session.position == before.bots[0].session.position
    finally:
        del STRATEGIES["breaking"]
        await engine.close()


@pytest.mark.parametrize(
    ("strategy", "words"), [("too_short", "values"), ("unsure", "NaN"), ("breaking", "line")]
)
async def test_a_backtest_with_a_broken_strategy_stores_nothing(
    engine: Engine, tmp_path: Path, strategy: str, words: str
) -> None:
    path = write_candles(tmp_path / "c.csv", 200)
    with pytest.raises(Exception, match=words):
        await engine.execute(wish(path, strategy))
    assert await engine.sessions() == ()


async def test_a_strategy_that_does_not_come_back(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()
    monkeypatch.setattr(threaded_mind, "DEADLINE_S", 0.05)

    class Hanging(EmaCross):
        name: ClassVar[str] = "hanging"

        def signals(self, candles: Candles, params: Params) -> Signals:
            import threading

            threading.Event().wait(2)
            return super().signals(candles, params)

    monkeypatch.setitem(STRATEGIES, "hanging", Hanging())
    path = write_candles(tmp_path / "c.csv", 50)
    await engine.execute(cm.CreateBot(file_bot(path, strategy="hanging"), True))
    now = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
    assert now.bots[0].error is not None
    assert "did not answer within" in now.bots[0].error.words
    assert not never.is_set()


async def test_a_cancelled_backtest_stores_nothing(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 2_000)
    heard: list[Progress] = []
    begun = asyncio.Event()

    def report(progress: Progress) -> None:
        heard.append(progress)
        begun.set()

    task = asyncio.ensure_future(engine.execute(wish(path), report))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard[0].total == 2_000
    assert await engine.sessions() == ()


async def test_a_backtest_reports_how_far_it_is(engine: Engine, tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 500)
    heard: list[Progress] = []
    session_id = await engine.execute(wish(path, trade=BUSY), heard.append)
    assert heard[-1].done == heard[-1].total == 500
    review = await engine.review(session_id)  # type: ignore[arg-type]
    assert len(review.candles) == 500
    assert review.missing == ""
    assert len(review.end().session.trades) == review.record.result.trades > 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"strategy": "nobody"}, UnknownName),
        ({"params": {"fast": 50, "slow": 20}}, InvalidSetting),
        ({"params": {"speed": 1}}, InvalidSetting),
        ({"trade": TradeSettings(position_pct=Decimal(30))}, InvalidSetting),
        ({"from_at": 10**15}, InvalidSetting),
        ({"from_at": 20, "to_at": 10}, InvalidSetting),
        ({"price_step": Decimal(7)}, InvalidSetting),
        ({"timeframe_ms": 5 * MINUTE}, FileRefused),
        ({"signals_path": "nowhere.csv"}, InvalidSetting),
        ({"strategy": "signals_file"}, InvalidSetting),
        ({"symbol": " "}, InvalidSetting),
    ],
)
async def test_wrong_wishes_are_refused_and_nothing_is_stored(
    engine: Engine, tmp_path: Path, change: dict[str, object], fault: type[Exception]
) -> None:
    path = write_candles(tmp_path / "c.csv", 100)
    with pytest.raises(fault):
        await engine.execute(replace(wish(path), **change))  # type: ignore[arg-type]
    assert await engine.sessions() == ()


async def test_wrong_files_are_refused(engine: Engine, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.csv"
    rubbish.write_text("this is not a candle file\n")
    for path in (rubbish, tmp_path / "missing.csv", tmp_path):
        with pytest.raises(FileRefused):
            await engine.read_candle_file(path)
        with pytest.raises(FileRefused):
            await engine.execute(wish(path))
    bot_id = await engine.execute(cm.CreateBot(file_bot(rubbish)))
    with pytest.raises(FileRefused):
        await engine.execute(cm.StartBot(bot_id))  # type: ignore[arg-type]
    assert engine.snapshot().bots[0].state is BotState.STOPPED


async def test_a_report_of_a_candle_file(engine: Engine, tmp_path: Path) -> None:
    report = await engine.read_candle_file(write_candles(tmp_path / "btc-usdt.csv", 100))
    assert (report.rows, report.timeframe_ms, report.gaps) == (100, MINUTE, 3)
    assert report.symbol == "BTC/USDT"
    assert "3 candles are missing" in report.sentence


async def test_a_full_disk_stops_nothing_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        path = write_candles(tmp_path / "c.csv", 200)
        original, refusals = recordings.append, [0]

        def failing(*arguments: object) -> None:
            if 5 < refusals[0] <= 9:
                refusals[0] += 1
                raise StoreUnavailable("The disk is full.")
            refusals[0] += 1
            original(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(recordings, "append", failing)
        await engine.execute(cm.CreateBot(file_bot(path), True))
        troubled = await until(engine, lambda now: now.status.vitals().store_words != "ok")
        assert troubled.status.vitals().store_words == "The disk is full."
        assert troubled.status.vitals().store_queue > 0
        assert troubled.bots[0].sub_words == "Database not writable"
        await until(engine, lambda now: now.bots[0].session.ended is not None)
        now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert now.status.vitals().store_words == "ok"
        monkeypatch.undo()
        session_id = await engine.execute(wish(path, trade=BUSY))
        paper, backtest = await engine.sessions(), await engine.review(session_id)  # type: ignore[arg-type]
        assert paper[1].event_hash == backtest.record.event_hash
        assert refusals[0] > 9
    finally:
        await engine.close()
