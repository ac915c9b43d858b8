"""What a stored session lacks: the archive it was played on, or a part of itself."""

from __future__ import annotations

from typing import Final

from engine.domain.archive import Series
from engine.domain.rows import AT
from engine.domain.sessions import ENDED, SessionSettings
from engine.language import tr
from engine.markets.archive.archive import Archive
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventKind, chain
from engine.runtime.history.archive import Archived


def gone_words(settings: SessionSettings, archive: Archive) -> str:
    """A sentence where the archive no longer has the candles a session was played on; "" where it
    has them, or was not asked. Reads a folder's names: call it in a worker.

    The session's own recording has every candle it saw, so all of it is still shown and proved.
    """
    if not settings.exchange:
        return ""
    step = settings.made_from_ms or settings.timeframe_ms
    series = Series(settings.exchange, settings.symbol, step)
    if series in archive.of_market(settings.exchange, settings.symbol):
        return ""
    return tr(
        "The candles {label} that this session was played on were deleted from the "
        "archive. Everything here is from its own recording; only a new backtest "
        "with other settings needs them again.",
        label=series.label,
    )


_EMPTY: Final = 2
"""Events of a session that saw no price: it started and ended."""


def broken_off_words(session: Archived) -> str:
    """A sentence where the events or the recording of a session that has ended do not reach its
    end: what is there is shown, and what is missing was lost; "" where both are whole."""
    if session.record.status not in ENDED or session.let_go_at is not None:
        return ""
    decided = session.log.table[session.log.table[:, ev.KIND] < ev.OBSERVATIONS]
    seen_until = session.rows.table[:, AT].max(initial=0)
    if not len(decided) or decided[-1, ev.KIND] != EventKind.SESSION_ENDED:
        return tr(
            "The events of this session broke off before its end: the rest was lost or "
            "changed outside of the program. What is there is shown; its figures in the "
            "list are those of the whole. To have it back, restore a copy from the "
            "folder 'backups' of the data folder."
        )
    if len(decided) > _EMPTY and seen_until < decided[-1, ev.ROW_AT]:
        return tr(
            "The recording of this session broke off before its end: the rest was lost or "
            "changed outside of the program. What is there is shown; its figures in the "
            "list are those of the whole. To have it back, restore a copy from the "
            "folder 'backups' of the data folder."
        )
    return ""


def changed_words(session: Archived) -> str:
    """A sentence where the events of a session that has ended do not give the hash that was stored
    with them; "" where they do. Takes a moment for a long one."""
    record = session.record
    if record.status not in ENDED or not record.event_hash:
        return ""
    if chain(EMPTY_HASH, session.log.table).hex() == record.event_hash:
        return ""
    return tr(
        "The events of this session do not give the hash that was stored with them: some were "
        "changed or lost outside of the program, so nothing here proves what happened. To have "
        "it back, restore a copy from the folder 'backups' of the data folder."
    )
