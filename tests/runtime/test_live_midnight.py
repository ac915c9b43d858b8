"""Midnight UTC on live prices, with a position: the day begins once, whatever the machine does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import pytest_asyncio

from engine.core import layout as slot
from engine.domain.candles import DAY_MS, Candles
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Signals
from engine.messages import commands as cm
from engine.runtime.history.loading import load_session
from engine.runtime.running.day_counts import counts_from, counts_in
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from tests.exchange.clock import NOON
from tests.exchange.server import LoopbackExchange, Plan
from tests.runtime.live_house import MINUTE, House, fresh, heard, holding, listening

MIDNIGHT = NOON + DAY_MS // 2
TODAY = MIDNIGHT // DAY_MS
BOUGHT_AFTER = 4
"""Minutes, or fewer, after which this market has made it buy."""


class Keeping(EmaCross):
    """Buys at the first candle it may, and never sells."""

    name: ClassVar[str] = "keeping"

    def signals(self, candles: Candles, params: Params) -> Signals:
        answer = super().signals(candles, params)
        none = np.zeros(len(candles), np.bool_)
        return replace(answer, buy=~none, sell=none, short=none, cover=none)


@pytest_asyncio.fixture
async def house(
    tmp_path: Path, _no_tasks_left: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setitem(STRATEGIES, Keeping.name, Keeping())
    plan = Plan(seed=7, per_second=0.5, at=MIDNIGHT - (BOUGHT_AFTER + 2) * MINUTE)
    async with LoopbackExchange(plan) as exchange:
        made = House(exchange, tmp_path)
        await made.open()
        yield made
        await made.engine.close()


class Days:
    """Every day that the bot's kernel was ever seen to count from, in order, and what with."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.seen: list[tuple[int, int]] = []
        self.positions: list[int] = []
        self.follow()

    def follow(self) -> None:
        self._house.engine.subscribe(self._look)

    def _look(self) -> None:
        live = self._house.engine._bots.all()[0].live
        if live is None:
            return
        state = live.session.decider.state
        began = int(state[slot.EQUITY_DAY]), int(state[slot.DAY_EQUITY])
        if began[0] >= 0 and (not self.seen or self.seen[-1] != began):
            self.seen.append(began)
            self.positions.append(int(state[slot.POSITION]))


async def reach(house: House, at: int) -> None:
    """Minute by minute, each heard by the bot."""
    while house.exchange.clock.true_ms < at:
        await house.minutes(1, 1)


async def awake(house: House, _days: Days) -> None:
    await reach(house, MIDNIGHT + 2 * MINUTE)


async def asleep(house: House, _days: Days) -> None:
    """The machine sleeps through it: its clock jumps, and all lines are dead."""
    await house.cut(12 * MINUTE)
    await house.minutes(2, 1)


async def restarted(house: House, days: Days) -> None:
    """The program ends before it and starts after it."""
    await house.engine.close()
    house.exchange.advance(5 * MINUTE)
    await gone_on(house, days)
    await house.minutes(2, 1)


async def restarted_after(house: House, days: Days) -> None:
    """It ends just after the day has begun, and starts in the same minute."""
    await reach(house, MIDNIGHT + MINUTE)
    await house.engine.close()
    await gone_on(house, days)
    await house.minutes(2, 1)


async def clock_set_back(house: House, days: Days) -> None:
    """By six hours, across midnight back into yesterday; then the program is restarted, too."""
    await reach(house, MIDNIGHT + MINUTE)
    house.clock.wrong_ms = -6 * 60 * MINUTE
    await house.cut()
    await house.minutes(1, 1)
    await house.engine.close()
    await gone_on(house, days)
    await house.minutes(1, 1)


async def gone_on(house: House, days: Days) -> None:
    await house.open()
    days.follow()
    assert await house.engine.execute(cm.ResumeBots((1,))) == (1,)
    await listening(house)
    house.exchange.advance(5_000)
    await house.seen(1, heard)


@pytest.mark.parametrize(
    "across",
    [awake, asleep, restarted, restarted_after, clock_set_back],
    ids=lambda one: one.__name__,
)
async def test_the_day_begins_once(
    house: House, across: Callable[[House, Days], Awaitable[None]]
) -> None:
    days = Days(house)
    usual = house.bot

    async def keeping(name: str = "live", **changes: object) -> int:
        return await usual(name, strategy=Keeping.name, **changes)

    house.bot = keeping  # type: ignore[method-assign]
    trade = TradeSettings(cash=Decimal(10_000), max_trades_per_day=5)
    await holding(house, trade)
    assert house.exchange.clock.true_ms < MIDNIGHT
    await across(house, days)
    bot = await house.seen(1, fresh)
    assert house.exchange.clock.true_ms > MIDNIGHT
    assert [day for day, _ in days.seen] == [TODAY - 1, TODAY]
    assert days.positions[-1] != 0
    assert bot.session.position
    live = house.engine._bots.get(1).live
    assert live is not None
    kept = counts_in(live.session.decider.state, TODAY)
    assert kept.entries == 0  # what it holds was bought yesterday
    await live.recorder.flush()
    stored = await load_session(house.engine._store, bot.session_id or 0)
    told = counts_from(stored.log.table, stored.rows, TODAY)
    assert told == kept
    assert told.first_equity == days.seen[-1][1]
