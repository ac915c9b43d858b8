"""From a wish to a plan: candles read, settings checked, steps chosen. Run in a worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.bots import FeedKind
from engine.domain.candles import Candles
from engine.domain.extra_feeds import Extra, Followed
from engine.domain.funding import Funding
from engine.domain.settings import FeeCoin
from engine.domain.strategy import Params, Strategy
from engine.errors import InvalidSetting
from engine.language import tr
from engine.messages.commands import RunBacktest
from engine.messages.source_words import archive_source
from engine.runtime.backtest.recording import check_fine
from engine.runtime.backtest.run import Plan
from engine.runtime.opinions import candles_before, checked_extras
from engine.runtime.sources.file_market import file_market
from engine.runtime.sources.followed import FollowedSources, followed_markets
from engine.runtime.sources.strategies import (
    check_signals_path,
    checked_params,
    find_strategy,
    with_signals,
)

if TYPE_CHECKING:
    from engine.markets.archive.archive import Archive

ReadCandles = Callable[[Path, int | None], Candles]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where candles come from: files, and the archive where there is one."""

    files: ReadCandles
    archive: Archive | None = None


@dataclass(frozen=True, slots=True)
class _Played:
    """What a backtest is played on; as in Plan."""

    candles: Candles
    name: str
    fine: Candles | None
    candles_path: str = ""
    fine_named: bool = True
    exchange: str = ""
    made_from_ms: int = 0
    listed_step: Decimal | None = None


Shared = Sequence[Params]
"""Other sets of parameters that will be played on the same plan."""


def plan_backtest(wish: RunBacktest, sources: Sources, shared: Shared = ()) -> Plan:
    """Everything checked that can be checked before the first bar; raises AskPerson faults.

    Enough candles are taken along, and other markets, for the parameters that are `shared`, too.
    """
    strategy = find_strategy(wish.strategy)
    params = checked_params(strategy, wish.params)
    every = (params, *shared)
    wish.trade.check()
    check_signals_path(wish.strategy, wish.signals_path)
    if wish.from_at is not None and wish.to_at is not None and wish.from_at >= wish.to_at:
        raise InvalidSetting(
            tr("The range ends before it begins. Choose an end after the start."), field="to_at"
        )
    if wish.feed.kind is FeedKind.ARCHIVE and sources.archive is not None:
        played = _archived(wish, sources.archive, sources.files, strategy, every)
    elif wish.feed.kind is FeedKind.FILE:
        played = _file(wish, sources.files)
    else:
        raise InvalidSetting(
            tr("A backtest needs a candle file, or candles of the archive. Choose them."),
            field="feed",
        )
    candles = played.candles
    return Plan(
        candles=candles,
        market=file_market(
            played.name,
            wish.symbol,
            candles,
            wish.trade.cash,
            wish.price_step,
            wish.amount_step,
            fine=played.fine,
            min_amount=wish.min_amount,
            min_notional=wish.min_notional,
            fee_in_base=wish.trade.fee_coin is FeeCoin.BASE,
            listed_step=played.listed_step,
        ),
        # Of the archive only the range is read: what a file says about other times is left out.
        strategy=with_signals(strategy, wish.signals_path, candles, within=bool(played.exchange)),
        params=params,
        trade=wish.trade,
        from_at=wish.from_at,
        to_at=wish.to_at,
        signals_path=wish.signals_path,
        candles_path=played.candles_path,
        fine=played.fine,
        fine_path=wish.fine_path,
        funding=_funding(wish),
        funding_path=wish.funding_path,
        fine_named=played.fine_named,
        exchange=played.exchange,
        made_from_ms=played.made_from_ms,
        followed=_followed(wish, sources, strategy, every, candles),
        extra_files=wish.feed.extra_files,
    )


def _followed(
    wish: RunBacktest, sources: Sources, strategy: Strategy, every: Shared, candles: Candles
) -> tuple[Followed, ...]:
    wanted: list[Extra] = []
    for params in every:
        wanted += checked_extras(strategy, params, candles.timeframe_ms)
    places = FollowedSources(wish.feed, sources.files, sources.archive)
    return followed_markets(wanted, places, candles)


def _file(wish: RunBacktest, read_candles: ReadCandles) -> _Played:
    path = Path(wish.feed.path)
    candles = read_candles(path, wish.timeframe_ms)
    return _Played(candles, path.name, _fine(wish, candles, read_candles), str(path.absolute()))


def _archived(
    wish: RunBacktest,
    archive: Archive,
    read_candles: ReadCandles,
    strategy: Strategy,
    every: Shared,
) -> _Played:
    if wish.timeframe_ms is None:
        raise InvalidSetting(
            tr("The archive can make candles of many timeframes. Choose one."), field="timeframe"
        )
    from engine.runtime.sources.archived import Wanted, archived_candles

    before = max(candles_before(strategy, params, wish.timeframe_ms) for params in every)
    exchange, symbol = wish.feed.exchange, wish.symbol.strip()
    wanted = Wanted(exchange, symbol, wish.timeframe_ms, wish.from_at, wish.to_at, before)
    found = archived_candles(archive, wanted, finer=wish.finer_from_archive and not wish.fine_path)
    name = archive_source(exchange, found.made_from_ms, wish.timeframe_ms)
    fine = _fine(wish, found.candles, read_candles) if wish.fine_path else found.fine
    return _Played(
        found.candles,
        name,
        fine,
        fine_named=bool(wish.fine_path),
        exchange=exchange,
        made_from_ms=found.made_from_ms,
        listed_step=found.listed_step,
    )


def _fine(wish: RunBacktest, candles: Candles, read_candles: ReadCandles) -> Candles | None:
    if not wish.fine_path:
        return None
    fine = read_candles(Path(wish.fine_path), None)
    check_fine(candles, fine)
    return fine


def _funding(wish: RunBacktest) -> Funding | None:
    if not wish.funding_path:
        return None
    if wish.trade.leverage is None:
        raise InvalidSetting(
            tr("Only futures pay funding. Give a leverage, or leave the funding file out."),
            field="funding_path",
        )
    from engine.markets.funding_csv import load_funding  # brings Arrow along

    return load_funding(Path(wish.funding_path))
