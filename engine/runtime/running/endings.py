"""How a bot's session ends when nobody asked for it: by an error, or with the program."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace

from engine.core import layout as slot
from engine.domain.bots import BotState
from engine.domain.reasons import EndReason, Input
from engine.domain.sessions import SessionStatus
from engine.errors import Fault, FaultKind
from engine.language import tr
from engine.messages.events import EventKind, observation
from engine.messages.redaction import redacted
from engine.runtime.running.live import Live
from engine.runtime.running.preparing import Tools
from engine.runtime.running.steps import ended_by
from engine.store.database import Action
from engine.store.records import BotFault, BotStanding
from engine.store.repositories import bot_states, sessions

logger = logging.getLogger(__name__)


def fault_of(error: Exception, now_ms: int) -> BotFault:
    """What a person is told about `error`."""
    if isinstance(error, Fault):
        return BotFault(error.kind, redacted(error.words), redacted(error.details), now_ms)
    words = tr(
        "A mistake in the program stopped this bot. The others go on. Copy the "
        "details and report them, then start the bot again."
    )
    details = redacted("".join(traceback.format_exception(error)))
    return BotFault(FaultKind.PROGRAM, words, details, now_ms)


async def tell_error(live: Live, fault: BotFault, *, ends: bool) -> None:
    """The error in the log, and the end of the session in the store if it `ends`; the position is
    kept."""
    try:
        live.recorder.fault = fault if ends else None
        await live.session.note(observation(EventKind.ERROR, live.now_at), fault.words)
        if ends:
            await live.session.end(EndReason.ERROR)
    except Fault as second:
        logger.error("The error of bot %s was not stored: %s", live.bot.id, second.words)


async def note_error(
    tools: Tools, standing: BotStanding, fault: BotFault, *, again: bool = False
) -> BotStanding:
    """The error of a bot whose session had not begun, or has ended already. With `again` it is
    still wanted: it stands as one that is about to run. Where it stands then."""
    then = replace(standing, state=BotState.PENDING if again else BotState.ERROR, fault=fault)
    try:
        async with tools.store.action("bot_failed") as db:
            bot_states.save(db, then)
            bot_states.release(db, standing.bot_id)
    except Fault as second:
        logger.error("The error of bot %s was not stored: %s", standing.bot_id, second.words)
        return replace(standing, fault=fault)
    return then


async def interrupt(live: Live, fault: BotFault | None, first: Input | None) -> bool:
    """Everything so far to disk, and why it stops if it is for a `fault`; the next start goes on
    with it, beginning with `first`. False if it was not stored."""
    session_id = live.session_id
    assert session_id is not None

    def closing(db: Action, standing: BotStanding) -> None:
        sessions.set_status(db, session_id, SessionStatus.INTERRUPTED)
        stood = replace(standing, state=BotState.STOPPED, fault=fault, first=first)
        bot_states.save(db, stood)
        bot_states.release(db, standing.bot_id)

    try:
        await live.recorder.flush(closing)
    except Fault as fault:
        logger.error("Bot %s could not store its end: %s", live.bot.id, fault.words)
        await live.recorder.keep()
        return False
    return True


def overflow_fault(live: Live, now_ms: int) -> BotFault | None:
    """The error of a session that the kernel ended to keep money exact; else None."""
    if not live.session.decider.state[slot.ENDED]:
        return None
    ended = ended_by(live.session.fold.log.table)
    if ended is None or ended[0] is not EndReason.MONEY_OVERFLOW:
        return None
    words = tr(
        "An amount would have left the range in which money is exact. The session was "
        "ended before it did. Use a smaller share, then start the bot again."
    )
    return BotFault(FaultKind.SETTINGS, words, "", now_ms)
