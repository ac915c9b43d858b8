"""An hour of everything that can go wrong with prices, in an order that chance decides.

Afterwards nothing may show it: each candle is the exchange's own, in order and without a hole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

import numpy as np
import pytest

from engine.core.candle_builder import CandleBuilder
from engine.domain.rows import AT, KIND, NO_ROWS, OPEN, RowKind
from engine.runtime.running.charting import Charting
from tests.exchange.faults import Altered, CutBody, Drop, Status, too_many
from tests.exchange.following import MINUTE, Following
from tests.exchange.server import LoopbackExchange, Plan
from tests.exchange.socket_faults import Close, Poison, Repeat, Silent, Swap

HOUR = 60 * MINUTE
REST = "GET /api/*"
STREAM = "btcusdt@trade"


class Script:
    """What chance does to a line; every trouble ends with the last price heard again."""

    def __init__(self, following: Following, chance: Random) -> None:
        self._following, self._loopback, self._chance = following, following.loopback, chance
        self._troubles: tuple[Callable[[], Awaitable[None]], ...] = (
            self.cut,
            self.closed_at_a_frame,
            self.silence,
            self.poison,
            self.out_of_turn,
            self.twice,
            self.bad_answers,
            self.patience,
            self.outage,
            self.clock_set,
        )

    async def run(self, until_at: int) -> None:
        while self._loopback.clock.true_ms < until_at:
            await self._following.drifts(self._chance.randrange(1, 90) * 1_000)
            await self._chance.choice(self._troubles)()
            await self._following.catches_up()

    def _some_time(self) -> None:
        self._loopback.advance(self._chance.randrange(1, 30) * 1_000)

    async def cut(self) -> None:
        self._loopback.close_sockets()

    async def closed_at_a_frame(self) -> None:
        self._loopback.faults.socket(Close())

    async def silence(self) -> None:
        self._loopback.faults.socket(Silent(after=self._chance.randrange(3)))
        self._some_time()

    async def poison(self) -> None:
        text = self._chance.choice(['{"e":', "[]", '{"e":"trade","s":"BTCUSDT","p":"NaN"}'])
        self._loopback.faults.socket(Poison(text))

    async def out_of_turn(self) -> None:
        self._loopback.faults.socket(Swap(stream="trade"))
        await self._following.drifts(10_000)

    async def twice(self) -> None:
        self._loopback.faults.socket(Repeat(count=self._chance.randrange(1, 20), stream="trade"))

    async def bad_answers(self) -> None:
        broken = [
            Drop(accepted=False),
            CutBody(),
            CutBody(30, as_if_whole=False),
            Status(502, "<html>Bad Gateway</html>"),
            Altered(lambda answer: answer[:-1] if isinstance(answer, list) else answer),
        ]
        self._loopback.faults.next(REST, *self._chance.choices(broken, k=3))
        self._loopback.close_sockets()

    async def patience(self) -> None:
        self._loopback.faults.next(REST, too_many(1))
        self._loopback.close_sockets()
        self._following.computer.seconds_ahead += 1.1

    async def outage(self) -> None:
        self._loopback.close_sockets()
        self._loopback.advance(self._chance.randrange(1, 8) * MINUTE)

    async def clock_set(self) -> None:
        self._following.computer.wrong_ms = self._chance.randrange(-HOUR, HOUR)


@pytest.mark.usefixtures("_no_tasks_left")
@pytest.mark.parametrize("seed", [1])
async def test_an_hour_of_trouble_leaves_no_trace_in_the_candles(seed: int) -> None:
    async with LoopbackExchange(Plan(seed=seed, per_second=0.5)) as loopback:
        following = Following(loopback, silence_s=0.15, slept_s=5.0)
        try:
            await hour(following, Random(seed))
        finally:
            await following.end()


async def hour(following: Following, chance: Random) -> None:
    loopback = following.loopback
    begin_at = loopback.clock.true_ms
    await following.begin()
    await loopback.until_listens(STREAM)
    await following.catches_up()
    script = Script(following, chance)
    await script.run(begin_at + HOUR // 2)
    await following.catches_up()
    await following.closes(2)
    await following.again()
    loopback.advance(3 * MINUTE)
    await following.catches_up()
    await script.run(begin_at + HOUR)
    loopback.faults.cease()
    await following.catches_up()
    await following.closes(3)
    check(following, begin_at)


def check(following: Following, begin_at: int) -> None:
    table = following.table
    prices = table[table[:, KIND] == RowKind.PRICE]
    assert prices[:, OPEN].min() > 0
    assert (np.diff(prices[:, AT]) >= 0).all()
    closes = table[table[:, KIND] == RowKind.CLOSED][:, AT]
    assert (np.diff(closes) > 0).all()
    assert len(closes) > 20
    chart = Charting(following.feed.market, NO_ROWS, CandleBuilder(MINUTE))
    for batch in following.batches:
        if chart.take(batch):
            # Whatever a decision is made at is whole, and nothing before it is missing.
            known = chart.known.open_at
            assert known.tolist() == list(range(begin_at, int(known[-1]) + 1, MINUTE))
            assert int(known[-1]) + MINUTE == int(batch.table[-1, AT])
    known = chart.known
    step = float(following.feed.market.price_step)
    for place, open_at in enumerate(known.open_at.tolist()):
        columns = (known.open, known.high, known.low, known.close)
        told = tuple(round(float(column[place]) / step) for column in columns)
        assert told == following.own(open_at), f"the candle {(open_at - begin_at) // MINUTE}"
