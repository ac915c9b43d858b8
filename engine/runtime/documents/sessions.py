"""What the console prints for programs: money as exact text, ratios as numbers, times in UTC ms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.core.metrics import TradeColumns
from engine.domain.candles import timeframe_text
from engine.domain.columns import IntMatrix
from engine.domain.money import Scale, plain
from engine.domain.reasons import Action, EndReason, ExitReason, Input, Refusal, Side
from engine.domain.sessions import FineShare, SessionRecord
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventColumns, EventKind, chain, refusal_counts
from engine.runtime.documents.exact_text import exact_texts
from engine.runtime.documents.metrics_document import excursion_documents, metrics_document
from engine.runtime.documents.settings_document import Document, settings_document
from engine.runtime.documents.trust_document import (
    ambiguity_document,
    ambiguous_trades,
    blocked_document,
    trusted,
)
from engine.runtime.history.archive import Archived
from engine.runtime.history.figures import report_of
from engine.runtime.history.intact import is_intact
from engine.runtime.opinions import Opinion

_SIDES: Final = {int(side): side.name.lower() for side in Side}
_REASONS: Final = {int(reason): reason.code for reason in ExitReason}


def session_document(
    session: Archived, *, stored: bool, opinion: Opinion | None = None
) -> Document:
    """The object of ``backtest --json`` and ``sessions show --json``; `opinion` is the strategy's
    on the session's candles, where it was just asked."""
    record, log = session.record, session.log.table
    scale = record.settings.scale
    report = report_of(session)
    trades = trade_documents(report.trades, scale, session.closed_in)
    seen = excursion_documents(report, scale)
    trust = trusted(session, opinion)
    doubtful = ambiguous_trades(trust.doubt, report.trades.no)
    return {
        "session_id": record.id if stored else None,
        "stored": stored,
        "hash": record.event_hash,
        "bars": report.quality.bars,
        "mode": record.mode.value,
        "status": record.status.value,
        "end_reason": None if record.end_reason is None else EndReason(record.end_reason).code,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "settings": settings_document(record.settings),
        "fine": fine_document(record.settings.fine),
        "let_go_at": session.let_go_at,
        "trades": [
            trade | one | {"ambiguous": ambiguous}
            for trade, one, ambiguous in zip(trades, seen, doubtful, strict=True)
        ],
        "refusals": refusals_document(log),
        "ambiguity": ambiguity_document(trust.doubt, scale),
        "blocked": blocked_document(trust.blocked, scale),
        "blocked_unpriced": trust.unpriced,
        "metrics": metrics_document(report, scale),
    }


def fine_document(share: FineShare | None) -> Document | None:
    """How many bars finer candles decided; None where none were asked for."""
    if share is None:
        return None
    return {
        "timeframe": timeframe_text(share.timeframe_ms),
        "bars": share.bars,
        "decided": share.decided,
        "missing": share.missing,
        "disagreeing": share.disagreeing,
        "share_pct": share.share_pct,
    }


def trade_documents(
    columns: TradeColumns, scale: Scale, closed_in: Mapping[int, int]
) -> list[Document]:
    """Closed trades in order of entry; an open one has nulls where its exit will be, and the
    later session that closed it in `closed_in`."""
    money = scale.product_unit
    texts = {
        "amount": exact_texts(columns.amount, scale.amount_unit),
        "entry_price": exact_texts(columns.entry_price, scale.price_step),
        "exit_price": exact_texts(columns.exit_price, scale.price_step),
        "fees": exact_texts(columns.fees, money),
        "pnl": exact_texts(columns.pnl, money),
    }
    numbers = {
        name: getattr(columns, name).tolist()
        for name in ("no", "side", "entry_at", "exit_at", "exit_reason")
    }
    return [
        {
            "side": _SIDES[numbers["side"][row]],
            "amount": texts["amount"][row],
            "entry_time": numbers["entry_at"][row],
            "entry_price": texts["entry_price"][row],
            "exit_time": numbers["exit_at"][row] if closed else None,
            "exit_price": texts["exit_price"][row] if closed else None,
            "exit_reason": _REASONS[numbers["exit_reason"][row]] if closed else None,
            "fees": texts["fees"][row],
            "pnl": texts["pnl"][row] if closed else None,
            "closed_in": closed_in.get(numbers["no"][row]),
        }
        for row, closed in enumerate(columns.closed.tolist())
    ]


def refusals_document(log: IntMatrix) -> dict[str, int]:
    """How often each rule said no, by its code."""
    counts = refusal_counts(log)
    return {code.code: int(counts[code]) for code in Refusal if counts[code]}


def record_document(record: SessionRecord) -> Document:
    """One line of ``sessions list --json``."""
    scale, result = record.settings.scale, record.result
    return {
        "session_id": record.id,
        "mode": record.mode.value,
        "status": record.status.value,
        "bot_id": record.bot_id,
        "bot_name": record.bot_name,
        "symbol": record.settings.symbol,
        "timeframe": timeframe_text(record.settings.timeframe_ms),
        "strategy": record.settings.strategy,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "end_reason": None if record.end_reason is None else EndReason(record.end_reason).code,
        "hash": record.event_hash,
        "bars": result.bars,
        "trades": result.trades,
        "net_profit": plain(scale.money(result.net_pnl)),
        "fees": plain(scale.money(result.fees)),
        "equity_last": plain(scale.money(result.equity_last)),
        "error": record.error or None,
    }


def event_document(row: list[int], note: str, scale: Scale) -> Document:
    """One event: its kind, its times, and whatever of its columns says something."""
    kind = EventKind(row[ev.KIND])
    document: Document = {
        "kind": kind.name.lower(),
        "no": row[ev.NO] or None,
        "row_at": row[ev.ROW_AT],
        "at": row[ev.AT],
    }
    code = _code(kind, row[ev.CODE])
    if code:
        document["code"] = code
    if row[ev.ACTION]:
        document["action"] = Action(row[ev.ACTION]).name.lower()
    for name, column in (("price", ev.PRICE), ("stop", ev.STOP), ("target", ev.TARGET)):
        if row[column]:
            document[name] = plain(scale.price(row[column]))
    if row[ev.AMOUNT]:
        document["amount"] = plain(scale.amount(row[ev.AMOUNT]))
    for name, column in (("fee", ev.FEE), ("pnl", ev.PNL)):
        if row[column]:
            document[name] = plain(scale.money(row[column]))
    if row[ev.KIND] < ev.OBSERVATIONS:
        document["cash"] = plain(scale.money(row[ev.CASH]))
        document["position"] = plain(scale.amount(row[ev.POSITION]))
    if note:
        document["note"] = note
    return document


def _code(kind: EventKind, code: int) -> str:
    match kind:
        case EventKind.REFUSAL | EventKind.REFUSALS_COUNTED:
            return Refusal(code).code
        case EventKind.TRADE_CLOSED | EventKind.LEVEL_TOUCHED:
            # A level that adds to a position has none.
            return ExitReason(code).code if code else ""
        case EventKind.SESSION_ENDED:
            return EndReason(code).code
        case EventKind.COMMANDED:
            return Input(code).name.lower()
        case _:
            return ""


def export_document(session: Archived) -> Document:
    """``sessions export --json``: what `show` says, what was written about it and what it was made
    with, and all events and rows as they are stored."""
    document = session_document(session, stored=True)
    hashed = chain(EMPTY_HASH, session.log.table).hex()
    record, kept = session.record, session.record.rows_hash
    return document | {
        "title": record.title,
        "note": record.note,
        "tags": list(record.tags),
        "program_version": record.program_version,
        "seed": record.seed,
        "strategy_hash": record.strategy_hash or None,
        "strategy_source": record.strategy_source or None,
        "chain_intact": hashed == session.record.event_hash,
        "rows_hash": kept or None,
        "rows_intact": is_intact(record, session.rows, session.followed) if kept else None,
        "events": [
            {
                "seq": seq,
                "integers": row,
                **event_document(row, note, session.record.settings.scale),
            }
            for seq, row, note in _rows(session.log)
        ],
        "rows": [
            [*row, volume]
            for row, volume in zip(
                session.rows.table.tolist(), session.rows.volume.tolist(), strict=True
            )
        ],
    }


def _rows(log: EventColumns) -> list[tuple[int, list[int], str]]:
    return [(seq, row, log.note(seq)) for seq, row in enumerate(log.table.tolist())]
