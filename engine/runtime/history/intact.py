"""Whether a session's recording is still the one whose hash was stored with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engine.domain.extra_feeds import Followed, nothing_followed
from engine.domain.rows import Rows
from engine.domain.rows_hash import is_hash_of
from engine.domain.sessions import SessionRecord, SessionSettings
from engine.errors import Fault
from engine.runtime.sources.strategies import find_strategy
from engine.strategies.guard import wanted_extras

logger = logging.getLogger(__name__)


def is_intact(record: SessionRecord, rows: Rows, followed: Sequence[Followed]) -> bool:
    """For a record that has a hash. Takes a moment for a long recording: call it in a worker."""
    if is_hash_of(record.rows_hash, rows, followed):
        return True
    # The first versions hashed the name of a market of which nothing came, and nothing of it is
    # stored: only the strategy still names it.
    unheard = _unheard(record.settings, followed)
    return bool(unheard) and is_hash_of(record.rows_hash, rows, (*followed, *unheard))


def _unheard(settings: SessionSettings, followed: Sequence[Followed]) -> tuple[Followed, ...]:
    """Markets that its strategy follows and nothing is recorded of."""
    try:
        wanted = wanted_extras(find_strategy(settings.strategy), settings.params)
    except Fault as fault:
        logger.info("Which markets %s follows is not known: %s", settings.strategy, fault.words)
        return ()
    markets = dict.fromkeys(extra.market for extra in wanted if extra.symbol)
    heard = {one.market for one in followed}
    return tuple(nothing_followed(*market) for market in markets if market not in heard)
