"""The history row of a backtest that has run: what decided its result, and what it came to."""

from __future__ import annotations

from dataclasses import replace

from engine import __version__
from engine.domain.bots import Mode
from engine.domain.reasons import EndReason
from engine.domain.sessions import FineShare, SessionRecord, SessionSettings, SessionStatus
from engine.messages import events as ev
from engine.runtime.backtest.run import Outcome, Plan
from engine.runtime.history.archive import Archived, Course, course_of, judged, session_settings
from engine.runtime.sources.strategies import source_of


def backtest_record(outcome: Outcome, session_id: int, created_at: int) -> SessionRecord:
    """The history row of a backtest that has run; the hash of its rows comes with storing them."""
    record = unhashed_record(outcome, session_id, created_at, course_of_outcome(outcome))
    return replace(record, event_hash=outcome.event_hash())


def course_of_outcome(outcome: Outcome) -> Course:
    """How the session went, candle by candle."""
    return course_of(outcome.log.table, outcome.rows, outcome.plan.candles.timeframe_ms)


def unhashed_record(
    outcome: Outcome, session_id: int, created_at: int, course: Course
) -> SessionRecord:
    """The history row of a backtest, as far as a person looks at it: without its two hashes, which
    take as long as the rest."""
    plan = outcome.plan
    strategy_hash, strategy_source = source_of(plan.strategy)
    log = outcome.log.table
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
        event_hash="",
        result=judged(log, course).result(len(course.at)),
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
        plan.exchange,
        plan.made_from_ms,
        plan.extra_files,
    )


def _status(end_reason: int) -> SessionStatus:
    failed = end_reason in (EndReason.ERROR, EndReason.MONEY_OVERFLOW)
    return SessionStatus.FAILED if failed else SessionStatus.FINISHED


def session_of(outcome: Outcome, record: SessionRecord) -> Archived:
    """A backtest that has run, as it will be read back."""
    return Archived(record, outcome.log, outcome.rows, followed=outcome.log.opinion.followed)
