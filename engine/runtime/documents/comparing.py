"""Two to six stored sessions made ready to stand beside each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import numpy as np

from engine.core.metrics import values
from engine.domain.columns import IntColumn
from engine.domain.sessions import SessionStatus
from engine.errors import Fault, InvalidSetting
from engine.language import tr
from engine.messages.comparison import FEWEST, MOST, Compared, SessionsUnread, TradesTaken
from engine.runtime.documents.setting_words import shown_settings
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.figures import course_and_report
from engine.runtime.workers import in_thread

_KEPT: Final = 24
"""Of sessions that have ended, which change no more."""


class Comparing:
    """Answers for the same sessions again without reading them again."""

    def __init__(self, load: Callable[[int], Awaitable[Archived]]) -> None:
        self._load = load
        self._kept: dict[int, Compared] = {}

    async def compare(self, session_ids: tuple[int, ...]) -> tuple[Compared, ...]:
        """These sessions in their order; InvalidSetting unless they are two to six, SessionsUnread
        where some of them cannot be read."""
        if not FEWEST <= len(set(session_ids)) == len(session_ids) <= MOST:
            raise InvalidSetting(
                tr(
                    "{count} sessions cannot be compared. Choose {fewest} to {most} "
                    "different ones.",
                    count=len(session_ids),
                    fewest=FEWEST,
                    most=MOST,
                ),
                field="session_ids",
            )
        made: dict[int, Compared] = {}
        unread: dict[int, Fault] = {}
        # One after the other: side by side their threads would wait for one another.
        for one in session_ids:
            if one not in self._kept:
                try:
                    made[one] = await self._made(one)
                except Fault as fault:
                    unread[one] = fault
        found = self._kept | made
        self._keep([found[one] for one in session_ids if one in found])
        if unread:
            raise SessionsUnread(unread)
        return tuple(found[one] for one in session_ids)

    async def _made(self, session_id: int) -> Compared:
        session = await self._load(session_id)
        return await in_thread("compare", lambda: compared(session))

    def _keep(self, found: list[Compared]) -> None:
        """As the newest; of those that run nothing is kept."""
        for one in found:
            self._kept.pop(one.record.id, None)
            if one.record.status is not SessionStatus.RUNNING:
                self._kept[one.record.id] = one
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]


def compared(session: Archived) -> Compared:
    """Its equity, figures, settings and trades. Takes a while: call it in a worker."""
    settings = session.record.settings
    course, report = course_and_report(session)
    trades = report.trades
    return Compared(
        record=session.record,
        coin=market_of(settings).quote_coin,
        at=course.at,
        equity=course.equity,
        first=course.ends[0],
        values=values(report, settings.scale),
        settings=dict(shown_settings(settings)),
        trades=TradesTaken(
            side=trades.side,
            entry_at=trades.entry_at,
            exit_at=np.where(trades.closed, trades.exit_at, 0).astype(np.int64),
            pnl=_of_closed(trades.pnl, trades.closed),
        ),
    )


def _of_closed(pnl: IntColumn, closed: Any) -> IntColumn:
    counts: IntColumn = np.where(closed, pnl, 0).astype(np.int64)
    return counts
