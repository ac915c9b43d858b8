"""From a wish to a plan: files read, settings checked, steps and units chosen. Run in a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.domain.bots import FeedKind
from engine.domain.candles import Candles
from engine.domain.funding import Funding
from engine.domain.settings import FeeCoin
from engine.errors import InvalidSetting
from engine.messages.commands import RunBacktest
from engine.runtime.backtest.recording import check_fine
from engine.runtime.backtest.run import Plan
from engine.runtime.sources.file_market import file_market
from engine.runtime.sources.strategies import (
    check_signals_path,
    checked_params,
    find_strategy,
    with_signals,
)

ReadCandles = Callable[[Path, int | None], Candles]


def plan_backtest(wish: RunBacktest, read_candles: ReadCandles) -> Plan:
    """Everything checked that can be checked before the first bar; raises AskPerson faults."""
    strategy = find_strategy(wish.strategy)
    params = checked_params(strategy, wish.params)
    wish.trade.check()
    check_signals_path(wish.strategy, wish.signals_path)
    if wish.feed.kind is not FeedKind.FILE:
        raise InvalidSetting("A backtest needs a candle file. Choose one.", field="feed")
    if wish.from_at is not None and wish.to_at is not None and wish.from_at >= wish.to_at:
        raise InvalidSetting(
            "The range ends before it begins. Choose an end after the start.", field="to_at"
        )
    path = Path(wish.feed.path)
    candles = read_candles(path, wish.timeframe_ms)
    fine = _fine(wish, candles, read_candles)
    return Plan(
        candles=candles,
        market=file_market(
            path,
            wish.symbol,
            candles,
            wish.trade.cash,
            wish.price_step,
            wish.amount_step,
            fine=fine,
            min_amount=wish.min_amount,
            min_notional=wish.min_notional,
            fee_in_base=wish.trade.fee_coin is FeeCoin.BASE,
        ),
        strategy=with_signals(strategy, wish.signals_path, candles),
        params=params,
        trade=wish.trade,
        from_at=wish.from_at,
        to_at=wish.to_at,
        signals_path=wish.signals_path,
        candles_path=str(path.absolute()),
        fine=fine,
        fine_path=wish.fine_path,
        funding=_funding(wish),
        funding_path=wish.funding_path,
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
            "Only futures pay funding. Give a leverage, or leave the funding file out.",
            field="funding_path",
        )
    from engine.markets.funding_csv import load_funding  # brings pandas along

    return load_funding(Path(wish.funding_path))
