"""The plainest action there is, and another program in its way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert, select

from engine.errors import Fault
from engine.store.database import Action, Store
from engine.store.opening import FILE_NAME
from engine.store.tables import ACCOUNTS


def add(db: Action, name: str, *, refusal: Fault | None = None) -> None:
    money = {"starting_balance": Decimal(1), "returned": Decimal(0)}
    row = {"name": name, "currency": "USDT", "reset_at": 0, **money}
    db.run(insert(ACCOUNTS), row, refusal=refusal)


async def put(store: Store, *names: str) -> None:
    async with store.action("put") as db:
        for name in names:
            add(db, name)


async def names(store: Store) -> list[str]:
    async with store.reading() as session:
        return list(await session.scalars(select(ACCOUNTS.c.name).order_by(ACCOUNTS.c.name)))


@contextmanager
def held_by_another_program(folder: Path) -> Iterator[None]:
    other = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()
