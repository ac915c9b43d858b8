"""Paper accounts: the money a person plays with."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from engine.store.action import Action
from engine.store.database import Store
from engine.store.records import AccountRecord
from engine.store.tables import ACCOUNTS


def save(db: Action, account: AccountRecord) -> None:
    """Store an account in place of the one of that name, if there is one."""
    db.run(delete(ACCOUNTS).where(ACCOUNTS.c.name == account.name))
    db.run(
        insert(ACCOUNTS),
        {
            "name": account.name,
            "currency": account.currency,
            "starting_balance": account.starting_balance,
            "returned": account.returned,
            "reset_at": account.reset_at,
            "max_open_positions": account.max_open_positions,
            "max_exposure_pct": account.max_exposure_pct,
        },
    )


async def find(store: Store, name: str) -> AccountRecord | None:
    """The account of that name, or None before the first start."""
    async with store.reading() as session:
        row = (await session.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name))).one_or_none()
    if row is None:
        return None
    return AccountRecord(**row._mapping)
