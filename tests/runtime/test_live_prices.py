"""Paper bots on the live prices of a loopback exchange, through the real ccxt client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.listings import FeedCondition, Way
from engine.domain.rows import AT, KIND, RowKind
from engine.domain.settings import TradeSettings
from engine.errors import AskPerson, ExchangeRefused, InvalidSetting
from engine.markets.exchange.stream import Pace
from engine.messages import commands as cm
from engine.messages.snapshot import BotSnapshot
from engine.runtime.engine import Engine
from engine.runtime.sources.exchanges import Exchanges
from engine.store.repositories import recordings
from tests.exchange.client import point_at
from tests.exchange.server import LoopbackExchange, Plan
from tests.runtime.support import until

MINUTE = 60_000


class MarketTime:
    """The loopback exchange's own time; who sleeps looks again soon, because it is set by hand."""

    def __init__(self, exchange: LoopbackExchange) -> None:
        self._exchange = exchange

    def now_ms(self) -> int:
        return self._exchange.clock.true_ms

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


def unhurried(pace: Pace) -> Pace:
    """The market's time is set by hand, which is no sleep of the machine; a network's thread has a
    clock of its own."""
    steady = pace.monotonic
    return replace(pace, now_ms=lambda: int(steady() * 1000), first_wait_s=0.01, look_s=0.05)


class House:
    """An engine beside a loopback exchange, on one data folder."""

    def __init__(self, exchange: LoopbackExchange, data_dir: Path) -> None:
        self.exchange, self.data_dir = exchange, data_dir
        self.engine: Engine

    async def open(self) -> Engine:
        clock = MarketTime(self.exchange)

        def redirect(made: Any) -> None:
            made.enableRateLimit = False
            made.timeout_on_exit = 5
            point_at(made, self.exchange.url)

        exchanges = Exchanges(clock, redirect=redirect, pace=unhurried)
        self.engine = await Engine.open(self.data_dir, clock=clock, exchanges=exchanges)
        return self.engine

    async def bot(self, name: str = "live", **changes: Any) -> int:
        bot_id = await self.engine.execute(cm.CreateBot(live_bot(name, **changes), start=True))
        assert isinstance(bot_id, int)
        return bot_id

    async def seen(self, bot_id: int, true_of: Callable[[BotSnapshot], bool]) -> BotSnapshot:
        """The first snapshot of the bot of which it is true."""

        def of_bot(snapshot: Any) -> bool:
            bot = snapshot.bot(bot_id)
            return bot is not None and true_of(bot)

        async with asyncio.timeout(20):
            found = (await until(self.engine, of_bot)).bot(bot_id)
        assert found is not None
        return found

    async def minutes(self, count: int, *bots: int) -> None:
        """So many minutes pass in steps, each waited for by the bots."""
        for _ in range(count):
            self.exchange.advance(MINUTE)
            closed_at = self.exchange.clock.true_ms // MINUTE * MINUTE
            for bot_id in bots:
                await self.seen(bot_id, partial(closed_by, closed_at))


def live_bot(name: str, **changes: Any) -> BotSettings:
    settings = BotSettings(
        name=name,
        symbol="BTC/USDT",
        timeframe_ms=MINUTE,
        strategy="ema_cross",
        params={"fast": 2, "slow": 3},
        feed=FeedChoice(FeedKind.EXCHANGE, exchange="binance"),
        trade=TradeSettings(cash=Decimal(10_000)),
    )
    return replace(settings, **changes)


def last_close(bot: BotSnapshot) -> int:
    if not bot.chart.length:
        return 0
    return int(bot.chart.candles.open_at[-1]) + MINUTE


def closed_by(at: int, bot: BotSnapshot) -> bool:
    return last_close(bot) >= at


def heard(bot: BotSnapshot) -> bool:
    return bot.state is BotState.RUNNING and bot.price is not None


def the_exchanges_own(exchange: LoopbackExchange, bot: BotSnapshot) -> list[tuple[float, ...]]:
    """Its closed candles of the time that the bot's chart shows."""
    market = exchange.markets[bot.settings.symbol]
    pair = market.pair
    first_at = int(bot.chart.candles.open_at[0])
    return [
        (candle.open_at, *(float(pair.price(step)) for step in prices))
        for candle in market.candles(MINUTE, first_at, None, 1_000)
        if candle.open_at < last_close(bot)
        for prices in [(candle.open, candle.high, candle.low, candle.close)]
    ]


def the_bots(bot: BotSnapshot) -> list[tuple[float, ...]]:
    candles = bot.chart.candles
    columns = (candles.open_at, candles.open, candles.high, candles.low, candles.close)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest_asyncio.fixture
async def house(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[House]:
    async with LoopbackExchange(Plan(seed=7, per_second=0.5)) as exchange:
        made = House(exchange, tmp_path)
        await made.open()
        yield made
        await made.engine.close()


async def begun(house: House, **changes: Any) -> int:
    bot_id = await house.bot(**changes)
    await listening(house)
    house.exchange.advance(20_000)
    await house.seen(bot_id, heard)
    return bot_id


async def listening(house: House) -> None:
    await house.exchange.until_listens("btcusdt@trade")


async def test_it_trades_candles_that_are_the_exchanges_own(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(12, bot_id)
    bot = await house.seen(bot_id, lambda bot: len(bot.session.log) > 2)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)
    assert bot.chart.length > 150
    assert bot.feed is not None
    assert (bot.feed.way, bot.feed.condition) == (Way.TRADES, FeedCondition.FRESH)
    assert bot.market.price_step == Decimal("0.01")
    assert bot.market.source == "binance"


async def test_a_cut_line_costs_nothing_but_the_prices_of_that_moment(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(2, bot_id)
    house.exchange.advance(20_000)
    house.exchange.close_sockets()
    house.exchange.advance(10_000)
    await listening(house)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, lambda bot: bot.feed is not None and bot.feed.reconnects > 0)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


async def test_a_broken_message_is_noticed_at_once(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    house.exchange.say('{"e":"trade",')
    await house.seen(bot_id, lambda bot: bot.feed is not None and bot.feed.reconnects > 0)
    await listening(house)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, heard)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


async def test_an_outage_of_minutes_is_caught_up_before_the_next_decision(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    house.exchange.close_sockets()
    house.exchange.advance(5 * MINUTE)
    await listening(house)
    await house.minutes(1, bot_id)
    bot = await house.seen(bot_id, heard)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)
    assert bot.session_id is not None
    await house.engine.execute(cm.StopBot(bot_id))
    await house.seen(bot_id, lambda bot: bot.state is BotState.STOPPED)
    rows = await recordings.load(house.engine._store, bot.session_id)
    missed = rows.table[(rows.table[:, KIND] == RowKind.HISTORY)]
    assert (missed[:, AT] > house.exchange.markets["BTC/USDT"].opened_at).sum() >= 4


async def test_a_session_that_was_interrupted_goes_on_with_what_it_missed(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(3, bot_id)
    before = await house.seen(bot_id, heard)
    await house.engine.close()
    house.exchange.advance(4 * MINUTE)
    await house.open()
    await house.engine.execute(cm.StartBot(bot_id))
    await listening(house)
    house.exchange.advance(10_000)
    await house.seen(bot_id, heard)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, heard)
    assert bot.session_id == before.session_id
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


async def test_bots_of_one_symbol_share_one_stream(house: House) -> None:
    first = await begun(house)
    second = await house.bot("another", timeframe_ms=5 * MINUTE)
    house.exchange.advance(1_000)
    await house.seen(second, heard)
    assert len(house.exchange.connections) == 1
    await house.engine.execute(cm.StopBot(first))
    await house.seen(first, lambda bot: bot.state is BotState.STOPPED)
    house.exchange.advance(5_000)
    price = house.exchange.markets["BTC/USDT"].last
    await house.seen(second, lambda bot: bot.price is not None and bot.price.price == price)


@pytest.mark.parametrize(
    ("changes", "fault", "words"),
    [
        ({"symbol": "NO/SUCH"}, ExchangeRefused, "does not trade NO/SUCH"),
        ({"timeframe_ms": 7 * MINUTE}, InvalidSetting, "makes no 7m candles"),
        (
            {"feed": FeedChoice(FeedKind.EXCHANGE, exchange="nowhere")},
            InvalidSetting,
            "'nowhere' is no exchange",
        ),
    ],
)
async def test_what_cannot_be_traded_is_refused_with_words(
    house: House, changes: dict[str, Any], fault: type[AskPerson], words: str
) -> None:
    with pytest.raises(fault, match=words):
        await house.bot(**changes)


async def test_a_delisted_market_is_refused(house: House) -> None:
    house.exchange.markets["BTC/USDT"].delist()
    with pytest.raises(ExchangeRefused, match="halted or delisted BTC/USDT"):
        await house.bot()


async def test_kraken_speaks_another_language_and_says_the_same(house: House) -> None:
    bot_id = await house.bot(feed=FeedChoice(FeedKind.EXCHANGE, exchange="kraken"))
    await house.exchange.until_listens("BTC/USDT@trade")
    house.exchange.advance(20_000)
    await house.seen(bot_id, heard)
    await house.minutes(3, bot_id)
    bot = await house.seen(bot_id, heard)
    assert the_bots(bot)[-3:] == the_exchanges_own(house.exchange, bot)[-3:]
