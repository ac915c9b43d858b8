"""Markets that are not there, go away, or want to be left alone: words, and no other bot hurt."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.domain.bots import BotState, FeedChoice, FeedKind
from engine.domain.listings import FeedCondition, Way
from engine.domain.rows import CLOSE, KIND, RowKind
from engine.domain.settings import TradeSettings
from engine.errors import ExchangeRefused, ExchangeUnavailable, FaultKind, RateLimited
from engine.markets.exchange import ccxt_client
from engine.messages import commands as cm
from engine.runtime.engine import Engine
from engine.runtime.sources.exchanges import Exchanges
from engine.store.repositories import recordings
from tests.exchange.client import point_at
from tests.exchange.faults import Drop, RequestFault, Status, forbidden_country, maintenance
from tests.exchange.pair import Pair, many_pairs
from tests.exchange.server import LoopbackExchange, Plan
from tests.patience import patience
from tests.runtime.live_house import (
    MINUTE,
    House,
    begun,
    fresh,
    heard,
    holding,
    listening,
    live_bot,
    the_bots,
    the_exchanges_own,
    unhurried,
    words_of,
)

KLINES = "GET /api/v3/klines"


def unreachable(house: House, fault: RequestFault | None = None) -> None:
    for route in ("GET *", "WS *"):
        house.exchange.faults.always(route, fault or Drop(accepted=False))


# ---------------------------------------------------------------- no network


async def test_without_a_network_a_bot_says_so_and_starts_by_itself_once_it_is_there(
    house: House,
) -> None:
    unreachable(house)
    bot_id = await house.engine.execute(cm.CreateBot(live_bot("later"), start=False))
    assert isinstance(bot_id, int)
    with pytest.raises(ExchangeUnavailable, match="could not be reached") as told:
        await house.engine.execute(cm.StartBot(bot_id))
    assert "check the network" in told.value.words
    bot = await house.seen(bot_id, lambda bot: bot.error is not None)
    assert bot.error is not None
    assert bot.error.retry is not None
    assert (bot.state, bot.error.kind) == (BotState.ERROR, FaultKind.EXCHANGE)
    house.exchange.faults.cease()
    await listening(house)
    house.exchange.advance(20_000)
    await house.seen(bot_id, heard)


async def test_a_network_that_goes_during_a_run_stops_nothing(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    unreachable(house)
    house.exchange.close_sockets()
    house.exchange.advance(5 * MINUTE)
    bot = await house.seen(bot_id, lambda bot: not fresh(bot) and "be reached" in words_of(bot))
    assert bot.state is BotState.RUNNING
    house.exchange.faults.cease()
    await listening(house)
    await house.passes(20_000, bot_id)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, fresh)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


@pytest.mark.parametrize("fault", [maintenance(), Status(502, "<html>Bad Gateway</html>")])
async def test_maintenance_of_minutes_is_waited_for(house: House, fault: Status) -> None:
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    unreachable(house, fault)
    house.exchange.close_sockets()
    house.exchange.advance(4 * MINUTE)
    await house.seen(bot_id, lambda bot: bot.feed is not None and bot.feed.reconnects > 2)
    house.exchange.faults.cease()
    await listening(house)
    await house.passes(20_000, bot_id)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, fresh)
    assert bot.state is BotState.RUNNING
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


# ---------------------------------------------------------------- nothing to trade on


async def test_a_bot_that_waits_for_its_first_price_says_for_what(house: House) -> None:
    """Where nothing is traded, and where no websocket gets through."""
    house.pace = lambda pace: replace(unhurried(pace), silence_s=0.2)
    await house.engine.close()
    await house.open()
    house.exchange.faults.always("WS *", Drop(accepted=False))
    bot_id = await house.bot("waits")
    await house.seen(bot_id, lambda bot: bot.sub_words == "Connecting to binance")
    await house.seen(bot_id, lambda bot: bot.feed is not None and bot.feed.reconnects > 1)
    house.exchange.faults.cease()
    bot = await house.seen(bot_id, lambda bot: bot.sub_words == "Waiting for the first trade")
    assert bot.state is BotState.PENDING
    assert bot.feed is not None
    assert bot.feed.way is Way.TRADES
    assert "Trades by websocket: waiting for the next trade, the last was at" in bot.feed.words
    await listening(house)
    house.exchange.advance(20_000)
    bot = await house.seen(bot_id, heard)
    said = words_of(bot)
    assert said.count("Attempt 2") >= 1
    assert said.index("Attempt 2") < said.index("Connected again: trades by websocket")


# ---------------------------------------------------------------- refusals


async def test_a_country_that_is_not_served_stops_the_bot_with_words(house: House) -> None:
    bot_id = await begun(house)
    house.exchange.faults.always("GET *", forbidden_country())
    house.exchange.close_sockets()
    bot = await house.seen(bot_id, lambda bot: bot.state is BotState.ERROR)
    assert bot.error is not None
    assert "does not serve this country" in bot.error.words
    assert "Choose another exchange" in bot.error.words


async def test_a_market_that_is_delisted_while_a_bot_holds_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sold for nothing: entries are refused, and the reason is said."""
    monkeypatch.setattr(ccxt_client, "_LIST_KEPT_S", 0.0)
    house.pace = lambda pace: replace(unhurried(pace), doubt_s=0.2)
    await house.engine.close()
    await house.open()
    trade = TradeSettings(cash=Decimal(10_000), stop_loss_pct=Decimal(50))
    held = await holding(house, trade)
    bot_id = held.bot_id
    house.exchange.markets["BTC/USDT"].delist()
    await house.seen(bot_id, lambda bot: "halted or delisted BTC/USDT" in words_of(bot))
    house.exchange.advance(31_000)
    await house.seen(bot_id, lambda bot: "Feed stalled" in words_of(bot))
    house.exchange.advance(10 * MINUTE)
    bot = await house.seen(
        bot_id, lambda bot: bot.feed is not None and bot.feed.condition is not FeedCondition.FRESH
    )
    assert bot.session.position == held.session.position
    assert bot.session_id is not None
    await house.engine.execute(cm.StopBot(bot_id))
    await house.seen(bot_id, lambda bot: bot.state is BotState.STOPPED)
    rows = await recordings.load(house.engine._store, bot.session_id)
    priced = rows.table[rows.table[:, KIND] != RowKind.INPUT]
    assert (priced[:, CLOSE] > 0).all()


# ---------------------------------------------------------------- patience


@pytest.mark.parametrize("status", [429, 418])
async def test_while_it_asks_for_patience_nobody_asks_and_exits_go_on(
    house: House, status: int
) -> None:
    bots = [await begun(house), *[await house.bot(f"bot {number}") for number in range(9)]]
    await house.passes(5_000, *bots)
    await house.minutes(2, *bots)
    body = {"code": -1003, "msg": "Way too much request weight used"}
    house.exchange.faults.always("GET *", Status(status, body, {"Retry-After": "600"}))
    with pytest.raises(RateLimited, match=r"left alone|bans this address"):
        await house.engine._tools.exchanges.exchange("binance").measure()
    asked = len(house.exchange.requests)
    # The socket is still there: prices come in, so exits go on; candles are made of what is heard.
    await house.minutes(2, *bots)
    # What was on its way when the ban came may still arrive, of each bot once.
    assert len(house.exchange.requests) - asked <= len(bots)
    asked = len(house.exchange.requests)
    house.exchange.close_sockets()
    for bot_id in bots:
        await house.seen(bot_id, lambda bot: not fresh(bot))
    assert len(house.exchange.requests) == asked
    for bot_id in bots:
        await house.seen(bot_id, lambda bot: bot.state is BotState.RUNNING)


# ---------------------------------------------------------------- many


async def test_one_dead_exchange_leaves_the_bots_of_another_alone(house: House) -> None:
    dead = await begun(house)
    kraken = FeedChoice(FeedKind.EXCHANGE, exchange="kraken")
    alive = await house.bot("alive", feed=kraken)
    await house.exchange.until_listens("BTC/USDT@trade")
    await house.passes(20_000, alive)
    for route in ("GET /api/*", "WS /ws*"):
        house.exchange.faults.always(route, maintenance())
    for connection in house.exchange.binance.hub.connections:
        connection.end()
    await house.minutes(3, alive)
    bot = await house.seen(alive, fresh)
    assert bot.feed is not None
    assert bot.feed.reconnects == 0
    assert the_bots(bot)[-3:] == the_exchanges_own(house.exchange, bot)[-3:]
    assert (await house.seen(dead, lambda bot: not fresh(bot))).state is BotState.RUNNING


@pytest.mark.usefixtures("_no_tasks_left")
@pytest.mark.parametrize("bots", [12, pytest.param(50, marks=pytest.mark.long)])
async def test_many_bots_whose_lines_are_cut_twenty_times(tmp_path: Path, bots: int) -> None:
    pairs = many_pairs(bots)
    async with LoopbackExchange(Plan(pairs=pairs, seed=3, per_second=0.2)) as exchange:
        house = House(exchange, tmp_path)
        await house.open()
        try:
            await cut_twenty_times(house, pairs)
        finally:
            await house.engine.close()
        await exchange.until(lambda: not exchange.connections)


async def cut_twenty_times(house: House, pairs: tuple[Pair, ...]) -> None:
    exchange = house.exchange
    bots = [await house.bot(pair.symbol, symbol=pair.symbol) for pair in pairs]
    topics = [f"{pair.binance_id.lower()}@trade" for pair in pairs]
    await exchange.until_listens(*topics)
    exchange.advance(30_000)
    for bot_id in bots:
        await house.seen(bot_id, heard)
    sockets, tasks = len(exchange.connections), len(asyncio.all_tasks())
    gc.collect()
    kept = len(gc.get_objects())
    for _ in range(20):
        await house.cut(7_000)
    await exchange.until(lambda: len(exchange.connections) <= sockets)
    await house.passes(20_000, *bots)
    await house.minutes(2, *bots)
    assert len(exchange.connections) <= sockets
    async with patience(10):  # some may just compare a candle
        while len(asyncio.all_tasks()) > tasks + len(bots) + 5:  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)
    gc.collect()
    assert len(gc.get_objects()) - kept < 3_000 * len(bots)
    for bot_id in bots:
        bot = await house.seen(bot_id, heard)
        assert the_bots(bot)[-5:] == the_exchanges_own(exchange, bot)[-5:]


# ---------------------------------------------------------------- the end


@contextlib.contextmanager
def black_hole() -> Iterator[tuple[socket.socket, str]]:
    """An address that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.usefixtures("_no_tasks_left")
async def test_the_program_ends_in_seconds_while_it_still_dials(tmp_path: Path) -> None:
    with black_hole() as (listener, url):

        def redirect(made: Any) -> None:
            made.enableRateLimit = False
            point_at(made, url)

        async with LoopbackExchange() as exchange:
            house = House(exchange, tmp_path)
            exchanges = Exchanges(house.clock, redirect=redirect)
            engine = await Engine.open(tmp_path, clock=house.clock, exchanges=exchanges)
            starting = asyncio.ensure_future(
                engine.execute(cm.CreateBot(live_bot("dialing"), start=True))
            )
            async with patience(10):
                taken, _ = await asyncio.to_thread(listener.accept)
            async with patience(3.0):
                await engine.close()
            taken.close()
            await asyncio.gather(starting, return_exceptions=True)
            assert not any(one.name == "network" for one in threading.enumerate())


async def test_a_symbol_that_does_not_exist_is_refused(house: House) -> None:
    with pytest.raises(ExchangeRefused, match=r"Choose a symbol from its list\."):
        await house.bot(symbol="NOSUCH/USDT")


async def test_an_exchange_without_candles_is_refused(house: House) -> None:
    house.has = {"fetchOHLCV": False}
    with pytest.raises(ExchangeRefused, match="gives no candles"):
        await house.bot()


async def test_an_exchange_without_trades_is_followed_another_way(house: House) -> None:
    house.has = {"watchTrades": False, "fetchTrades": False, "watchTicker": False}
    bot_id = await house.bot()
    await house.exchange.until_listens("btcusdt@kline_1m")
    house.exchange.advance(20_000)
    bot = await house.seen(bot_id, heard)
    assert bot.feed is not None
    assert bot.feed.way is Way.CANDLES
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, fresh)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)
