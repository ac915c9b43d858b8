"""An interrupted session that nobody will go on with gets its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.core import layout as slot
from engine.core.metrics import summary
from engine.core.settings_vector import kernel_settings
from engine.domain.reasons import EndReason
from engine.domain.sessions import SessionStatus
from engine.messages.events import chain
from engine.runtime.archive import closes_in, market_of
from engine.runtime.deciding import Decider
from engine.runtime.live import load_checked
from engine.store.repositories import bot_states, events, projections, sessions

if TYPE_CHECKING:
    from engine.runtime.bot import Bot
    from engine.runtime.preparing import Tools


async def conclude(bot: Bot, tools: Tools) -> None:
    """End it as stopped by hand, in one action; the position, if any, is kept."""
    standing = bot.standing
    archived = await load_checked(tools, standing)
    record, market = archived.record, market_of(archived.record.settings)
    assert standing.kernel_state is not None
    settings = kernel_settings(record.settings.trade, market, record.settings.timeframe_ms)
    decider = Decider(settings, standing.kernel_state.copy())
    happened = decider.finish(EndReason.STOPPED)
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
        events.append(db, record.id, standing.event_count, happened)
        projections.write(db, projection)
        bot_states.save(db, ended)
        sessions.finish(
            db,
            record.id,
            status=SessionStatus.FINISHED,
            end_reason=int(EndReason.STOPPED),
            ended_at=int(decider.state[slot.MOMENT]),
            event_hash=event_hash,
            result=figures.result(len(close_at)),
        )
    bot.concluded(ended, happened)
    tools.history_changed()
