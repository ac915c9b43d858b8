"""A stream's way that gives no prices: when it is left, for which, and when it is tried again."""

from __future__ import annotations

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.errors import ExchangeUnavailable, NotOffered
from engine.markets.exchange.hearing import State
from engine.markets.exchange.reading import Quote
from engine.markets.exchange.way_choice import WayChoice
from tests.markets.exchange.scripted import NOW, Clock, Listener, Script, quick, trade

TRADES_FAIL = "Trades by websocket: no prices came in 3 attempts, though the exchange answers"


class Cut(Script):
    """Its websocket is cut whenever it is opened; while `away` nothing answers at all."""

    away = False
    mended = False
    opened = 0

    async def trades(self, symbol: str) -> PublicTrades:
        self.opened += 1
        if self.mended:
            return await super().trades(symbol)
        raise ExchangeUnavailable("Cut.")

    async def latest_trades(self, symbol: str, count: int) -> PublicTrades:
        if self.away:
            raise ExchangeUnavailable("Away.")
        return await super().latest_trades(symbol, count)


async def test_a_way_that_is_always_cut_is_left_after_three_attempts(
    ended: list[Listener],
) -> None:
    script = Cut()
    ended.append(listener := Listener(script, quick(Clock())))
    words = [(await listener.until(state=State.BROKEN)).words for _ in range(3)]
    assert "Attempt 2" in words[0]
    assert "Attempt 3" in words[1]
    assert words[2].startswith(TRADES_FAIL)
    opened = await listener.until(state=State.OPEN)
    assert opened.way is Way.POLLED_TRADES
    assert opened.words == "Trades, asked for (trades by websocket gave nothing)"
    script.newest = trade(5, 8.0)
    assert await listener.prices() == [8.0]
    assert script.opened == 3


async def test_a_way_that_says_nothing_while_the_market_trades_is_left(
    ended: list[Listener],
) -> None:
    script = Script(Way.TRADES, Way.POLLED_TRADES)

    async def trades_on(symbol: str, count: int) -> PublicTrades:
        script.newest = trade(len(script.newest) and int(script.newest.at[-1]) - NOW + 1, 9.0)
        return script.newest

    script.latest_trades = trades_on  # type: ignore[method-assign]
    ended.append(listener := Listener(script, quick(Clock(), silence_s=0.01, steady_s=0.0)))
    for _ in range(2):
        assert "silent" in (await listener.until(state=State.BROKEN)).words
    assert (await listener.until(state=State.BROKEN)).words.startswith(TRADES_FAIL)
    assert (await listener.until(state=State.OPEN)).way is Way.POLLED_TRADES


async def test_each_way_is_left_for_the_next_best(ended: list[Listener]) -> None:
    script = Script(Way.TRADES, Way.QUOTES, Way.POLLED_TRADES)
    ended.append(listener := Listener(script, quick(Clock())))
    for _ in range(3):
        script.coming.put_nowait(ExchangeUnavailable("Cut."))
    script.coming.put_nowait(Quote(NOW + 1, 1.0, 1.1, last=1.05))
    assert (await listener.until(state=State.OPEN)).way is Way.QUOTES
    assert await listener.prices() == [1.05]


async def test_an_outage_that_hits_everything_leaves_no_way(ended: list[Listener]) -> None:
    script = Cut()
    script.away = True
    ended.append(listener := Listener(script, quick(Clock(), steady_s=0.0)))
    for _ in range(6):
        assert "Away" in (await listener.until(state=State.BROKEN)).words
    script.mended, script.away = True, False
    script.coming.put_nowait(trade(1, 5.0))
    assert (await listener.until(state=State.OPEN)).way is Way.TRADES
    assert await listener.prices() == [5.0]


async def test_an_outage_that_begins_with_the_line_says_nothing_against_it(
    ended: list[Listener],
) -> None:
    """The exchange answers before the line is opened, and no more when it has broken."""
    script = Cut()
    ended.append(listener := Listener(script, quick(Clock(), steady_s=0.0)))

    async def cut_all(symbol: str) -> PublicTrades:
        script.opened += 1
        script.away = True
        raise ExchangeUnavailable("Cut.")

    script.trades = cut_all  # type: ignore[method-assign]
    for _ in range(6):
        words = ""
        while "Cut" not in words:
            words = (await listener.until(state=State.BROKEN)).words
            assert TRADES_FAIL not in words
            script.away = False


async def test_a_way_that_has_worked_is_left_only_after_a_while(ended: list[Listener]) -> None:
    script = Cut()
    script.mended = True
    ended.append(listener := Listener(script, quick(Clock(), faith_s=0.1)))
    script.coming.put_nowait(trade(1, 5.0))
    await listener.prices()
    script.mended = False
    began = Clock().monotonic()
    script.coming.put_nowait(ExchangeUnavailable("Cut."))
    words = ""
    while not words.startswith(TRADES_FAIL):
        words = (await listener.until(state=State.BROKEN)).words
    assert Clock().monotonic() - began >= 0.1
    assert script.opened > 4


async def test_a_quiet_market_whose_line_is_cut_now_and_then_keeps_its_way(
    ended: list[Listener],
) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), steady_s=0.0)))
    for _ in range(5):
        script.coming.put_nowait(ExchangeUnavailable("Cut."))
        assert "Cut" in (await listener.until(state=State.BROKEN)).words
    script.coming.put_nowait(trade(1, 5.0))
    assert (await listener.until(state=State.OPEN)).way is Way.TRADES


async def test_the_better_way_is_tried_again_and_left_at_once_until_it_works(
    ended: list[Listener],
) -> None:
    script = Cut()
    ended.append(listener := Listener(script, quick(Clock(), again_s=0.05)))
    assert (await listener.until(state=State.OPEN)).way is Way.POLLED_TRADES
    assert script.opened == 3
    heard = await listener.until(state=State.BROKEN)
    assert heard.words == "Trades by websocket may work again and is tried."
    heard = await listener.until(state=State.BROKEN)
    assert "still no prices" in heard.words
    assert heard.planned
    assert (await listener.until(state=State.OPEN)).way is Way.POLLED_TRADES
    assert script.opened == 4
    script.mended = True
    script.coming.put_nowait(trade(9, 7.0))
    while (heard := await listener.until(state=State.OPEN)).way is not Way.TRADES:
        pass
    assert heard.words == "Trades by websocket"
    assert await listener.prices() == [7.0]
    assert script.disconnected == 0  # who asks has no line that could be closed


async def test_another_network_gives_every_way_another_chance(ended: list[Listener]) -> None:
    script, clock = Cut(), Clock()
    ended.append(listener := Listener(script, quick(clock, again_s=3600.0)))
    assert (await listener.until(state=State.OPEN)).way is Way.POLLED_TRADES
    script.mended = True
    clock.jump_ms = 3_600_000
    script.coming.put_nowait(trade(9, 7.0))
    assert (await listener.until(state=State.OPEN)).way is Way.TRADES


async def test_spreads_that_cannot_be_had_say_nothing_against_the_trades(
    ended: list[Listener],
) -> None:
    script = Script(Way.TRADES, Way.QUOTES, Way.POLLED_TRADES)

    async def none(symbol: str) -> Quote:
        raise NotOffered("No quotes here.")

    script.spread = none  # type: ignore[method-assign]
    ended.append(listener := Listener(script, quick(Clock()), quotes=True))
    heard = await listener.until(state=State.BROKEN)
    assert "its spread is unknown" in heard.words
    assert heard.planned
    script.coming.put_nowait(trade(9, 7.0))
    assert (await listener.until(state=State.OPEN)).way is Way.TRADES


def test_where_every_way_was_left_the_first_one_has_its_turn_first() -> None:
    choice = WayChoice((Way.TRADES, Way.QUOTES), again_s=100.0)
    for way, now_s in ((Way.TRADES, 0.0), (Way.QUOTES, 1.0)):
        assert choice.best(now_s) is way
        assert [choice.fruitless(way, now_s) for _ in range(3)] == [False, False, True]
    assert choice.best(2.0) is Way.TRADES


def test_the_only_way_is_never_left() -> None:
    choice = WayChoice((Way.TRADES,))
    assert not any(choice.fruitless(Way.TRADES, float(s)) for s in range(0, 9_000, 60))


def test_a_way_that_fails_again_is_tried_again_twice_as_late_up_to_an_hour() -> None:
    choice = WayChoice((Way.TRADES, Way.POLLED_TRADES), again_s=300.0)
    now_s, waits = 0.0, []
    for _ in range(3):
        choice.fruitless(Way.TRADES, now_s)
    for _ in range(5):
        left_s = now_s
        while choice.best(now_s) is not Way.TRADES:
            now_s += 60.0
        waits.append(now_s - left_s)
        assert choice.fruitless(Way.TRADES, now_s)
    assert waits == [300.0, 600.0, 1200.0, 2400.0, 3600.0]
