"""Bots after a restart of the program: shown as they stood, and the sessions that nobody goes on
with are ended."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine.core import layout as slot
from engine.core.metrics import summary
from engine.core.settings_vector import kernel_settings
from engine.domain.bots import FeedKind
from engine.domain.reasons import EndReason
from engine.domain.rows_hash import rows_hash
from engine.domain.sessions import SessionStatus
from engine.errors import Fault, RecordDamaged
from engine.language import tr
from engine.messages.events import EventKind, chain, observation
from engine.messages.fold import Fold
from engine.runtime.deciding import Decider
from engine.runtime.history.archive import closes_in, market_of
from engine.runtime.history.loading import LastSession, load_last
from engine.runtime.running.past import Past
from engine.runtime.running.restoring import folded, load_checked
from engine.runtime.running.unread import Unread, last_price
from engine.runtime.workers import in_thread
from engine.store.database import Action
from engine.store.repositories import bot_states, events, projections, sessions

if TYPE_CHECKING:
    from engine.runtime.bots.found import Found
    from engine.runtime.bots.life import Life
    from engine.runtime.running.preparing import Tools

logger = logging.getLogger(__name__)


async def restore_views(bots: Collection[Life], tools: Tools, found: Found) -> None:
    """Show the sessions that bots ran last, and hand them over to be checked; their recordings are
    read later. One that cannot be read is said in the log; the bot is then refused at its start
    with words."""
    ids = {one for bot in bots if (one := bot.standing.session_id) is not None}
    loaded = await load_last(tools.store, ids)
    folds = await in_thread("fold-events", partial(_folds, loaded.values()))
    for bot in bots:
        session_id = bot.standing.session_id
        if session_id is None:
            continue
        last = loaded[session_id]
        if isinstance(last, RecordDamaged):
            logger.error("The last session of bot %s is not shown: %s", bot.record.id, last.words)
            found.failed(bot.record.id, last)
        else:
            found.read(bot.record.id, last)
            _show(bot, last, folds[session_id], tools)


def _folds(loaded: Iterable[LastSession | RecordDamaged]) -> dict[int, Fold]:
    return {last.record.id: folded(last.log) for last in loaded if isinstance(last, LastSession)}


def _show(bot: Life, last: LastSession, fold: Fold, tools: Tools) -> None:
    settings = last.record.settings
    market = market_of(settings)
    bot.scale = settings.scale
    bot.interrupted = last.record.status is SessionStatus.INTERRUPTED
    bot.past = Past(tools.store, tools.pasts, last, market)
    bar_ms = settings.timeframe_ms if bot.settings.feed.kind is FeedKind.FILE else 0
    price = last_price(bot.standing.kernel_state, bar_ms)
    bot.view.show(last.record.id, market, fold, Unread(settings.timeframe_ms, price))


async def remember(bot: Life) -> None:
    """Have the recording of a bot's last session read, to be shown and gone on with. One that is
    damaged is said in the log; a bot that needs it is then refused."""
    past, chart = bot.past, None
    if past is None or past.is_read:
        return
    try:
        chart = (await past.read()).chart
    except Fault as fault:
        logger.error("The chart of bot %s is not shown: %s", bot.record.id, fault.words)
    if bot.past is not past:
        return
    if bot.live is not None and bot.run is not None:
        bot.run.intake.ask_to_look()  # its own task knows when nothing is under way
    elif chart is not None:
        bot.view.chart_read(chart)


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
    hashed = await in_thread("hash-rows", partial(rows_hash, archived.rows, archived.followed))
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
            rows_hash=hashed,
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
    words = tr(
        "The paper account was reset while this position was open. It was dropped "
        "without being sold: the trade has no exit and counts in no result"
    )
    note = observation(EventKind.NOTE, at)
    events.append(db, standing.session_id, standing.event_count, note, [words])
    if standing.trade_session_id is not None:
        projections.give_up_trade(db, standing.trade_session_id)
