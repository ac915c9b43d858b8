"""What each bot's market did while nobody watched: looked up for a person, before bots go on.

Nothing is recorded here. A bot that goes on fetches what it missed itself, as rows of its session.
"""

from __future__ import annotations

import asyncio
from typing import Final

from engine.core import layout as slot
from engine.domain.bots import FeedKind
from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.domain.columns import IntColumn
from engine.domain.rows import CLOSE, RowKind, rows_from_candles
from engine.errors import Fault, WaitAndRetry
from engine.markets.exchange.candle_past import candles_between
from engine.messages.recovery import Missed, WouldBeExit
from engine.runtime.bots.bot import Bot
from engine.runtime.running.missed import Guarded, Heard, first_met, unheard
from engine.runtime.running.preparing import Tools

PATIENCE_S: Final = 10.0
"""Somebody waits for the answer; whoever has not answered by then is said not to have."""

_WAITED: Final = {
    FeedKind.SIMULATED: "Nothing was missed: the simulated market waited.",
    FeedKind.FILE: "Nothing was missed: the file waited.",
}
Asked = dict[tuple[str, str, int, int], "asyncio.Task[Candles]"]
"""Bots of one market ask once."""


async def missed_by(bot: Bot, tools: Tools, asked: Asked) -> Missed:
    """What `bot` missed; never fails."""
    settings, state = bot.settings, bot.standing.kernel_state
    waited = _WAITED.get(settings.feed.kind)
    if waited is not None or state is None:
        return Missed(waited or "Nothing was missed.")
    frame = settings.timeframe_ms
    from_at = bot.view.known_until or int(state[slot.MOMENT]) // frame * frame
    key = settings.feed.exchange, settings.symbol, frame, from_at
    if key not in asked:
        asked[key] = asyncio.ensure_future(_candles(bot, tools, from_at))
    try:
        candles = await asked[key]
    except Fault as fault:
        return Missed(f"What was missed is not known. {fault.words}")
    return _told(bot, candles, state)


async def _candles(bot: Bot, tools: Tools, from_at: int) -> Candles:
    """Closed candles from `from_at` up to now; a Fault says why there are none."""
    settings = bot.settings
    delays: list[WaitAndRetry] = []
    exchange = tools.exchanges.exchange(settings.feed.exchange)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await candles_between(
                exchange,
                bot.view.snapshot().market,
                settings.timeframe_ms,
                from_at,
                tools.clock.now_ms(),
                sleep=tools.clock.sleep,
                delayed=delays.append,
            )
    except TimeoutError:
        if delays:
            raise delays[-1] from None
        words = (
            f"{exchange.name} did not answer within {PATIENCE_S:g} s. A bot that goes on asks on."
        )
        raise WaitAndRetry(words) from None


def _told(bot: Bot, candles: Candles, state: IntColumn) -> Missed:
    market, frame = bot.view.snapshot().market, candles.timeframe_ms
    if not len(candles):
        return Missed("No candle closed while the program was away.")
    rows = rows_from_candles(candles, float(market.price_step), RowKind.HISTORY).table
    heard = Heard.of(bot.view.snapshot().chart.forming, market.price_step)
    met = first_met(unheard(rows, state, frame), Guarded.of(state), heard)
    first, last = int(candles.open_at[0]), int(candles.open_at[-1]) + frame
    count = "1 candle" if len(candles) == 1 else f"{len(candles):,} candles"
    words = (
        f"{count} of {timeframe_text(frame)} missed, from {moment_text(first)} to "
        f"{moment_text(last)} UTC."
    )
    price = market.scale.price
    would = None
    if met is not None:
        would = WouldBeExit(met.name, price(met.level), met.at, price(met.reached))
    return Missed(words, len(candles), would, price(int(rows[-1, CLOSE])))
