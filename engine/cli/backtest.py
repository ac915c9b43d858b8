"""`trader-engine backtest`: one strategy over recorded candles."""

from __future__ import annotations

import argparse
import json
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.cli.candle_arguments import (
    NO_FILE,
    archive_of,
    params_given,
    store_in,
    strategy_given,
)
from engine.cli.opened_store import opened_store
from engine.cli.own_strategies import join_own
from engine.cli.tables import session_text
from engine.cli.trade_arguments import trade_settings
from engine.cli.waiting import load_for
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import Candles, timeframe_ms
from engine.domain.settings import TradeSettings
from engine.errors import InvalidSetting
from engine.messages.commands import RunBacktest
from engine.messages.progress import nobody_told
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.record import backtest_record, session_of
from engine.runtime.backtest.run import Outcome, run_backtest
from engine.runtime.clock import WallClock
from engine.runtime.documents.sessions import session_document
from engine.runtime.folders import default_data_dir
from engine.runtime.history.archive import Archived
from engine.runtime.history.figures import figures_of
from engine.runtime.sources.candle_cache import read_candles


def backtest(arguments: argparse.Namespace) -> str:
    """Run it, store it if a data folder is given, and say what came out."""
    wish = wish_of(arguments, dict(params_given(arguments)), trade_settings(arguments))
    plan = plan_backtest(wish, sources_of(arguments, wish))
    load_for(wish.strategy)
    outcome = run_backtest(plan, nobody_told, threading.Event())
    folder = store_in(arguments)
    if folder is None:
        record = backtest_record(outcome, 0, WallClock().now_ms())
        session = session_of(outcome, record)
    else:
        session = _stored(outcome, folder)
    document = session_document(session, stored=folder is not None, opinion=outcome.log.opinion)
    return json.dumps(document) if arguments.json else session_text(document, figures_of(session))


def wish_of(
    arguments: argparse.Namespace, params: dict[str, Any], trade: TradeSettings
) -> RunBacktest:
    """What the options of candles and strategy ask for."""
    strategy = strategy_given(arguments)
    if strategy is None:
        raise InvalidSetting(
            "No strategy is given. Add --strategy NAME, or --signals FILE.", field="strategy"
        )
    no_fine = arguments.fine is not None and str(arguments.fine) == NO_FILE
    return RunBacktest(
        feed=_feed_of(arguments),
        symbol=arguments.symbol,
        timeframe_ms=timeframe_ms(arguments.timeframe) if arguments.timeframe else None,
        strategy=strategy,
        params=params,
        trade=trade,
        signals_path=str(arguments.signals or ""),
        price_step=arguments.price_step,
        amount_step=arguments.amount_step,
        from_at=arguments.from_at,
        to_at=arguments.to_at,
        fine_path="" if no_fine else _absolute(arguments.fine),
        funding_path=_absolute(arguments.funding),
        min_amount=arguments.min_amount or Decimal(0),
        min_notional=arguments.min_notional or Decimal(0),
        finer_from_archive=not no_fine,
    )


def _feed_of(arguments: argparse.Namespace) -> FeedChoice:
    if arguments.archive is not None:
        feed = FeedChoice(FeedKind.ARCHIVE, exchange=arguments.archive, speed=0)
    else:
        feed = FeedChoice(FeedKind.FILE, str(arguments.candles), speed=0)
    return replace(feed, extra_files=tuple(arguments.extra))


def sources_of(arguments: argparse.Namespace, *wishes: RunBacktest) -> Sources:
    """Where the candles of these wishes come from; the archive only if one of them needs it. A
    person's own strategies join, if one of them asks for what the program does not have."""
    join_own(arguments.data_dir or default_data_dir(), [wish.strategy for wish in wishes])
    archived = any(wish.feed.kind is FeedKind.ARCHIVE for wish in wishes)
    return Sources(candles_of, archive_of(arguments) if archived else None)


def _absolute(path: Path | None) -> str:
    return "" if path is None else str(path.absolute())


def candles_of(path: Path, wanted_ms: int | None) -> Candles:
    """The candles of a file, parsed now or kept from before."""
    return read_candles(path, wanted_ms).candles


def _stored(outcome: Outcome, data_dir: Path) -> Archived:
    import asyncio  # takes as long to load as a short backtest takes

    return asyncio.run(_store(outcome, data_dir))


async def _store(outcome: Outcome, data_dir: Path) -> Archived:
    from engine.runtime.backtest.storing import batch_of, store_batch

    now = WallClock().now_ms()
    async with opened_store(data_dir, now_ms=now) as store:
        batch = batch_of(outcome, store.next_id("sessions"), now)
        await store_batch(store, batch)
    return session_of(outcome, batch.record)
