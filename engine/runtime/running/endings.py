"""How a bot's session ends when nobody asked for it: by an error, or with the program."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace

from engine.core import layout as slot
from engine.domain.bots import BotState
from engine.domain.reasons import EndReason
from engine.domain.sessions import SessionStatus
from engine.errors import Fault
from engine.messages import events as ev
from engine.messages.events import EventKind, observation
from engine.runtime.running.live import Live
from engine.runtime.running.preparing import Tools
from engine.store.database import Action
from engine.store.records import BotFault, BotStanding
from engine.store.repositories import bot_states, sessions

logger = logging.getLogger(__name__)


def fault_of(error: Exception, now_ms: int) -> BotFault:
    """What a person is told about `error`."""
    kind = type(error).__name__
    if isinstance(error, Fault):
        return BotFault(kind, error.words, error.details, now_ms)
    words = (
        "A mistake in the program stopped this bot. The others go on. Copy the details and report "
        "them, then start the bot again."
    )
    return BotFault(kind, words, "".join(traceback.format_exception(error)), now_ms)


async def end_with_error(live: Live, fault: BotFault) -> None:
    """The error in the log, the end in the store; the position is kept."""
    try:
        live.recorder.fault = fault
        await live.session.note(observation(EventKind.ERROR, live.now_at), fault.words)
        await live.session.end(EndReason.ERROR)
    except Fault as second:
        logger.error("The error of bot %s was not stored: %s", live.bot.id, second.words)


async def note_error(tools: Tools, standing: BotStanding, fault: BotFault) -> None:
    """The error of a bot whose session had not begun, or has ended already."""
    try:
        async with tools.store.action("bot_failed") as db:
            bot_states.save(db, replace(standing, state=BotState.ERROR, fault=fault))
            bot_states.release(db, standing.bot_id)
    except Fault as second:
        logger.error("The error of bot %s was not stored: %s", standing.bot_id, second.words)


async def interrupt(live: Live) -> bool:
    """Everything so far to disk; the next start goes on with it. False if it was not stored."""
    session_id = live.session_id
    assert session_id is not None

    def closing(db: Action, standing: BotStanding) -> None:
        sessions.set_status(db, session_id, SessionStatus.INTERRUPTED)
        bot_states.save(db, replace(standing, state=BotState.STOPPED))
        bot_states.release(db, standing.bot_id)

    try:
        await live.recorder.flush(closing)
    except Fault as fault:
        logger.error("Bot %s could not store its end: %s", live.bot.id, fault.words)
        return False
    return True


def overflow_fault(live: Live, now_ms: int) -> BotFault | None:
    """The error of a session that the kernel ended to keep money exact; else None."""
    log = live.session.fold.log.table
    ended = log[log[:, ev.KIND] == EventKind.SESSION_ENDED]
    over = live.session.decider.state[slot.ENDED] and len(ended)
    if not over or ended[-1, ev.CODE] != EndReason.MONEY_OVERFLOW:
        return None
    words = (
        "An amount would have left the range in which money is exact. The session was ended "
        "before it did. Use a smaller share, then start the bot again."
    )
    return BotFault("MoneyOverflow", words, "", now_ms)
