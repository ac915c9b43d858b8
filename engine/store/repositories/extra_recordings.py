"""Other markets that a session's strategy followed: their candles as it came to know them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from sqlalchemy import insert, select

from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.extra_feeds import Followed
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, ROW_WIDTH, Rows
from engine.errors import RecordDamaged
from engine.store.action import Action
from engine.store.database import Store
from engine.store.row_codec import decode, encode
from engine.store.tables import EXTRA_RECORDINGS

CHUNK: Final = 1 << 16

Counts = Mapping[tuple[str, int], int]
"""(symbol, timeframe) -> how many candles are stored."""


def append(
    db: Action, session_id: int, followed: Sequence[Followed], stored: Counts | None = None
) -> None:
    """Store what of `followed` comes after the candles that are `stored` already."""
    lines = []
    for one in followed:
        for first in range((stored or {}).get(one.market, 0), len(one), CHUNK):
            part = one.part(first, first + CHUNK)
            lines.append(
                {
                    "session_id": session_id,
                    "symbol": one.symbol,
                    "timeframe_ms": one.candles.timeframe_ms,
                    "first_candle": first,
                    "count": len(part),
                    "content": encode(_rows(part)),
                }
            )
    db.run(insert(EXTRA_RECORDINGS), lines)


async def load(store: Store, session_id: int) -> tuple[Followed, ...]:
    """All that a session saw of other markets; RecordDamaged if some is missing or changed."""
    columns = EXTRA_RECORDINGS.c
    wanted = (
        select(columns.symbol, columns.timeframe_ms, columns.first_candle, columns.content)
        .where(columns.session_id == session_id)
        .order_by(columns.symbol, columns.timeframe_ms, columns.first_candle)
    )
    async with store.reading() as session:
        found = [
            (str(symbol), int(timeframe_ms), int(first), bytes(content))
            for symbol, timeframe_ms, first, content in (await session.execute(wanted)).all()
        ]
    return await asyncio.to_thread(_joined, found) if found else ()


def _joined(chunks: Sequence[tuple[str, int, int, bytes]]) -> tuple[Followed, ...]:
    parts: dict[tuple[str, int], list[Rows]] = {}
    for symbol, timeframe_ms, first, content in chunks:
        before = parts.setdefault((symbol, timeframe_ms), [])
        expected = sum(len(part) for part in before)
        if first != expected:
            raise RecordDamaged(
                f"What this session saw of {symbol} has a gap or an overlap. Nothing was drawn "
                "from it. Its trades and events can still be read.",
                details=f"candles from {first}, expected from {expected}",
            )
        before.append(decode(content))
    return tuple(_followed(*market, rows) for market, rows in parts.items())


def _rows(followed: Followed) -> Rows:
    """As the recording's codec takes it, bit for bit: how late each candle was known where rows
    have a kind, and the bits of its prices."""
    candles = followed.candles
    table = np.empty((len(followed), ROW_WIDTH), np.int64)
    table[:, KIND] = followed.known_at - candles.open_at - candles.timeframe_ms
    table[:, AT] = candles.open_at
    for column, prices in (
        (OPEN, candles.open),
        (HIGH, candles.high),
        (LOW, candles.low),
        (CLOSE, candles.close),
    ):
        table[:, column] = np.ascontiguousarray(prices, np.float64).view(np.int64)
    return Rows(table, np.ascontiguousarray(candles.volume, np.float64))


def _followed(symbol: str, timeframe_ms: int, rows: Sequence[Rows]) -> Followed:
    table = np.concatenate([part.table for part in rows])
    opens, high, low, close = (_floats(table[:, at]) for at in (OPEN, HIGH, LOW, CLOSE))
    open_at = np.ascontiguousarray(table[:, AT])
    volume = np.concatenate([part.volume for part in rows])
    candles = Candles(open_at, opens, high, low, close, volume, timeframe_ms)
    return Followed(symbol, candles, open_at + timeframe_ms + table[:, KIND])


def _floats(bits: IntColumn) -> FloatColumn:
    return np.ascontiguousarray(bits).view(np.float64)
