"""The history's part of the engine that lives in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.domain.money import plain
from engine.domain.presets import Preset
from engine.domain.session_notes import checked_note, checked_tags, checked_title
from engine.domain.sessions import SessionRecord
from engine.errors import UnknownName
from engine.messages import commands as cm
from engine.messages.comparison import Compared, TradesTaken
from engine.messages.histories import (
    T_ENTRY_AT,
    T_EXIT_AT,
    T_PNL,
    T_SIDE,
)
from engine.messages.history import COLUMNS, History, Values
from engine.messages.review import Review
from trader_gui.models.session_rows import params_text

WRITTEN = tuple[str, str, tuple[str, ...]]
"""Name, note, tags."""


def line_of(record: SessionRecord) -> Values:
    """A record as the store lists it."""
    settings, result = record.settings, record.result
    shown: dict[str, int | float | str | None] = {
        "id": record.id,
        "mode": record.mode.value,
        "status": record.status.value,
        "end_reason": record.end_reason,
        "bot_name": record.bot_name,
        "title": record.title,
        "note": record.note,
        "tags": "\n".join(record.tags),
        "strategy": settings.strategy,
        "params": params_text(record),
        "symbol": settings.symbol,
        "timeframe_ms": settings.timeframe_ms,
        "source": settings.source,
        "money_unit": plain(settings.scale.product_unit),
        "created_at": record.created_at,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "bars": result.bars,
        "trades": result.trades,
        "wins": result.wins,
        "net_pnl": result.net_pnl,
        "fees": result.fees,
        "equity_first": result.equity_first,
        "equity_last": result.equity_last,
        "max_drawdown_pct": result.max_drawdown_pct,
        "sharpe": result.sharpe,
    }
    return tuple(shown[name] for name in COLUMNS)


def history_of(records: Sequence[SessionRecord]) -> History:
    """Records, newest first, in columns."""
    return History.of([line_of(record) for record in records])


class FakeHistory:
    """What was written beside sessions, and which are deleted."""

    def __init__(self) -> None:
        self.written: dict[int, WRITTEN] = {}
        self.deleted: set[int] = set()
        self.kept_presets: dict[str, Preset] = {}

    async def presets(self) -> tuple[Preset, ...]:
        return tuple(self.kept_presets[name] for name in sorted(self.kept_presets))

    def dressed(self, record: SessionRecord) -> SessionRecord:
        title, note, tags = self.written.get(record.id, ("", "", ()))
        return replace(record, title=title, note=note, tags=tags)

    def write(self, wish: cm.SessionCommand) -> tuple[int, ...]:
        """As the engine does it."""
        match wish:
            case cm.RenameSession():
                _, note, tags = self._about(wish.session_id)
                self.written[wish.session_id] = (checked_title(wish.title), note, tags)
                return (wish.session_id,)
            case cm.NoteSession():
                title, _, tags = self._about(wish.session_id)
                self.written[wish.session_id] = (title, checked_note(wish.note), tags)
                return (wish.session_id,)
            case cm.TagSessions():
                for one in wish.session_ids:
                    title, note, tags = self._about(one)
                    now = {*tags, *checked_tags(wish.add)} - set(wish.remove)
                    self.written[one] = (title, note, checked_tags(now))
            case cm.DeleteSessions():
                self.deleted.update(wish.session_ids)
            case cm.RestoreSessions():
                if not self.deleted.issuperset(wish.session_ids):
                    raise UnknownName("It is gone for good and cannot be brought back.")
                self.deleted.difference_update(wish.session_ids)
        return wish.session_ids

    def _about(self, session_id: int) -> WRITTEN:
        return self.written.get(session_id, ("", "", ()))


def compared(review: Review) -> Compared:
    """A session of the stories as the engine compares it; only some of the figures."""
    record, equity = review.record, review.equity.table
    result, trades = record.result, review.end().session.trades.rows
    first = result.equity_first
    return Compared(
        record,
        review.market.quote_coin,
        equity[:, 0],
        equity[:, 1],
        first,
        {
            "return_pct": 100 * result.net_pnl / first,
            "max_drawdown_pct": result.max_drawdown_pct,
            "trades": result.trades,
            "fees": record.settings.scale.money(result.fees),
        },
        {"strategy": record.settings.strategy, "symbol": record.settings.symbol},
        TradesTaken(
            trades[:, T_SIDE], trades[:, T_ENTRY_AT], trades[:, T_EXIT_AT], trades[:, T_PNL]
        ),
    )
