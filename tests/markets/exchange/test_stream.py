"""A symbol's stream: what is heard, how silence is judged, when and how it reconnects."""

from __future__ import annotations

import asyncio

import numpy as np

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.errors import ExchangeRefused, ExchangeUnavailable, NotOffered, RateLimited
from engine.markets.exchange.hearing import KEPT_TRADES, State
from engine.markets.exchange.reading import Quote
from tests.markets.exchange.scripted import MINUTE, NOW, Clock, Listener, Script, quick, trade


async def test_trades_of_a_moment_are_posted_together(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    for at, price in ((1, 10.0), (2, 11.0), (2, 12.0)):
        script.coming.put_nowait(trade(at, price))
    assert (await listener.until(state=State.OPEN)).way is Way.TRADES
    assert await listener.prices() == [10.0, 11.0, 12.0]


async def test_what_was_traded_before_the_connection_is_no_news(ended: list[Listener]) -> None:
    script = Script()
    script.newest = trade(100, 9.0)
    ended.append(listener := Listener(script, quick(Clock())))
    for at in (50, 100, 101):
        script.coming.put_nowait(trade(at, float(at)))
    assert await listener.prices() == [101.0]


async def test_trades_that_come_late_or_from_the_future_are_left_out(
    ended: list[Listener],
) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    for at in (50, 40, 10 * MINUTE, 51):
        script.coming.put_nowait(trade(at, float(at)))
    assert await listener.prices() == [50.0, 51.0]


async def test_more_trades_than_the_client_keeps_are_told_as_missed(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    for first, count in ((0, KEPT_TRADES - 1), (KEPT_TRADES, KEPT_TRADES)):
        at = NOW + first + np.arange(count)
        script.coming.put_nowait(PublicTrades(at, np.full(count, 7.0), np.ones(count)))
        heard = await listener.until(state=None)
        assert len(heard.trades) == count
        assert heard.missed is (count == KEPT_TRADES)


async def test_a_broken_line_is_tried_again_each_time_later(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), first_wait_s=0.01)))
    script.coming.put_nowait(trade(0, 4.0))
    await listener.prices()
    began = Clock().monotonic()
    for _ in range(3):
        script.coming.put_nowait(ExchangeUnavailable("Cut."))
    for attempt in (2, 3, 4):
        heard = await listener.until(state=State.BROKEN)
        assert f"Cut. Attempt {attempt} in" in heard.words
    script.coming.put_nowait(trade(1, 5.0))
    assert await listener.prices() == [5.0]
    assert Clock().monotonic() - began >= (0.01 + 0.02 + 0.04) / 2
    assert script.disconnected == 0


async def test_it_waits_as_long_as_the_exchange_says(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    began = Clock().monotonic()
    script.coming.put_nowait(RateLimited("Leave me alone.", wait_s=0.05))
    script.coming.put_nowait(trade(1, 5.0))
    assert (await listener.until(state=State.BROKEN)).words == "Leave me alone."
    assert await listener.prices() == [5.0]
    assert Clock().monotonic() - began >= 0.05


async def test_a_silent_socket_is_found_out_by_asking(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), silence_s=0.01)))
    script.coming.put_nowait(trade(1, 5.0))
    await listener.prices()
    await listener.until(alive=True)
    assert script.disconnected == 0
    script.newest = trade(2, 6.0)
    assert "silent" in (await listener.until(state=State.BROKEN)).words
    assert script.disconnected == 1
    script.coming.put_nowait(trade(3, 7.0))
    assert await listener.prices() == [7.0]


async def test_a_market_in_which_nothing_is_traded_yet_is_quiet_not_connecting(
    ended: list[Listener],
) -> None:
    script = Script()
    script.newest = trade(7, 9.0)
    ended.append(listener := Listener(script, quick(Clock(), silence_s=0.01)))
    heard = await listener.until(state=State.QUIET)
    assert heard.way is Way.TRADES
    assert heard.words == (
        "Trades by websocket: waiting for the next trade, the last was at 2023-03-28 10:40 UTC"
    )
    await listener.until(alive=True)
    script.coming.put_nowait(trade(8, 9.1))
    heard = await listener.until()
    while heard.state is None:
        heard = await listener.until()
    assert (heard.state, heard.words) == (State.OPEN, "Trades by websocket")  # QUIET is said once
    assert await listener.prices() == [9.1]


async def test_a_jump_of_the_clock_reconnects_and_measures_it(ended: list[Listener]) -> None:
    script, clock = Script(), Clock()
    ended.append(listener := Listener(script, quick(clock)))
    script.coming.put_nowait(trade(1, 5.0))
    await listener.prices()
    clock.jump_ms = 3_600_000
    assert "slept or its clock was set" in (await listener.until(state=State.BROKEN)).words
    assert (script.disconnected, script.measured) == (1, 1)


async def test_the_planned_reconnect_is_no_trouble(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), reconnect_s=0.02)))
    assert (await listener.until(state=State.BROKEN)).planned
    script.coming.put_nowait(trade(3, 7.0))
    assert await listener.prices() == [7.0]


async def test_a_way_that_is_not_really_offered_gives_place_to_the_next(
    ended: list[Listener],
) -> None:
    script = Script(Way.TRADES, Way.CANDLES)
    ended.append(listener := Listener(script, quick(Clock())))
    script.coming.put_nowait(NotOffered("No trades."))
    script.coming.put_nowait([[NOW, 1.0, 2.0, 0.5, 1.5, 10.0]])
    assert (await listener.until(state=State.OPEN)).way is Way.CANDLES
    assert await listener.prices() == [1.5]


async def test_what_only_a_person_can_mend_is_handed_on(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    script.coming.put_nowait(ExchangeRefused("Not in this country."))
    heard = await listener.until(state=State.OVER)
    assert isinstance(heard.fault, ExchangeRefused)
    await asyncio.wait_for(listener.task, 5)


async def test_a_forming_candle_gives_its_price_and_what_was_traded_since(
    ended: list[Listener],
) -> None:
    script = Script(Way.CANDLES)
    ended.append(listener := Listener(script, quick(Clock())))
    script.now_at = NOW + 10_000
    script.coming.put_nowait([[NOW, 1.0, 2.0, 0.5, 1.5, 10.0]])
    await listener.until(state=State.OPEN)
    script.now_at = NOW + 11_000
    script.coming.put_nowait([[NOW, 1.0, 2.0, 0.5, 1.8, 12.5]])
    heard = await listener.until(state=None)
    while float(heard.trades.price[-1]) != 1.8:
        heard = await listener.until(state=None)
    assert float(heard.trades.amount[-1]) == 2.5
    assert heard.trades.at[-1] <= NOW + MINUTE - 1


async def test_spreads_are_followed_beside_the_trades(ended: list[Listener]) -> None:
    script = Script(Way.TRADES, Way.QUOTES, Way.POLLED_TRADES)
    ended.append(listener := Listener(script, quick(Clock()), quotes=True))
    quote = Quote(NOW, 1.0, 1.1)
    script.spreads.put_nowait(quote)
    assert (await listener.until(quote=quote)).trades is not None


async def test_polled_trades_are_told_as_alive(ended: list[Listener]) -> None:
    script = Script(Way.POLLED_TRADES)
    ended.append(listener := Listener(script, quick(Clock())))
    await listener.until(alive=True)
    script.newest = trade(7, 8.0)
    assert await listener.prices() == [8.0]
