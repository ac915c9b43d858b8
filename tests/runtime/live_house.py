"""An engine with bots on live prices beside a loopback exchange whose time a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.listings import FeedCondition
from engine.domain.settings import TradeSettings
from engine.markets.exchange.hearing import Pace
from engine.messages import commands as cm
from engine.messages.snapshot import BotSnapshot
from engine.runtime.engine import Engine
from engine.runtime.sources.exchanges import Exchanges
from tests.exchange.client import point_at
from tests.exchange.server import LoopbackExchange
from tests.patience import patience
from tests.runtime.support import until

MINUTE = 60_000


LONG_S = 60
"""Who wants to sleep for so long sleeps while the market's time goes by."""


class MarketTime:
    """The loopback exchange's own time; who sleeps looks again soon, because it is set by hand."""

    def __init__(self, exchange: LoopbackExchange) -> None:
        self._exchange = exchange
        self.wrong_ms = 0
        """What this computer's clock is ahead of the truth."""

    def now_ms(self) -> int:
        return self._exchange.clock.true_ms + self.wrong_ms

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        until_at = self._exchange.clock.true_ms + 1000 * seconds
        await asyncio.sleep(min(seconds, 0.02))
        if seconds >= LONG_S:
            while self._exchange.clock.true_ms < until_at:  # noqa: ASYNC110 (it is set by hand)
                await asyncio.sleep(0.02)


def unhurried(pace: Pace) -> Pace:
    """The market's time is set by hand, which is no sleep of the machine; nor is it one where the
    machine of the test stands. A network's thread has a clock of its own."""
    steady = pace.monotonic
    return replace(
        pace,
        now_ms=lambda: int(steady() * 1000),
        first_wait_s=0.01,
        steady_s=0.0,
        look_s=0.05,
        post_s=0.01,
        slept_s=3_600.0,
        linger_s=1.0,
    )


class House:
    """An engine beside a loopback exchange, on one data folder."""

    def __init__(self, exchange: LoopbackExchange, data_dir: Path) -> None:
        self.exchange, self.data_dir = exchange, data_dir
        self.clock = MarketTime(exchange)
        self.pace = unhurried
        self.has: dict[str, bool] = {}
        """What the exchange offers, in ccxt's words, where it shall be another."""
        self.engine: Engine

    async def open(self) -> Engine:
        def redirect(made: Any) -> None:
            made.enableRateLimit = False
            made.timeout_on_exit = 5
            made.has.update(self.has)
            point_at(made, self.exchange.url)

        exchanges = Exchanges(self.clock, redirect=redirect, pace=self.pace)
        self.engine = await Engine.open(self.data_dir, clock=self.clock, exchanges=exchanges)
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

        async with patience(20):
            found = (await until(self.engine, of_bot)).bot(bot_id)
        assert found is not None
        return found

    async def passes(self, ms: int, *bots: int) -> None:
        """Time goes on in steps, and the bots have heard what was traded meanwhile. In one step a
        candle would close before its trades have come, and a silence seem to be there."""
        end_at = self.exchange.clock.true_ms + ms
        while (now := self.exchange.clock.true_ms) < end_at:
            stops = (
                now - now % MINUTE + place for place in (2_000, 30_000, MINUTE, MINUTE + 2_000)
            )
            self.exchange.advance(min(end_at, next(stop for stop in stops if stop > now)) - now)
            for bot_id in bots:
                await self.seen(bot_id, self.up_to_date)

    def up_to_date(self, bot: BotSnapshot) -> bool:
        last = self.exchange.markets[bot.settings.symbol].last
        return bot.price is not None and bot.price.price == last

    async def cut(self, away_ms: int = 0) -> None:
        """All lines are cut, and so much time passes before they are there again."""
        self.exchange.close_sockets()
        await self.anew(away_ms)

    async def anew(self, away_ms: int = 0) -> None:
        """What listens now goes, and comes back on lines of its own."""
        old = list(self.exchange.connections)
        wanted = sum(len(one.topics) for one in old)
        self.exchange.advance(away_ms)
        await self.exchange.until(
            lambda: (
                sum(len(one.topics) for one in self.exchange.connections if one not in old)
                >= wanted
            )
        )

    async def minutes(self, count: int, *bots: int) -> None:
        """So many minutes pass, each waited for by the bots."""
        for _ in range(count):
            await self.passes(MINUTE, *bots)
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


def fresh(bot: BotSnapshot) -> bool:
    """A minute that passes at once looks like a silence until its trades have come in."""
    return bot.feed is not None and bot.feed.condition is FeedCondition.FRESH


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


def words_of(bot: BotSnapshot) -> str:
    """All that its log says in words."""
    return "\n".join(bot.session.log.note(place) for place in range(len(bot.session.log)))


async def begun(house: House, **changes: Any) -> int:
    bot_id = await house.bot(**changes)
    await listening(house)
    house.exchange.advance(20_000)
    await house.seen(bot_id, heard)
    return bot_id


async def holding(house: House, trade: TradeSettings) -> BotSnapshot:
    """A bot that has bought something."""
    bot_id = await begun(house, trade=trade)
    for _ in range(30):
        await house.minutes(1, bot_id)
        bot = await house.seen(bot_id, fresh)
        if bot.session.position:
            return bot
    raise AssertionError("it never bought anything")


async def listening(house: House) -> None:
    await house.exchange.until_listens("btcusdt@trade")
