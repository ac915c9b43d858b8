"""Other markets while a session runs: in time, late, after restarts, of every kind of place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.candles import HOUR_MS, MINUTE_MS, Candles
from engine.domain.extra_feeds import Extra, seen_of
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params
from engine.errors import ExchangeRefused, ExchangeUnavailable, Fault, UnknownName
from engine.messages import commands as cm
from engine.messages.events import EventKind
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.runtime.running import extras
from engine.runtime.running.extra_sources import ExchangeMarkets, FileMarkets
from engine.runtime.running.extras import Following
from engine.strategies import STRATEGIES
from tests.runtime.extra_support import FIVE, OTHER, FollowsEther, ether_bot, write_ether
from tests.runtime.support import BEGINS_AT, QuickClock, StillClock, until, write_candles
from tests.runtime.test_live_prices import House, begun

ETHER = Extra(OTHER, FIVE, 3)


@pytest.fixture(autouse=True)
def strategies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())


def minutes(count: int, begin: int = 0) -> Candles:
    at = BEGINS_AT // HOUR_MS * HOUR_MS + MINUTE_MS * np.arange(begin, begin + count)
    close = np.arange(begin, begin + count, dtype=np.float64) + 100
    return Candles(at, close, close, close, close, np.ones(count), MINUTE_MS)


def fives(first: int, count: int) -> Candles:
    """Five-minute candles, `first` of them after the hour of `minutes`."""
    at = BEGINS_AT // HOUR_MS * HOUR_MS + FIVE * np.arange(first, first + count)
    close = np.arange(first, first + count, dtype=np.float64)
    return Candles(at, close, close, close, close, np.ones(count), FIVE)


class Scripted:
    """Gives so many candles at once of those that have closed; fails or hangs when told."""

    def __init__(self, candles: Candles, at_once: int = 1_000) -> None:
        self.candles, self.at_once = candles, at_once
        self.fault: Fault | None = None
        self.hidden_from: int | None = None
        self.hangs = False
        self.asked: list[tuple[int, int]] = []

    async def closed(self, extra: Extra, from_at: int, until_at: int) -> Candles:
        self.asked.append((from_at, until_at))
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.fault is not None:
            raise self.fault
        at, closes = self.candles.open_at, self.candles.open_at + FIVE
        there = (at >= from_at) & (closes <= until_at)
        if self.hidden_from is not None:
            there &= at < self.hidden_from
        places = np.flatnonzero(there)[: self.at_once]
        return self.candles.part(int(places[0]), int(places[-1]) + 1) if len(places) else NONE


NONE = fives(0, 0)


async def known(following: Following, count: int) -> list[float]:
    (one,) = await following.up_to(minutes(count))
    return one.candles.close.tolist()


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
async def test_it_begins_with_the_warm_up_and_grows_with_what_is_due(at_once: int) -> None:
    source = Scripted(fives(-20, 60), at_once)
    following = Following([ETHER], source)
    assert await known(following, 4) == [-3, -2, -1]
    assert await known(following, 5) == [-3, -2, -1, 0]
    asked = len(source.asked)
    assert await known(following, 9) == [-3, -2, -1, 0]
    assert len(source.asked) == asked  # nothing can have closed
    assert await known(following, 20) == [-3, -2, -1, 0, 1, 2, 3]
    (one,) = following.followed
    assert one.known_at.tolist() == (one.candles.open_at + FIVE).tolist()
    assert following.news() == []


async def test_a_candle_that_comes_late_is_known_from_the_next_decision_on() -> None:
    source = Scripted(fives(-20, 60))
    following = Following([ETHER], source)
    assert await known(following, 9) == [-3, -2, -1, 0]
    source.hidden_from = int(fives(1, 1).open_at[0])
    assert await known(following, 10) == [-3, -2, -1, 0]
    seen = list(following.followed)
    source.hidden_from = None
    assert await known(following, 11) == [-3, -2, -1, 0, 1]
    (one,) = following.followed
    decided_at = int(minutes(10).open_at[-1]) + MINUTE_MS
    assert one.known_at[-1] == decided_at + 1
    # What was decided is decided alike when it is asked again.
    assert [len(two) for two in seen_of(minutes(10), [ETHER], [one])] == [len(*seen)]
    assert [len(two) for two in seen_of(minutes(11), [ETHER], [one])] == [5]
    (words,) = following.news()
    assert "ETH/USDT 5m candle of" in words
    assert "too late" in words
    assert await known(following, 15) == [-3, -2, -1, 0, 1, 2]
    assert following.news() == []


async def test_trouble_is_told_once_and_its_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Scripted(fives(-20, 60))
    following = Following([ETHER], source)
    await known(following, 4)
    source.fault = ExchangeUnavailable("The exchange is away.")
    for count in (5, 6, 7):
        assert await known(following, count) == [-3, -2, -1]
    (words,) = following.news()
    assert "decided without them. The exchange is away." in words
    source.fault, source.hangs = None, True
    monkeypatch.setattr(extras, "HOLD_S", 0.01)
    assert await known(following, 8) == [-3, -2, -1]
    assert following.news() == []
    source.hangs = False
    assert await known(following, 10) == [-3, -2, -1, 0, 1]
    assert following.news() == ["Candles of ETH/USDT 5m come in time again"]
    (one,) = following.followed
    late = int(minutes(8).open_at[-1]) + MINUTE_MS + 1
    assert one.known_at[-2:].tolist() == [late, int(fives(1, 1).open_at[0]) + FIVE]


async def test_a_market_that_answers_late_at_the_start_is_not_lost() -> None:
    source = Scripted(fives(-20, 60), at_once=2)
    source.fault = ExchangeUnavailable("The exchange is away.")
    following = Following([ETHER], source)
    assert await known(following, 4) == []
    source.fault = None
    assert await known(following, 5) == [*range(-8, 1)]
    (one,) = following.followed
    at = int(minutes(5).open_at[-1]) + MINUTE_MS
    assert one.known_at.tolist() == [at - MINUTE_MS + 1] * 8 + [at]
    assert [len(two) for two in seen_of(minutes(4), [ETHER], [one])] == [0]


async def test_a_past_that_came_in_part_begins_where_that_part_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extras, "FIRST_HOLD_S", 0.01)
    source = Scripted(fives(-20, 60), at_once=6)
    given = source.closed

    async def once(extra: Extra, from_at: int, until_at: int) -> Candles:
        source.hangs = bool(source.asked)
        return await given(extra, from_at, until_at)

    monkeypatch.setattr(source, "closed", once)
    following = Following([ETHER], source)
    assert await known(following, 4) == [-5, -4, -3]
    monkeypatch.undo()
    source.hangs = False
    assert await known(following, 5) == [-5, -4, -3, -2, -1, 0]
    (one,) = following.followed
    (then,) = seen_of(minutes(4), [ETHER], [one])
    assert then.candles.close.tolist() == [-5, -4, -3]


async def test_nothing_is_recorded_before_the_first_decision_has_it() -> None:
    source = Scripted(fives(-20, 60))
    following, seen = Following([ETHER], source), []
    given = source.closed

    async def watched(extra: Extra, from_at: int, until_at: int) -> Candles:
        seen.append((following.followed, dict(following.counts())))
        return await given(extra, from_at, until_at)

    source.closed = watched  # type: ignore[method-assign]
    source.at_once = 2
    await known(following, 4)
    assert len(seen) > 2
    assert all(one == ((), {}) for one in seen)
    assert following.counts() == {(OTHER, FIVE): 3}


async def test_it_goes_on_where_a_recording_ends() -> None:
    first = Following([ETHER], Scripted(fives(-20, 60)))
    await known(first, 9)
    again = Following([ETHER], Scripted(fives(-20, 60)))
    again.restore(first.followed, int(minutes(9).open_at[-1]) + MINUTE_MS)
    assert again.stored == {(OTHER, FIVE): 4}
    assert await known(again, 9) == [-3, -2, -1, 0]
    assert await known(again, 25) == await known(first, 25)
    assert [one.known_at.tolist() for one in again.followed] == [
        one.known_at.tolist() for one in first.followed
    ]


async def test_what_was_missing_before_a_restart_was_missing_after_it() -> None:
    source = Scripted(fives(-20, 60))
    source.hidden_from = int(fives(1, 1).open_at[0])
    first = Following([ETHER], source)
    assert await known(first, 10) == [-3, -2, -1, 0]
    decided_at = int(minutes(10).open_at[-1]) + MINUTE_MS
    again = Following([ETHER], Scripted(fives(-20, 60)))
    again.restore(first.followed, decided_at)
    assert await known(again, 10) == [-3, -2, -1, 0]  # asked again for what its chart shows
    assert await known(again, 11) == [-3, -2, -1, 0, 1]
    assert again.followed[0].known_at[-1] == decided_at + 1


class OneExchange:
    """Answers at once; knows how far its clock is ahead."""

    name = "one"

    def __init__(self, skew_ms: int, clock: QuickClock, there_at: int) -> None:
        """Its newest candle can be had from `there_at` on, by its own clock."""
        self.skew_ms, self.clock, self.there_at = skew_ms, clock, there_at
        self.asked: list[tuple[int, int]] = []

    async def listings(self) -> dict[str, object]:
        return {}

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        self.asked.append((from_at, count))
        late = self.clock.now_ms() + self.skew_ms < self.there_at
        return replace(fives(0, 3), open_at=from_at + FIVE * np.arange(3)).part(0, 0 if late else 3)


@pytest.mark.parametrize("skew_ms", [0, 5_000, -4_000])
@pytest.mark.parametrize(("late_ms", "asked"), [(0, 1), (1_200, 2), (60_000, 4)])
async def test_an_exchange_is_given_a_moment_to_finish_its_candle(
    skew_ms: int, late_ms: int, asked: int
) -> None:
    clock = QuickClock()
    close_at = clock.now_ms() // FIVE * FIVE + FIVE
    exchange = OneExchange(skew_ms, clock, close_at + late_ms)
    clock.seconds += (close_at - skew_ms - clock.now_ms()) / 1000
    markets = ExchangeMarkets(exchange, clock)  # type: ignore[arg-type]
    begin = close_at - 3 * FIVE
    found = await markets.closed(ETHER, begin, close_at + 2 * MINUTE_MS)
    assert exchange.asked == [(begin, 4)] * asked
    assert len(found) == (0 if late_ms == 60_000 else 3)
    waited_ms = clock.now_ms() + skew_ms - close_at
    assert waited_ms == pytest.approx(1_000 + 500 * (asked - 1), abs=2)
    exchange.asked.clear()
    clock.seconds += 10
    await markets.closed(ETHER, begin, close_at + 2 * MINUTE_MS)
    assert len(exchange.asked) == 1  # it was probably never traded: nobody waits for it again


async def test_a_session_with_late_candles_is_reviewed_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ether = write_candles(tmp_path / "b.csv", 300), write_ether(tmp_path / "e.csv")
    asked, in_time = 0, FileMarkets.closed

    async def sometimes(self: FileMarkets, extra: Extra, from_at: int, until_at: int) -> Candles:
        nonlocal asked
        asked += 1
        if asked % 3 == 0:
            raise ExchangeUnavailable("Away.")
        return await in_time(self, extra, from_at, until_at)

    monkeypatch.setattr(FileMarkets, "closed", sometimes)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        await engine.execute(cm.CreateBot(ether_bot(path, ether), start=True))
        now = await until(engine, lambda now: now.bots[0].session.ended is not None)
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        session_id = now.bots[0].session_id or 0
        (one,) = (await load_session(engine._store, session_id)).followed
        late = one.known_at > one.candles.open_at + FIVE
        assert 10 < np.count_nonzero(late) < len(one) - 10
        review = await engine.review(session_id)
        live, stored = now.bots[0].chart, review.end().chart
        assert review.missing == ""
        for name, values in live.indicators.items():
            np.testing.assert_array_equal(values, stored.indicators[name])
        assert (await engine.doubt(session_id)).exact
        notes = [
            review.log.note(place)
            for place in np.flatnonzero(review.log.table[:, 0] == EventKind.NOTE).tolist()
        ]
        assert any("decided without them. Away." in note for note in notes)
        assert any("in time again" in note for note in notes)
    finally:
        await engine.close()


def simulated(name: str = "sim") -> BotSettings:
    return BotSettings(
        name=name,
        symbol="BTC/USDT",
        timeframe_ms=MINUTE_MS,
        strategy=FollowsEther.name,
        params={"fast": 2, "slow": 4},
        feed=FeedChoice(FeedKind.SIMULATED, seed=7),
        trade=TradeSettings(cash=Decimal(5_000)),
    )


async def test_on_the_simulated_market_the_other_symbol_is_its_own(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    await engine.execute(cm.SetSpeed(600))
    bot_id = await engine.execute(cm.CreateBot(simulated(), start=True))
    assert isinstance(bot_id, int)
    await until(engine, lambda now: now.bots[0].chart.length > 165)
    await engine.close()

    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        await engine.execute(cm.SetSpeed(600))
        await engine.execute(cm.StartBot(bot_id))
        await until(engine, lambda now: now.bots[0].chart.length > 180)
        await engine.execute(cm.StopBot(bot_id))
        now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        session_id = now.bots[0].session_id or 0
        (one,) = (await load_session(engine._store, session_id)).followed
        venue = await engine._venues.venue(7)
        theirs = venue.market(OTHER).candles(FIVE, len(one), int(one.known_at[-1]))
        assert one.candles.open_at.tolist() == theirs.open_at.tolist()
        assert one.candles.close.tolist() == theirs.close.tolist()
        assert one.known_at.tolist() == (theirs.open_at + FIVE).tolist()
        review = await engine.review(session_id)
        shown = review.end().chart
        for name, values in now.bots[0].chart.indicators.items():
            np.testing.assert_array_equal(values, shown.indicators[name])
        assert not np.isnan(shown.indicators["ether"]).any()
    finally:
        await engine.close()


async def test_a_market_that_is_not_there_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(self: FollowsEther, params: Params) -> tuple[Extra, ...]:
        return (Extra("NOT/THERE", FIVE), Extra("", 3 * MINUTE_MS))

    monkeypatch.setattr(FollowsEther, "extras", elsewhere)
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        with pytest.raises(UnknownName, match="does not trade NOT/THERE"):
            await engine.execute(cm.CreateBot(simulated(), start=True))
    finally:
        await engine.close()


async def test_on_an_exchange_the_other_market_is_the_exchanges_own(house: House) -> None:
    bot_id = await begun(house, strategy=FollowsEther.name)
    await house.minutes(11, bot_id)
    bot = await house.seen(bot_id, lambda bot: bot.session_id is not None)
    await house.engine.execute(cm.StopBot(bot_id))
    bot = await house.seen(bot_id, lambda bot: bot.state is BotState.STOPPED)
    (one,) = (await load_session(house.engine._store, bot.session_id or 0)).followed
    market = house.exchange.markets[OTHER]
    theirs = [
        (candle.open_at, float(market.pair.price(candle.close)))
        for candle in market.candles(FIVE, int(one.candles.open_at[0]), None, 1_000)
        if candle.open_at + FIVE <= int(bot.chart.candles.open_at[-1]) + MINUTE_MS
    ]
    ours = zip(one.candles.open_at.tolist(), one.candles.close.tolist(), strict=True)
    assert list(ours) == theirs
    assert one.known_at.tolist() == (one.candles.open_at + FIVE).tolist()
    review = await house.engine.review(bot.session_id or 0)
    for name, values in bot.chart.indicators.items():
        np.testing.assert_array_equal(values, review.end().chart.indicators[name])


async def test_an_exchange_that_lacks_the_other_market_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(self: FollowsEther, params: Params) -> tuple[Extra, ...]:
        return (Extra("NOT/THERE", FIVE),)

    monkeypatch.setattr(FollowsEther, "extras", elsewhere)
    with pytest.raises(ExchangeRefused, match="binance does not trade NOT/THERE"):
        await house.bot(strategy=FollowsEther.name)
