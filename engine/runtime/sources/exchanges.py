"""The exchanges of this program: one object for each, made when somebody first asks for it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from engine.core.price_step import choose_units
from engine.domain.bots import BotSettings
from engine.domain.candles import timeframe_text
from engine.domain.connection import Connection
from engine.domain.listings import Listing
from engine.domain.market import Market
from engine.domain.settings import FeeCoin
from engine.errors import ExchangeRefused, Fault, InvalidSetting
from engine.language import tr
from engine.runtime.clock import EngineClock

if TYPE_CHECKING:
    from engine.markets.exchange.ccxt_exchange import CcxtExchange
    from engine.markets.exchange.ccxt_feed import CcxtFeed
    from engine.markets.exchange.hearing import Pace
    from engine.markets.exchange.line import Lines
    from engine.markets.exchange.live_market import LiveMarket

logger = logging.getLogger(__name__)

MEASURE_EVERY_S: Final = 3600.0
"""How often the exchange's clock is compared with ours."""

Redirect = Callable[[Any], None]
Paced = Callable[["Pace"], "Pace"]
MakeLines = Callable[[EngineClock, Connection, Redirect | None, Paced | None], "Lines"]


class Exchanges:
    """Nothing of the exchange library is imported before `exchange` is called."""

    def __init__(
        self,
        clock: EngineClock,
        connection: Connection | None = None,
        *,
        lines: MakeLines | None = None,
        redirect: Redirect | None = None,
        pace: Paced | None = None,
        offline: bool = False,
    ) -> None:
        """`lines` says where the sockets live: `near_lines`, which is usual, or `far_lines`.
        `redirect` and `pace` are for tests, which have an exchange of their own and no time. While
        `offline` every exchange refuses."""
        self._offline = offline
        self._clock = clock
        self._make_lines = partial(
            lines or near_lines, clock, connection or Connection(), redirect, pace
        )
        self._made: Lines | None = None
        self._exchanges: dict[str, CcxtExchange] = {}
        self._live: dict[tuple[str, str], LiveMarket] = {}
        self._measuring: set[asyncio.Task[None]] = set()

    async def names(self) -> tuple[str, ...]:
        """All that can be spoken to."""
        return await self._lines.names()

    async def listings(self, name: str) -> Mapping[str, Listing]:
        """What an exchange trades, by symbol; AskPerson and WaitAndRetry faults."""
        try:
            return await self.exchange(name).listings()
        except Fault:
            raise
        except Exception as error:
            from engine.markets.exchange.faults import not_understood

            logger.exception("The markets of %s could not be read", name)
            raise not_understood(error, name, tr("reading its markets")) from error

    def exchange(self, name: str) -> CcxtExchange:
        """The one object for this exchange."""
        if self._offline:
            raise ExchangeRefused(
                tr(
                    "The program was started with --offline, so {name} is not "
                    "contacted. Start it without to have live prices.",
                    name=name,
                )
            )
        if name not in self._exchanges:
            from engine.markets.exchange.ccxt_exchange import CcxtExchange

            self._exchanges[name] = CcxtExchange(self._lines.line(name))
            self._measure_now_and_then(self._exchanges[name])
        return self._exchanges[name]

    @property
    def _lines(self) -> Lines:
        if self._made is None:
            self._made = self._make_lines()
        return self._made

    async def market(self, settings: BotSettings) -> Market:
        """The real market of a bot, in units its money fits into; AskPerson faults with words."""
        listing = await self.listing(settings.feed.exchange, settings.symbol, settings.timeframe_ms)
        market = listing.market
        order_step, amount_unit = choose_units(
            market.price_step,
            market.order_step,
            settings.trade.cash,
            fee_in_base=settings.trade.fee_coin is FeeCoin.BASE,
        )
        return replace(market, order_step=order_step, amount_unit=amount_unit)

    async def listing(self, name: str, symbol: str, timeframe_ms: int) -> Listing:
        """A market that has prices and candles of that timeframe; AskPerson faults with words."""
        listing = (await self.listings(name)).get(symbol)
        if listing is None:
            raise ExchangeRefused(
                tr(
                    "{name} does not trade {symbol}. Choose a symbol from its list.",
                    name=name,
                    symbol=symbol,
                ),
            )
        if not listing.active:
            raise ExchangeRefused(
                tr(
                    "{name} has halted or delisted {symbol}, so it has no prices. Choose another.",
                    name=name,
                    symbol=symbol,
                )
            )
        if not listing.timeframes:
            raise ExchangeRefused(
                tr(
                    "{name} gives no candles, and a strategy decides by them. Choose "
                    "another exchange.",
                    name=name,
                )
            )
        if timeframe_ms not in listing.timeframes:
            raise InvalidSetting(
                tr(
                    "{name} makes no {timeframe} candles. Choose one of: {offered}.",
                    name=name,
                    timeframe=timeframe_text(timeframe_ms),
                    offered=", ".join(timeframe_text(one) for one in listing.timeframes),
                ),
                field="timeframe",
            )
        return listing

    def feed(
        self,
        settings: BotSettings,
        market: Market,
        history: int,
        after_at: int | None,
        known_until: int | None = None,
    ) -> CcxtFeed:
        """Live prices for one bot; bots of one symbol share their stream. A session that goes on
        has rows up to `after_at`, and its candles for sure up to `known_until`."""
        from engine.markets.exchange.ccxt_feed import CcxtFeed, Wanted

        exchange = self.exchange(settings.feed.exchange)
        wanted = Wanted(
            settings.timeframe_ms,
            history,
            after_at,
            known_until,
            spreads=settings.trade.max_spread_pct is not None,
        )
        return CcxtFeed(
            exchange,
            self._live_market(exchange, settings),
            market,
            wanted,
            now_ms=self._clock.now_ms,
            sleep=self._clock.sleep,
        )

    async def close(self) -> None:
        """End all connections."""
        for task in self._measuring:
            task.cancel()
        if self._made is not None:
            await self._made.close()

    def _live_market(self, exchange: CcxtExchange, settings: BotSettings) -> LiveMarket:
        from engine.markets.exchange.live_market import LiveMarket

        key = (exchange.name, settings.symbol)
        if key not in self._live:
            self._live[key] = LiveMarket(exchange.line, settings.symbol, settings.timeframe_ms)
        return self._live[key]

    def _measure_now_and_then(self, exchange: CcxtExchange) -> None:
        async def measure() -> None:
            while True:
                try:
                    await exchange.measure()
                except Fault as fault:
                    logger.info("The clock of %s was not read: %s", exchange.name, fault.words)
                await self._clock.sleep(MEASURE_EVERY_S)

        task = asyncio.get_running_loop().create_task(measure(), name=f"clock-{exchange.name}")
        self._measuring.add(task)
        task.add_done_callback(self._measuring.discard)


def near_lines(
    clock: EngineClock, connection: Connection, redirect: Redirect | None, pace: Paced | None
) -> Lines:
    """Sockets in a thread of this process: for programs without a window."""
    from engine.markets.exchange.ccxt_client import Clocks, Wire
    from engine.markets.exchange.hearing import Pace
    from engine.markets.exchange.line import NearLines

    clocks = Clocks(clock.now_ms, clock.monotonic)
    # Jitter decides nothing: it keeps many programs from coming back at one moment.
    usual = Pace(clock.now_ms, clock.monotonic, random.random)
    wanted = pace(usual) if pace is not None else usual

    def wire(name: str) -> Wire:
        return Wire(name, connection, clocks, redirect, linger_s=wanted.linger_s)

    return NearLines(wire, wanted)


def far_lines(
    clock: EngineClock, connection: Connection, redirect: Redirect | None, pace: Paced | None
) -> Lines:
    """Sockets in a process of their own, with the machine's clock: for a window, whose frames they
    must not delay."""
    from engine.runtime.sources.apart.far_lines import FarLines
    from engine.runtime.sources.apart.messages import Setup

    return FarLines(Setup(connection, redirect, pace), clock.now_ms)
