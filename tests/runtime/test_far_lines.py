"""The process of the sockets: what it hears, how it dies, and that it never stays behind."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from engine.domain.connection import Connection
from engine.errors import (
    CandlesMissing,
    ExchangeRefused,
    ExchangeUnavailable,
    Fault,
    InvalidSetting,
    RateLimited,
)
from engine.markets.exchange.hearing import Heard, State
from engine.runtime.clock import WallClock
from engine.runtime.sources.apart.far_lines import FarLines
from engine.runtime.sources.exchanges import far_lines
from tests.exchange.client import point_at_here
from tests.exchange.server import LoopbackExchange, Plan
from tests.patience import patience

MINUTE = 60_000
PATIENCE_S = 30.0


class Far:
    """Lines to a loopback exchange on which much is traded."""

    def __init__(self, loopback: LoopbackExchange) -> None:
        self.loopback = loopback
        redirect = partial(point_at_here, url=loopback.url)
        made = far_lines(WallClock(), Connection(), redirect, None)
        assert isinstance(made, FarLines)
        self.lines = made
        self.line = made.line("binance")
        self.heard: list[Heard] = []
        self.came = asyncio.Event()

    def follow(self) -> Callable[[], None]:
        return self.line.follow("BTC/USDT", MINUTE, self.post, quotes=False)

    def post(self, heard: Heard) -> None:
        self.heard.append(heard)
        self.came.set()

    async def hears(self, true_of: Callable[[Heard], bool]) -> Heard:
        """The first of which it is true, of those that were not asked for yet."""
        async with patience(PATIENCE_S):
            while True:
                while self.heard:
                    if true_of(heard := self.heard.pop(0)):
                        return heard
                self.came.clear()
                await self.came.wait()


@pytest_asyncio.fixture
async def far(_no_tasks_left: None) -> AsyncIterator[Far]:
    async with LoopbackExchange(Plan(seed=3, at=None, per_second=50)) as loopback:
        made = Far(loopback)
        yield made
        await made.lines.close()


def gone(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False


def traded(heard: Heard) -> bool:
    return len(heard.trades) > 0


async def test_prices_answers_and_clocks_come_through(far: Far) -> None:
    listings = await far.line.ask("listings")
    assert listings["BTC/USDT"].market.quote_coin == "USDT"
    assert far.line.skew_ms is None
    assert abs(await far.line.ask("measure")) < 1_000
    assert far.line.skew_ms is not None
    leave = far.follow()
    assert (await far.hears(lambda heard: heard.state is State.OPEN)).words
    price = (await far.hears(traded)).trades.price[-1]
    assert price == pytest.approx(float(far.loopback.markets["BTC/USDT"].last) / 100, rel=0.05)
    leave()
    await far.line.ask("measure")  # what was on its way is here by now
    far.heard.clear()
    await far.line.ask("measure")
    assert far.heard == []
    assert "binance" in await far.lines.names()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system knows no niceness")
async def test_the_process_steps_back_for_the_window(far: Far) -> None:
    await far.line.ask("measure")
    assert far.lines.process_id is not None
    theirs = os.getpriority(os.PRIO_PROCESS, far.lines.process_id)
    assert theirs > os.getpriority(os.PRIO_PROCESS, os.getpid())


async def test_a_fault_keeps_its_words_and_a_mistake_its_trace(far: Far) -> None:
    with pytest.raises(ExchangeRefused, match="does not trade this symbol"):
        await far.line.ask("candles", "NO/PE", MINUTE, 0, 10)
    with pytest.raises(RuntimeError, match="not_there"):
        await far.line.ask("not_there")  # type: ignore[arg-type]
    with pytest.raises(InvalidSetting) as caught:
        await far.lines.line("nowhere").ask("listings")
    assert caught.value.field == "exchange"


@pytest.mark.expects_warnings
async def test_killed_it_is_started_again_and_the_stream_goes_on(far: Far) -> None:
    far.follow()
    await far.hears(traded)
    first = far.lines.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with pytest.raises(ExchangeUnavailable, match="ended unexpectedly"):
        await far.line.ask("candles", "BTC/USDT", 24 * 60 * MINUTE, 0, 1_000)
    assert "started again" in (await far.hears(lambda heard: heard.state is State.BROKEN)).words
    await far.hears(lambda heard: heard.state is State.OPEN)
    await far.hears(traded)
    assert far.lines.process_id not in (None, first)
    assert gone(first)


async def test_who_gives_up_a_question_leaves_nothing_waiting(far: Far) -> None:
    await far.line.ask("listings")
    asked = asyncio.ensure_future(far.line.ask("trades", "BTC/USDT"))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not far.lines._waiting
    assert await far.line.ask("measure") is not None


async def test_closing_ends_the_process_and_refuses_questions(far: Far) -> None:
    far.follow()
    await far.hears(traded)
    process_id = far.lines.process_id
    assert process_id is not None
    waiting = asyncio.ensure_future(far.line.ask("trades", "ETH/USDT"))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await far.lines.close()
    assert gone(process_id)
    with pytest.raises(Fault):
        await waiting
    with pytest.raises(ExchangeUnavailable, match="program ends"):
        await far.line.ask("measure")


async def test_a_program_that_is_killed_leaves_no_process_behind() -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from engine.domain.connection import Connection
        from engine.runtime.clock import WallClock
        from engine.runtime.sources.exchanges import far_lines

        async def main():
            lines = far_lines(WallClock(), Connection(), None, None)
            await lines.names()
            print("ccxt" in sys.modules, flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
        """
    )
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    async with patience(PATIENCE_S):
        assert await running.stdout.readline() == b"False\n"  # that is for the other process
        running.kill()
        await running.stdout.read()  # ends when the last who could write into it has ended


def test_every_fault_goes_through_a_pipe() -> None:
    def kinds(root: type[Fault]) -> list[type[Fault]]:
        return [root, *(kind for branch in root.__subclasses__() for kind in kinds(branch))]

    for kind in (kind for kind in kinds(Fault) if kind.__module__ == Fault.__module__):
        named: dict[str, Any] = {"details": "raw"}
        if issubclass(kind, InvalidSetting):
            named["field"] = "exchange"
        if issubclass(kind, RateLimited):
            named["wait_s"] = 2.5
        if issubclass(kind, CandlesMissing):
            named |= {"market": ("binance", "BTC/USDT", 60_000), "span": (0, 60_000)}
        fault = kind("What happened.", **named)
        again = pickle.loads(pickle.dumps(fault))
        assert type(again) is kind
        assert str(again) == "What happened."
        assert again.__dict__ == fault.__dict__
