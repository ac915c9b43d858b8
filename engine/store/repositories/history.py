"""Questions about what a session did: its trades, signals, orders, fills and their counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table, func, or_, select

from engine.domain.reasons import Action, ExitReason, Refusal, Side
from engine.store.database import Store
from engine.store.records import (
    FillRecord,
    OrderRecord,
    OrderStatus,
    SessionCounters,
    SignalRecord,
    TradeRecord,
    TradeStatus,
)
from engine.store.tables import EVENTS, FILLS, ORDERS, SIGNALS, TRADES


async def trades(
    store: Store, session_id: int, *, carried: bool = False
) -> tuple[TradeRecord, ...]:
    """Trades that the session opened, oldest first; with `carried` also those it closed for an
    earlier session, which come first."""
    mine = TRADES.c.session_id == session_id
    if carried:
        mine = or_(mine, TRADES.c.closed_in == session_id)
    wanted = select(TRADES).where(mine).order_by(TRADES.c.session_id, TRADES.c.no)
    async with store.reading() as session:
        found = (await session.execute(wanted)).all()
    return tuple(_trade(row) for row in found)


async def open_trade(store: Store, session_id: int) -> TradeRecord | None:
    """The trade that the session opened and nobody has closed yet."""
    wanted = select(TRADES).where(
        TRADES.c.session_id == session_id, TRADES.c.status == TradeStatus.OPEN.value
    )
    async with store.reading() as session:
        row = (await session.execute(wanted)).one_or_none()
    return None if row is None else _trade(row)


async def signals(store: Store, session_id: int) -> tuple[SignalRecord, ...]:
    """Accepted and refused signals, oldest first."""
    found = await _rows(store, SIGNALS, session_id)
    return tuple(
        SignalRecord(
            session_id=row.session_id,
            no=row.no,
            row_at=row.row_at,
            at=row.at,
            action=Action(row.action),
            side=Side(row.side),
            price=row.price,
            reason=row.reason,
            refusal=None if row.refusal is None else Refusal(row.refusal),
            limit=row.limit_value,
            actual=row.actual,
            count=row._mapping["count"],
            last_at=row.last_at,
            note=row.note or "",
        )
        for row in found
    )


async def orders(store: Store, session_id: int) -> tuple[OrderRecord, ...]:
    """Orders with what became of them, oldest first."""
    found = await _rows(store, ORDERS, session_id)
    return tuple(
        OrderRecord(
            session_id=row.session_id,
            no=row.no,
            row_at=row.row_at,
            at=row.at,
            action=Action(row.action),
            side=Side(row.side),
            amount=row.amount,
            price=row.price,
            price_unslipped=row.price_unslipped,
            status=OrderStatus(row.status),
            fill_no=row.fill_no,
            ended_at=row.ended_at,
        )
        for row in found
    )


async def closed_later(store: Store, session_id: int) -> dict[int, int]:
    """Number of each trade of this session that a later one closed -> that session."""
    wanted = select(TRADES.c.no, TRADES.c.closed_in).where(
        TRADES.c.session_id == session_id, TRADES.c.closed_in != session_id
    )
    async with store.reading() as session:
        return {int(no): int(closer) for no, closer in await session.execute(wanted)}


async def fills(store: Store, session_id: int) -> tuple[FillRecord, ...]:
    """Fills, oldest first."""
    found = await _rows(store, FILLS, session_id)
    return tuple(
        FillRecord(
            session_id=row.session_id,
            no=row.no,
            row_at=row.row_at,
            at=row.at,
            action=Action(row.action),
            side=Side(row.side),
            amount=row.amount,
            price=row.price,
            price_unslipped=row.price_unslipped,
            fee=row.fee,
            pnl=row.pnl,
            cash=row.cash,
            position=row.position,
            trade_session_id=row.trade_session_id,
            trade_no=row.trade_no,
        )
        for row in found
    )


async def refusals(store: Store, session_id: int) -> dict[Refusal, int]:
    """How often each rule said no; runs of equal refusals count each one."""
    wanted = (
        select(SIGNALS.c.refusal, func.sum(SIGNALS.c["count"]))
        .where(SIGNALS.c.session_id == session_id, SIGNALS.c.refusal.is_not(None))
        .group_by(SIGNALS.c.refusal)
        .order_by(SIGNALS.c.refusal)
    )
    async with store.reading() as session:
        return {Refusal(code): int(many) for code, many in await session.execute(wanted)}


async def counts(store: Store, session_id: int) -> SessionCounters:
    """How much is stored for a session, seen at one moment."""
    refused = select(func.coalesce(func.sum(SIGNALS.c["count"]), 0)).where(
        SIGNALS.c.session_id == session_id, SIGNALS.c.refusal.is_not(None)
    )
    async with store.reading() as session:
        rows = {
            table.name: int(
                (
                    await session.execute(
                        select(func.count()).where(table.c.session_id == session_id)
                    )
                ).scalar_one()
            )
            for table in (EVENTS, SIGNALS, ORDERS, FILLS, TRADES)
        }
        return SessionCounters(refused=int((await session.execute(refused)).scalar_one()), **rows)


async def _rows(store: Store, table: Table, session_id: int) -> list[Row[Any]]:
    wanted = select(table).where(table.c.session_id == session_id).order_by(table.c.no)
    async with store.reading() as session:
        return list((await session.execute(wanted)).all())


def _trade(row: Row[Any]) -> TradeRecord:
    return TradeRecord(
        session_id=row.session_id,
        no=row.no,
        side=Side(row.side),
        amount=row.amount,
        opened_at=row.opened_at,
        entry_price=row.entry_price,
        stop=row.stop,
        target=row.target,
        status=TradeStatus(row.status),
        closed_in=row.closed_in,
        closed_at=row.closed_at,
        exit_price=row.exit_price,
        reason=None if row.reason is None else ExitReason(row.reason),
        fees=row.fees,
        pnl=row.pnl,
        exited=row.exited,
        funding=row.funding,
    )
