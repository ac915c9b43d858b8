"""Other markets that a session's strategy followed: their candles as it came to know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import insert, select

from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.extra_feeds import Followed
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, ROW_WIDTH, Rows
from engine.store import chunks
from engine.store.action import Action
from engine.store.chunks import CHUNK_ROWS, followed_chain
from engine.store.database import Store
from engine.store.row_codec import encode
from engine.store.tables import EXTRA_RECORDINGS

Counts = Mapping[tuple[str, int], int]
"""(symbol, timeframe) -> how many candles are stored."""


def append(
    db: Action, session_id: int, followed: Sequence[Followed], stored: Counts | None = None
) -> None:
    """Store what of `followed` comes after the candles that are `stored` already."""
    append_parts(db, session_id, new_parts(followed, stored or {}))


def new_parts(followed: Sequence[Followed], stored: Counts) -> tuple[tuple[int, Followed], ...]:
    """What of `followed` is not among the `stored` candles, behind the number of its first."""
    firsts = ((stored.get(one.market, 0), one) for one in followed)
    return tuple((first, one.part(first, len(one))) for first, one in firsts if first < len(one))


def append_parts(db: Action, session_id: int, parts: Sequence[tuple[int, Followed]]) -> None:
    """Store such parts."""
    lines = []
    for first_of, one in parts:
        for start in range(0, len(one), CHUNK_ROWS):
            first, part = first_of + start, one.part(start, start + CHUNK_ROWS)
            lines.append(
                {
                    "session_id": session_id,
                    "symbol": one.symbol,
                    "timeframe_ms": one.candles.timeframe_ms,
                    "first_candle": first,
                    "count": len(part),
                    "content": encode(to_rows(part)),
                }
            )
    db.run(insert(EXTRA_RECORDINGS), lines)


async def load(store: Store, session_id: int) -> tuple[Followed, ...]:
    """All that a session saw of other markets; RecordDamaged if some is missing or changed."""
    columns = EXTRA_RECORDINGS.c
    wanted = (
        select(columns.symbol, columns.timeframe_ms)
        .where(columns.session_id == session_id)
        .distinct()
        .order_by(columns.symbol, columns.timeframe_ms)
    )
    async with store.reading() as session:
        markets = [(str(symbol), int(ms)) for symbol, ms in (await session.execute(wanted)).all()]
    return tuple(
        [
            from_rows(*market, await chunks.load(store, followed_chain(session_id, *market)))
            for market in markets
        ]
    )


def to_rows(followed: Followed) -> Rows:
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


def from_rows(symbol: str, timeframe_ms: int, rows: Rows) -> Followed:
    """What `to_rows` was given."""
    table = rows.table
    opens, high, low, close = (_floats(table[:, at]) for at in (OPEN, HIGH, LOW, CLOSE))
    open_at = np.ascontiguousarray(table[:, AT])
    candles = Candles(open_at, opens, high, low, close, rows.volume, timeframe_ms)
    return Followed(symbol, candles, open_at + timeframe_ms + table[:, KIND])


def _floats(bits: IntColumn) -> FloatColumn:
    return np.ascontiguousarray(bits).view(np.float64)
