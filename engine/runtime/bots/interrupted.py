"""Bots after a restart of the program: shown as they stood, and the sessions that nobody goes on
with are ended."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.core import layout as slot
from engine.core.metrics import summary
from engine.core.settings_vector import kernel_settings
from engine.domain.reasons import EndReason
from engine.domain.sessions import SessionStatus
from engine.errors import Fault
from engine.messages.events import EventKind, chain, observation
from engine.runtime.deciding import Decider
from engine.runtime.history.archive import closes_in, market_of
from engine.runtime.history.loading import load_session
from engine.runtime.running.restoring import load_checked, restore
from engine.runtime.workers import in_thread
from engine.store.database import Action
from engine.store.repositories import bot_states, events, projections, sessions

if TYPE_CHECKING:
    from engine.runtime.bots.found import Found
    from engine.runtime.bots.life import Life
    from engine.runtime.running.preparing import Tools

logger = logging.getLogger(__name__)


async def restore_view(bot: Life, tools: Tools, found: Found) -> None:
    """Show the session a bot ran last, and hand it over to be checked. One that cannot be read is
    said in the log; the bot is then refused at its start with words."""
    session_id = bot.standing.session_id
    if session_id is None:
        return
    try:
        archived = await load_session(tools.store, session_id)
        market = market_of(archived.record.settings)
        restored = await in_thread(
            "restore-view",
            lambda: restore(archived, market, archived.record.settings.timeframe_ms),
        )
    except Fault as fault:
        logger.error("The last session of bot %s is not shown: %s", bot.record.id, fault.words)
        found.failed(bot.record.id, fault)
        return
    found.read(bot.record.id, archived)
    bot.scale = archived.record.settings.scale
    bot.interrupted = archived.record.status is SessionStatus.INTERRUPTED
    bot.view.show(session_id, market, restored.fold, restored.chart)


async def conclude(bot: Life, tools: Tools, reason: EndReason = EndReason.STOPPED) -> None:
    """End the interrupted session as stopped by hand, or with the bot's ERROR, in one action; the
    position, if any, is kept."""
    standing = bot.standing
    archived = await load_checked(tools, standing)
    record, market = archived.record, market_of(archived.record.settings)
    assert standing.kernel_state is not None
    settings = kernel_settings(record.settings.trade, market, record.settings.timeframe_ms)
    decider = Decider(settings, standing.kernel_state.copy())
    fault = standing.fault if reason is EndReason.ERROR else None
    happened = decider.finish(reason)
    notes = [""] * len(happened)
    if fault is not None:
        told = observation(EventKind.ERROR, int(decider.state[slot.MOMENT]))
        happened, notes = np.concatenate([told, happened]), [fault.words, *notes]
    event_hash = chain(bytes.fromhex(standing.event_hash), happened).hex()
    projection = projections.fold(record.id, happened, None, standing.trade_session_id)
    close_at, closes = closes_in(archived.rows, record.settings.timeframe_ms)
    figures = summary(np.concatenate([archived.log.table, happened]), close_at, closes)
    ended = replace(
        standing,
        kernel_state=decider.state,
        event_hash=event_hash,
        event_count=standing.event_count + len(happened),
        updated_at=tools.clock.now_ms(),
    )
    async with tools.store.action("conclude_session") as db:
        events.append(db, record.id, standing.event_count, happened, notes)
        projections.write(db, projection)
        bot_states.save(db, ended)
        sessions.finish(
            db,
            record.id,
            status=SessionStatus.FAILED if fault else SessionStatus.FINISHED,
            end_reason=int(reason),
            ended_at=int(decider.state[slot.MOMENT]),
            finished_at=ended.updated_at,
            event_hash=event_hash,
            result=figures.result(len(close_at)),
            error=fault.words if fault else "",
        )
    bot.concluded(ended, happened, notes)
    tools.history_changed()


def give_up_position(db: Action, bot: Life) -> None:
    """What a bot holds is dropped with its account: its trade has no end, and its log says why."""
    standing = bot.standing
    if not bot.position or standing.session_id is None or standing.kernel_state is None:
        return
    at = int(standing.kernel_state[slot.MOMENT])
    words = (
        "The paper account was reset while this position was open. It was dropped without being "
        "sold: the trade has no exit and counts in no result"
    )
    note = observation(EventKind.NOTE, at)
    events.append(db, standing.session_id, standing.event_count, note, [words])
    if standing.trade_session_id is not None:
        projections.give_up_trade(db, standing.trade_session_id)
