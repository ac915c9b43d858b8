"""The history row of a backtest that has run: what decided its result, and what it came to."""

from __future__ import annotations

import hashlib

import numpy as np

from engine import __version__
from engine.domain.bots import Mode
from engine.domain.reasons import EndReason
from engine.domain.rows import Rows
from engine.domain.sessions import FineShare, SessionRecord, SessionSettings, SessionStatus
from engine.messages import events as ev
from engine.runtime.backtest.run import Outcome, Plan
from engine.runtime.history.archive import judged, session_settings
from engine.runtime.sources.strategies import source_of


def backtest_record(outcome: Outcome, session_id: int, created_at: int) -> SessionRecord:
    """The history row of a backtest that has run; the hash of its rows comes with storing them."""
    plan = outcome.plan
    timeframe_ms = plan.candles.timeframe_ms
    strategy_hash, strategy_source = source_of(plan.strategy)
    log = outcome.log.table
    bars, figures = judged(log, outcome.rows, timeframe_ms)
    end_reason = int(log[-1, ev.CODE])
    return SessionRecord(
        id=session_id,
        bot_id=None,
        bot_name=plan.strategy.title,
        mode=Mode.BACKTEST,
        settings=settings_of(plan, outcome.fine),
        status=_status(end_reason),
        started_at=outcome.started_at,
        ended_at=outcome.ended_at,
        created_at=created_at,
        end_reason=end_reason,
        event_hash=outcome.event_hash,
        result=figures.result(bars),
        program_version=__version__,
        strategy_hash=strategy_hash,
        strategy_source=strategy_source,
    )


def settings_of(plan: Plan, fine: FineShare | None) -> SessionSettings:
    """Everything that decides the result of a plan besides its rows."""
    return session_settings(
        plan.market,
        plan.candles.timeframe_ms,
        plan.strategy,
        plan.params,
        plan.trade,
        plan.signals_path,
        plan.candles_path,
        plan.fine_path,
        plan.funding_path,
        fine,
    )


def _status(end_reason: int) -> SessionStatus:
    failed = end_reason in (EndReason.ERROR, EndReason.MONEY_OVERFLOW)
    return SessionStatus.FAILED if failed else SessionStatus.FINISHED


def rows_hash(rows: Rows) -> str:
    """sha256 of a recording, volumes included."""
    total = hashlib.sha256(np.ascontiguousarray(rows.table, "<i8").reshape(-1).data)
    total.update(np.ascontiguousarray(rows.volume, "<f8").data)
    return total.hexdigest()
