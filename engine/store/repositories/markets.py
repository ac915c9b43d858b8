"""Where simulated markets stand."""

from __future__ import annotations

import json
from types import MappingProxyType

from sqlalchemy import delete, insert, select

from engine.errors import RecordDamaged
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.records import MarketState
from engine.store.tables import SIMULATED_MARKETS


def save_state(db: Action, market: MarketState) -> None:
    """Store where a simulated market stands; its state is what JSON can hold, exactly."""
    db.run(delete(SIMULATED_MARKETS).where(SIMULATED_MARKETS.c.name == market.name))
    db.run(
        insert(SIMULATED_MARKETS),
        {
            "name": market.name,
            "seed": str(market.seed),
            "state": json.dumps(dict(market.state), allow_nan=False),
            "saved_at": market.saved_at,
        },
    )


async def find_state(store: Store, name: str) -> MarketState | None:
    """Where the simulated market of that name stood last, or None."""
    wanted = select(SIMULATED_MARKETS).where(SIMULATED_MARKETS.c.name == name)
    async with store.reading() as session:
        row = (await session.execute(wanted)).one_or_none()
    if row is None:
        return None
    try:
        state = json.loads(row.state)
        return MarketState(row.name, int(row.seed), MappingProxyType(dict(state)), row.saved_at)
    except (ValueError, TypeError) as error:
        raise RecordDamaged(
            tr(
                "The stored state of the simulated market {name} is damaged. It was "
                "left as it is. Choose another market, or restore the database from the "
                "folder 'backups'.",
                name=name,
            ),
            details=repr(error),
        ) from error
