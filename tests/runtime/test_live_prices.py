"""Paper bots on the live prices of a loopback exchange, through the real ccxt client."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.domain.bots import BotState, FeedChoice, FeedKind
from engine.domain.listings import Way
from engine.domain.rows import AT, KIND, RowKind
from engine.errors import AskPerson, ExchangeRefused, InvalidSetting
from engine.messages import commands as cm
from engine.store.repositories import recordings
from tests.exchange.faults import Drop
from tests.runtime.live_house import (
    MINUTE,
    House,
    begun,
    fresh,
    heard,
    last_close,
    listening,
    the_bots,
    the_exchanges_own,
    words_of,
)

KLINES = "GET /api/v3/klines"


async def test_it_trades_candles_that_are_the_exchanges_own(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(12, bot_id)
    bot = await house.seen(bot_id, lambda bot: len(bot.session.log) > 2 and fresh(bot))
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)
    assert bot.chart.length > 150
    assert bot.feed is not None
    assert bot.feed.way is Way.TRADES
    assert bot.market.price_step == Decimal("0.01")
    assert bot.market.source == "binance"


async def test_a_cut_line_costs_nothing_but_the_prices_of_that_moment(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(2, bot_id)
    house.exchange.advance(20_000)
    await house.cut(10_000)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, lambda bot: bot.feed is not None and bot.feed.reconnects > 0)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


async def test_a_broken_message_is_noticed_at_once(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    house.exchange.say('{"e":"trade",')
    await house.anew()
    await house.seen(bot_id, lambda bot: bot.feed is not None and bot.feed.reconnects > 0)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, heard)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


async def test_an_outage_of_minutes_is_caught_up_before_the_next_decision(house: House) -> None:
    bot_id = await begun(house)
    await house.minutes(1, bot_id)
    await house.cut(5 * MINUTE)
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
    await house.passes(10_000, bot_id)
    await house.minutes(2, bot_id)
    bot = await house.seen(bot_id, heard)
    assert bot.session_id == before.session_id
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)


async def test_a_candle_that_could_not_be_fetched_before_an_interruption_is_fetched_after_it(
    house: House,
) -> None:
    bot_id = await begun(house)
    await house.minutes(2, bot_id)
    house.exchange.faults.always(KLINES, Drop(accepted=False))
    house.exchange.close_sockets()
    await house.anew(5_000)
    await house.passes(MINUTE, bot_id)
    bot = await house.seen(bot_id, lambda bot: "could not be fetched" in words_of(bot))
    known_to = last_close(bot)
    assert known_to < house.exchange.clock.true_ms // MINUTE * MINUTE
    await house.engine.close()
    house.exchange.faults.cease()
    await house.open()
    await house.engine.execute(cm.StartBot(bot_id))
    await listening(house)
    await house.passes(10_000, bot_id)
    await house.minutes(1, bot_id)
    bot = await house.seen(bot_id, heard)
    assert the_bots(bot) == the_exchanges_own(house.exchange, bot)
    assert bot.session_id is not None
    await house.engine.execute(cm.StopBot(bot_id))
    await house.seen(bot_id, lambda bot: bot.state is BotState.STOPPED)
    rows = (await recordings.load(house.engine._store, bot.session_id)).table
    assert (RowKind.HISTORY, known_to) in [tuple(row) for row in rows[:, [KIND, AT]].tolist()]
    review = await house.engine.review(bot.session_id)
    assert review.end().chart.candles.open_at.tolist() == bot.chart.candles.open_at.tolist()


async def test_how_it_was_connected_first_is_in_the_log(house: House) -> None:
    bot_id = await begun(house)
    bot = await house.seen(bot_id, heard)
    assert words_of(bot).count("Connected: trades by websocket") == 1


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


async def test_of_a_stopped_bots_market_nothing_is_told_any_more(house: House) -> None:
    bot_id = await begun(house)
    await house.engine.execute(cm.StopBot(bot_id))
    await house.exchange.until(lambda: not house.exchange.connections)
    house.exchange.advance(5_000)
    await house.engine.execute(cm.StartBot(bot_id))
    await listening(house)


@pytest.mark.parametrize(
    ("changes", "fault", "words"),
    [
        ({"symbol": "NOSUCH/USDT"}, ExchangeRefused, "does not trade NOSUCH/USDT"),
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
