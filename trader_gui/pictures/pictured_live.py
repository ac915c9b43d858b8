"""Pictures of live prices: they come from the loopback exchange of the tests, on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from trader_gui.app import Program

PATIENCE_S: Final = 240.0
Take = Callable[[str], Awaitable[None]]
"""Takes a picture of that name."""


async def until(so: Callable[[], bool], what: str) -> None:
    """Wait until `so()`; raises TimeoutError that names `what` was waited for."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not so():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"{what} did not come within {PATIENCE_S:.0f} s.")
        await asyncio.sleep(0.05)


def loopback_exchange() -> AbstractContextManager[Any]:
    """Binance and Kraken on this machine, in a thread; None where the tests are not there."""
    try:
        server = import_module("tests.exchange.server")
        thread = import_module("tests.exchange.thread")
    except ModuleNotFoundError:
        return nullcontext()
    plan = server.Plan(seed=7, per_second=20, at=None)  # at the machine's time
    here: AbstractContextManager[Any] = thread.in_thread(plan)
    return here


def redirect_to(here: Any) -> Callable[[Any], None]:
    """Lets a ccxt object speak to the exchange `here` alone."""
    point_at = import_module("tests.exchange.client").point_at

    def redirect(made: Any) -> None:
        made.enableRateLimit = False
        point_at(made, here.exchange.url)

    return redirect


async def live_pages(program: Program, take: Take) -> None:
    """A bot on live prices: how it is set up, and how it runs."""
    from engine.domain.listings import FeedCondition
    from trader_gui.pages.bots.page import BotsPage

    bridge = program.bridge
    program.new_bot(exchange="binance")
    page = program.window.page("bots")
    assert isinstance(page, BotsPage)
    editor, before = page.editor, len(bridge.snapshot.bots)
    await until(lambda: editor.market.listing is not None, "The markets of the loopback exchange")
    await take("live-editor")
    editor.save(start=True)
    await until(lambda: len(bridge.snapshot.bots) > before, "The bot on live prices")
    bot_id = bridge.snapshot.bots[-1].bot_id

    def trades() -> bool:
        bot = bridge.snapshot.bot(bot_id)
        if bot is None or bot.feed is None or bot.price is None:
            return False
        return bot.feed.condition is FeedCondition.FRESH

    await until(trades, "The first live price")
    program.watch_bot(bot_id)
    await take("live-monitor")
