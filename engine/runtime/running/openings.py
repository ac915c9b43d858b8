"""How a session opens: what goes into the store with its first action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine import __version__
from engine.core.layout import new_state
from engine.domain.bots import BotState, FeedKind, Mode
from engine.domain.columns import IntColumn
from engine.domain.sessions import SessionRecord, SessionResult, SessionStatus
from engine.messages.events import EMPTY_HASH
from engine.runtime.history.archive import session_settings
from engine.runtime.running.preparing import Prepared
from engine.runtime.sources.strategies import source_of
from engine.store.database import Action
from engine.store.records import BotRecord, BotStanding, Opening
from engine.store.repositories import bot_states, openings, sessions


def new_record(
    bot: BotRecord, prepared: Prepared, session_id: int, first_at: int, created_at: int
) -> SessionRecord:
    """The history row of a session that is about to begin."""
    settings = bot.settings
    strategy_hash, strategy_source = source_of(prepared.strategy)
    simulated = settings.feed.kind is FeedKind.SIMULATED
    return SessionRecord(
        id=session_id,
        bot_id=bot.id,
        bot_name=settings.name,
        mode=Mode.PAPER,
        settings=session_settings(
            prepared.market,
            settings.timeframe_ms,
            prepared.strategy,
            prepared.params,
            settings.trade,
            settings.signals_path,
            settings.feed.path,
            extra_files=settings.feed.extra_files,
        ),
        status=SessionStatus.RUNNING,
        started_at=first_at,
        ended_at=None,
        created_at=created_at,
        end_reason=None,
        event_hash=EMPTY_HASH.hex(),
        result=SessionResult(),
        program_version=__version__,
        strategy_hash=strategy_hash,
        strategy_source=strategy_source,
        seed=settings.feed.seed if simulated else None,
    )


def new_standing(standing: BotStanding, session_id: int, state: IntColumn) -> BotStanding:
    """Where a bot stands at the birth of a session."""
    return replace(
        standing,
        state=BotState.RUNNING,
        session_id=session_id,
        kernel_state=state,
        event_hash=EMPTY_HASH.hex(),
        event_count=0,
        row_count=0,
        fault=None,
    )


def opening_of(record: SessionRecord, state: IntColumn) -> Callable[[Action], None]:
    """What goes into the first action of a new session: itself, the kernel's `state` it takes
    over, and the right to run."""
    settings = record.settings
    fresh = new_state(settings.scale.money_count(settings.trade.cash))
    begins = Opening(False, None if np.array_equal(state, fresh) else state.copy())

    def opening(db: Action) -> None:
        assert record.bot_id is not None
        sessions.add(db, record)
        openings.add(db, record, begins)
        bot_states.claim(db, record.bot_id, record.id)

    return opening


def going_on(record: SessionRecord) -> Callable[[Action], None]:
    """What goes into the first action of a session that goes on."""

    def opening(db: Action) -> None:
        assert record.bot_id is not None
        sessions.set_status(db, record.id, SessionStatus.RUNNING)
        bot_states.claim(db, record.bot_id, record.id)

    return opening
