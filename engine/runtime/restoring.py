"""Bots after a restart of the program: what they held and did, before anybody starts them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engine.domain.sessions import SessionStatus
from engine.errors import Fault
from engine.runtime.archive import market_of
from engine.runtime.live import restore
from engine.runtime.loading import load_session
from engine.runtime.workers import in_thread

if TYPE_CHECKING:
    from engine.runtime.bot import Bot
    from engine.runtime.preparing import Tools

logger = logging.getLogger(__name__)


async def restore_view(bot: Bot, tools: Tools) -> None:
    """Show the session a bot ran last. One that cannot be read is said in the log; the bot is
    then refused at its start with words."""
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
        return
    bot.scale = archived.record.settings.scale
    bot.interrupted = archived.record.status is SessionStatus.INTERRUPTED
    bot.view.show(market, restored.fold, restored.chart)
