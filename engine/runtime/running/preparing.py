"""What a bot needs before its session can begin: strategy, market, feed, money."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core.layout import new_state
from engine.core.price_step import choose_units
from engine.domain.bots import BotSettings, FeedKind
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn
from engine.domain.extra_feeds import Extra
from engine.domain.market import Market, check_symbol
from engine.domain.money import Scale
from engine.domain.strategy import Params, Strategy
from engine.errors import InvalidSetting, RecordDamaged
from engine.language import tr
from engine.markets.candle_feed import CandleFeed
from engine.ports import Feed
from engine.runtime.clock import EngineClock
from engine.runtime.opinions import candles_before, checked_extras
from engine.runtime.running.extra_sources import ExchangeMarkets, FileMarkets, SimulatedMarkets
from engine.runtime.running.extras import Following
from engine.runtime.sources.candle_files import CandleFiles
from engine.runtime.sources.exchanges import Exchanges
from engine.runtime.sources.file_market import file_market
from engine.runtime.sources.followed import extra_paths
from engine.runtime.sources.strategies import (
    check_signals_path,
    checked_params,
    find_strategy,
    with_signals,
)
from engine.runtime.sources.venues import Venues
from engine.runtime.workers import Places, in_thread
from engine.store.database import Store

_PASTS_AT_ONCE: Final = 2
_MINDS_AT_ONCE: Final = 2
_MIND_PATIENCE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Tools:
    """What all bots share."""

    store: Store
    clock: EngineClock
    venues: Venues
    exchanges: Exchanges
    files: CandleFiles
    changed: Callable[[], None]
    history_changed: Callable[[], None]
    stale: set[int] = field(default_factory=set)
    """Bots, by id, of which there is no newest snapshot: something changed since the last one."""
    pasts: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, _PASTS_AT_ONCE))
    """Room for the recordings that are read at a time."""
    minds: Places = field(default_factory=partial(Places, _MINDS_AT_ONCE, _MIND_PATIENCE_S))
    """Room for the strategies that are asked at a time."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a session is made of, checked."""

    strategy: Strategy
    params: Params
    market: Market
    feed: Feed
    following: Following
    """Other markets that the strategy wants to see."""


def check_settings(settings: BotSettings) -> tuple[Strategy, Params]:
    """Refuse what cannot be meant; reads no file."""
    if not settings.name.strip():
        raise InvalidSetting(tr("The bot has no name. Give it one."), field="name")
    if not settings.name.isprintable():
        raise InvalidSetting(tr("The bot's name has signs that cannot be shown."), field="name")
    check_symbol(settings.symbol)
    strategy = find_strategy(settings.strategy)
    params = checked_params(strategy, settings.params)
    settings.trade.check()
    check_signals_path(settings.strategy, settings.signals_path)
    if settings.signals_path and settings.feed.kind is not FeedKind.FILE:
        raise InvalidSetting(
            tr(
                "A signals file names candles of a file, and this market has none. Choose "
                "a candle file as the feed."
            ),
            field="signals_path",
        )
    wanted = checked_extras(strategy, params, settings.timeframe_ms)
    if settings.feed.kind is FeedKind.FILE:
        extra_paths(settings.feed.extra_files, wanted)
    if settings.feed.speed < 0:
        raise InvalidSetting(tr("The speed of a feed cannot be below 0."), field="speed")
    return strategy, params


@dataclass(frozen=True, slots=True)
class Since:
    """Where a bot's prices may begin: after `after_at`, the last moment it has lived through (None:
    where they like)."""

    after_at: int | None = None
    goes_on: bool = False
    """The session was interrupted and its prices must follow on."""
    known_until: int | None = None
    """Up to where the candles of that session are known for sure; None if nobody knows."""
    again: bool = False
    """A file that has nothing after that begins anew."""


async def prepare(settings: BotSettings, tools: Tools, since: Since) -> Prepared:
    """Files read, steps chosen, a feed that begins where `since` allows."""
    strategy, params = check_settings(settings)
    source = _SOURCES.get(settings.feed.kind)
    if source is None:
        raise InvalidSetting(tr("A bot cannot trade on these prices. Choose others."), field="feed")
    return await source(_Wish(settings, strategy, params, since), tools)


@dataclass(frozen=True, slots=True)
class _Wish:
    settings: BotSettings
    strategy: Strategy
    params: Params
    since: Since

    @property
    def extras(self) -> tuple[Extra, ...]:
        """What the strategy wants of other markets."""
        return checked_extras(self.strategy, self.params, self.settings.timeframe_ms)


async def _simulated(wish: _Wish, tools: Tools) -> Prepared:
    settings, after_at = wish.settings, wish.since.after_at
    venue = await tools.venues.venue(settings.feed.seed)
    market = venue.market(settings.symbol).market
    choose_units(market.price_step, market.amount_unit, settings.trade.cash)
    now_at = venue.clock.now_at()
    recent = after_at is not None and now_at - after_at < 2 * settings.timeframe_ms
    begin_at = after_at if recent else None
    # A session that goes on has its past; a new one begins with that of the market.
    past_at = (begin_at or 0) - settings.timeframe_ms if wish.since.goes_on else 0
    await tools.venues.reach_back(venue, settings.symbol, past_at)
    for extra in wish.extras:
        await tools.venues.reach_back(venue, extra.symbol, 0)
    feed = venue.feed(settings.symbol, settings.timeframe_ms, begin_at)
    following = Following(wish.extras, SimulatedMarkets(venue))
    return Prepared(wish.strategy, wish.params, market, feed, following)


async def _exchange(wish: _Wish, tools: Tools) -> Prepared:
    settings = wish.settings
    market = await tools.exchanges.market(settings)
    history = candles_before(wish.strategy, wish.params, settings.timeframe_ms)
    name = settings.feed.exchange
    for extra in wish.extras:
        await tools.exchanges.listing(name, extra.symbol, extra.timeframe_ms)
    since = wish.since if wish.since.goes_on else Since()
    feed = tools.exchanges.feed(settings, market, history, since.after_at, since.known_until)
    source = ExchangeMarkets(tools.exchanges.exchange(name), tools.clock)
    return Prepared(wish.strategy, wish.params, market, feed, Following(wish.extras, source))


async def _file(wish: _Wish, tools: Tools) -> Prepared:
    return await in_thread("open-feed", partial(_from_file, wish, tools))


_SOURCES: Final[Mapping[FeedKind, Callable[[_Wish, Tools], Awaitable[Prepared]]]] = (
    MappingProxyType(
        {
            FeedKind.SIMULATED: _simulated,
            FeedKind.EXCHANGE: _exchange,
            FeedKind.FILE: _file,
        }
    )
)


def _from_file(wish: _Wish, tools: Tools) -> Prepared:
    settings = wish.settings
    path = Path(settings.feed.path)
    candles = tools.files.candles(path, settings.timeframe_ms)
    market = file_market(path.name, settings.symbol, candles, settings.trade.cash)
    start = _start(candles, wish.since.after_at)
    if wish.since.again and start == len(candles):
        start = 0
    feed = CandleFeed(
        candles,
        market,
        monotonic=tools.clock.monotonic,
        sleep=tools.clock.sleep,
        speed=settings.feed.speed,
        start=start,
    )
    strategy = with_signals(wish.strategy, settings.signals_path, candles)
    others = {
        market: tools.files.candles(path, market[1])
        for market, path in extra_paths(settings.feed.extra_files, wish.extras).items()
    }
    following = Following(wish.extras, FileMarkets(others))
    return Prepared(strategy, wish.params, market, feed, following)


def _start(candles: Candles, after_at: int | None) -> int:
    """Index of the first candle that closes later than `after_at`; all of them if None."""
    if after_at is None:
        return 0
    closes = candles.open_at + candles.timeframe_ms
    return int(np.searchsorted(closes, after_at, side="right"))


def carried_state(
    settings: BotSettings, kernel_state: IntColumn | None, scale: Scale | None, market: Market
) -> IntColumn:
    """The state a new session begins with: a fresh share, or what the last session left.
    RecordDamaged where that was counted in steps (`scale`) that cannot be read any more."""
    if kernel_state is None:
        return new_state(market.scale.money_count(settings.trade.cash))
    if scale is None:
        raise RecordDamaged(
            tr(
                "{name} goes on from its last session, and that cannot be read: in "
                "which steps its money and its position are counted stands there. "
                "Nothing was changed. Restore a copy from the folder 'backups' of the "
                "data folder, or reset the paper account to begin anew.",
                name=settings.name,
            )
        )
    if scale == market.scale:
        return kernel_state.copy()
    if kernel_state[slot.POSITION]:
        raise InvalidSetting(
            tr(
                "{name} holds a position counted in steps that this market does not "
                "have. Choose the market it was opened on, and close the position there "
                "first.",
                name=settings.name,
            ),
            field="symbol",
        )
    return new_state(market.scale.money_count(scale.money(int(kernel_state[slot.CASH]))))


def begin_earlier(state: IntColumn, first_at: int) -> None:
    """A recording played again lies before what was traded last: cooldown, losing stops and the
    day's counts belong to a time that has not come yet."""
    if first_at < state[slot.MOMENT]:
        state[slot.HAS_EXITED] = state[slot.LAST_EXIT_AT] = state[slot.DAY_ENTRIES] = 0
        state[slot.DAY] = state[slot.PNL_DAY] = state[slot.EQUITY_DAY] = -1
        state[slot.STOP_COUNT] = 0
