"""What each bot's market did while nobody watched: looked up for a person, before bots go on.

Nothing is recorded here. A bot that goes on fetches what it missed itself, as rows of its session.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from engine.core import layout as slot
from engine.domain.bots import BotSettings, FeedKind
from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.domain.columns import IntColumn
from engine.domain.market import Market
from engine.domain.rows import CLOSE, RowKind, rows_from_candles
from engine.errors import Fault, WaitAndRetry
from engine.language import tr, trn
from engine.markets.exchange.candle_past import candles_between
from engine.messages.recovery import Missed, WouldBeExit
from engine.runtime.bots.bot import Bot
from engine.runtime.running.missed import Guarded, Heard, first_met, unheard
from engine.runtime.running.preparing import Tools

PATIENCE_S: Final = 10.0
"""Somebody waits for the answer; whoever has not answered by then is said not to have."""

_WAITED: Final = {
    FeedKind.SIMULATED: tr("Nothing was missed: the simulated market waited."),
    FeedKind.FILE: tr("Nothing was missed: the file waited."),
}
Asked = dict[tuple[str, str, int, int], "asyncio.Task[Candles]"]
"""Bots of one market ask once."""


@dataclass(frozen=True, slots=True)
class Left:
    """A bot as the program left it, whatever becomes of it since."""

    settings: BotSettings
    market: Market
    state: IntColumn
    known_until: int | None
    heard: Heard | None

    @classmethod
    def of(cls, bot: Bot) -> Left | None:
        """Before it goes on; None for one that never had a state."""
        state, seen = bot.standing.kernel_state, bot.view.snapshot()
        if state is None:
            return None
        heard = Heard.of(seen.chart.forming, seen.market.price_step)
        return cls(bot.settings, seen.market, state, bot.view.known_until, heard)

    @property
    def from_at(self) -> int:
        """Where the first candle opens that is not known for sure."""
        frame = self.settings.timeframe_ms
        return self.known_until or int(self.state[slot.MOMENT]) // frame * frame


async def missed_by(left: Left, tools: Tools, asked: Asked) -> Missed:
    """What a bot missed; never fails."""
    settings = left.settings
    waited = _WAITED.get(settings.feed.kind)
    if waited is not None:
        return Missed(waited)
    key = settings.feed.exchange, settings.symbol, settings.timeframe_ms, left.from_at
    if key not in asked:
        asked[key] = asyncio.ensure_future(_candles(left, tools))
    try:
        candles = await asked[key]
    except Fault as fault:
        return Missed(tr("What was missed is not known. {words}", words=fault.words))
    return _told(left, candles)


async def _candles(left: Left, tools: Tools) -> Candles:
    """Closed candles up to now; a Fault says why there are none."""
    delays: list[WaitAndRetry] = []
    exchange = tools.exchanges.exchange(left.settings.feed.exchange)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await candles_between(
                exchange,
                left.market,
                left.settings.timeframe_ms,
                left.from_at,
                tools.clock.now_ms(),
                sleep=tools.clock.sleep,
                delayed=delays.append,
            )
    except TimeoutError:
        if delays:
            raise delays[-1] from None
        raise WaitAndRetry(
            tr(
                "{name} did not answer within {patience_s:g} s. A bot that goes on asks on.",
                name=exchange.name,
                patience_s=PATIENCE_S,
            )
        ) from None


def _told(left: Left, candles: Candles) -> Missed:
    frame, price = candles.timeframe_ms, left.market.scale.price
    if not len(candles):
        return Missed(tr("No candle closed while the program was away."))
    rows = rows_from_candles(candles, float(left.market.price_step), RowKind.HISTORY).table
    met = first_met(unheard(rows, left.state, frame), Guarded.of(left.state), left.heard)
    first, last = int(candles.open_at[0]), int(candles.open_at[-1]) + frame
    words = trn(
        "{count:,} candle of {timeframe} missed, from {begin} to {end} UTC.",
        "{count:,} candles of {timeframe} missed, from {begin} to {end} UTC.",
        len(candles),
        timeframe=timeframe_text(frame),
        begin=moment_text(first),
        end=moment_text(last),
    )
    would = None
    if met is not None:
        would = WouldBeExit(met.name, price(met.level), met.at, price(met.reached))
    return Missed(words, len(candles), would, price(int(rows[-1, CLOSE])))
