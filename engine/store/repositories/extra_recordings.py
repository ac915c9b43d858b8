"""Other markets that a session's strategy followed: their candles as it came to know them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from engine.domain.extra_feeds import Followed
from engine.store import chunks
from engine.store.action import Action
from engine.store.chunks import CHUNK_ROWS, followed_chain
from engine.store.database import Store
from engine.store.followed_codec import Counts, from_rows, new_parts, to_rows
from engine.store.row_codec import encode
from engine.store.tables import EXTRA_RECORDINGS


def append(
    db: Action, session_id: int, followed: Sequence[Followed], stored: Counts | None = None
) -> None:
    """Store what of `followed` comes after the candles that are `stored` already."""
    append_parts(db, session_id, new_parts(followed, stored or {}))


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
    if lines:  # mostly there is nothing, and the statement takes longer than that
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
