"""Sessions on their way into the store in one piece, and out of it again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.core.metrics import Summary, summary
from engine.domain.bots import Mode
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.market import Market
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, CLOSE, KIND, RowKind, Rows
from engine.domain.sessions import SessionRecord, SessionSettings, SessionStatus
from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Strategy
from engine.messages import events as ev
from engine.messages.events import EventColumns
from engine.runtime.backtest import Outcome
from engine.runtime.recorded import bars_in
from engine.runtime.strategies import source_of
from engine.runtime.version import PROGRAM_VERSION
from engine.store.database import Store
from engine.store.repositories import events, projections, recordings, sessions


@dataclass(frozen=True, slots=True)
class Archived:
    """A session as it lies in the store, whole."""

    record: SessionRecord
    log: EventColumns
    rows: Rows


def session_settings(
    market: Market,
    timeframe_ms: int,
    strategy: Strategy,
    params: Params,
    trade: TradeSettings,
    signals_path: str,
) -> SessionSettings:
    """Everything that decides a session's result besides its rows."""
    return SessionSettings(
        symbol=market.symbol,
        timeframe_ms=timeframe_ms,
        strategy=strategy.name,
        params=params,
        trade=trade,
        scale=market.scale,
        order_step=market.order_step,
        min_amount=market.min_amount,
        min_notional=market.min_notional,
        source=market.source,
        signals_path=signals_path,
        warmup=strategy.warmup(params),
    )


def market_of(settings: SessionSettings) -> Market:
    """The market as the session knew it."""
    return Market(
        settings.symbol,
        settings.scale.price_step,
        settings.order_step,
        settings.scale.amount_unit,
        settings.min_amount,
        settings.min_notional,
        settings.source,
    )


def closes_in(rows: Rows, timeframe_ms: int) -> tuple[IntColumn, IntColumn]:
    """(moments, price counts) of the closes of the session's own candles."""
    kind = rows.table[:, KIND]
    own = kind != RowKind.HISTORY
    bars = bars_in(Rows(rows.table[own], rows.volume[own]), CandleBuilder(timeframe_ms))
    return bars.table[:, AT] + timeframe_ms, np.ascontiguousarray(bars.table[:, CLOSE])


def judged(log: IntMatrix, rows: Rows, timeframe_ms: int) -> tuple[int, Summary]:
    """(bars, figures) of a session from its events and its recording."""
    close_at, closes = closes_in(rows, timeframe_ms)
    return len(close_at), summary(log, close_at, closes)


def backtest_record(outcome: Outcome, session_id: int, created_at: int) -> SessionRecord:
    """The history row of a backtest that has run."""
    plan = outcome.plan
    timeframe_ms = plan.candles.timeframe_ms
    strategy_hash, strategy_source = source_of(plan.strategy)
    log = outcome.fold.log.table
    bars, figures = judged(log, outcome.rows, timeframe_ms)
    end_reason = int(log[-1, ev.CODE])
    return SessionRecord(
        id=session_id,
        bot_id=None,
        bot_name=plan.strategy.title,
        mode=Mode.BACKTEST,
        settings=session_settings(
            plan.market, timeframe_ms, plan.strategy, plan.params, plan.trade, plan.signals_path
        ),
        status=_status(end_reason),
        started_at=outcome.started_at,
        ended_at=outcome.ended_at,
        created_at=created_at,
        end_reason=end_reason,
        event_hash=outcome.event_hash,
        result=figures.result(bars),
        program_version=PROGRAM_VERSION,
        strategy_hash=strategy_hash,
        strategy_source=strategy_source,
        rows_hash=rows_hash(outcome.rows),
    )


def _status(end_reason: int) -> SessionStatus:
    failed = end_reason in (EndReason.ERROR, EndReason.MONEY_OVERFLOW)
    return SessionStatus.FAILED if failed else SessionStatus.FINISHED


def rows_hash(rows: Rows) -> str:
    """sha256 of a recording, volumes included."""
    total = hashlib.sha256(np.ascontiguousarray(rows.table, "<i8").tobytes())
    total.update(np.ascontiguousarray(rows.volume, "<f8").tobytes())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """A finished session ready to be written; made in a worker thread."""

    record: SessionRecord
    rows: recordings.PackedRows
    log: EventColumns
    notes: list[str]
    projection: projections.Projection


def batch_of(outcome: Outcome, session_id: int, created_at: int) -> Batch:
    """Pack a backtest for its one action."""
    log = outcome.fold.log
    notes = [log.note(index) for index in range(len(log))]
    return Batch(
        backtest_record(outcome, session_id, created_at),
        recordings.pack(outcome.rows),
        log,
        notes,
        projections.fold(session_id, log.table, notes),
    )


async def store_batch(store: Store, batch: Batch) -> None:
    """All of a finished session in one action."""
    session_id, log = batch.record.id, batch.log
    async with store.action("store_backtest") as db:
        sessions.add(db, batch.record)
        recordings.append(db, session_id, 0, batch.rows)
        events.append(db, session_id, 0, log.table, batch.notes)
        projections.write(db, batch.projection)


async def load_session(store: Store, session_id: int) -> Archived:
    """One session with its events and its recording; UnknownName if there is none."""
    record = await sessions.get(store, session_id)
    log = await events.load(store, session_id)
    rows = await recordings.load(store, session_id)
    return Archived(record, log, rows)
