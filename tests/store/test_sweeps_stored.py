"""Sweeps with their sets and what they were asked for: stored, deleted, damaged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from engine.errors import RecordDamaged, UnknownName
from engine.store.database import Store
from engine.store.repositories import (
    sweep_origins,
    sweeps,
)
from engine.store.tables import (
    SWEEP_ORIGINS,
    SWEEP_ROWS,
    SWEEP_UNSEEN_ROWS,
    SWEEPS,
)
from tests.store.samples import (
    add_session,
    sweep,
    sweep_origin,
)


async def test_a_sweep_keeps_its_sets_and_what_became_sessions(store: Store) -> None:
    record, rows = sweep(3)
    async with store.action("save") as db:
        add_session(db, 5)
        sweeps.add(db, record, rows)
        sweeps.promoted(db, 3, 3, 5)
    found, kept = await sweeps.get(store, 3)
    assert found == record
    assert kept == (rows[0], replace(rows[1], session_id=5))
    assert str(kept[0].settings["stop_loss_pct"]) == "0.50"
    assert await sweeps.every(store) == (record,)
    with pytest.raises(UnknownName, match="no sweep 4"):
        await sweeps.get(store, 4)
    with pytest.raises(UnknownName, match="not that set"):
        async with store.action("promote") as db:
            sweeps.promoted(db, 3, 2, 5)


async def test_a_deleted_sweep_comes_back_until_it_is_gone(store: Store) -> None:
    record, rows = sweep(3)
    async with store.action("save") as db:
        sweeps.add(db, record, rows)
        sweep_origins.add(db, 3, sweep_origin())
        sweeps.add(db, *sweep(4))
    async with store.action("delete") as db:
        sweeps.set_deleted(db, 3, 1_000)
    assert [one.id for one in await sweeps.every(store)] == [4]
    with pytest.raises(UnknownName, match="no sweep 3"):
        await sweeps.get(store, 3)
    assert await sweeps.deleted(store, 999) == ()
    async with store.action("back") as db:
        sweeps.set_deleted(db, 3, None)
        sweeps.remove(db, (3, 4))  # nothing that is not marked
    assert await sweeps.get(store, 3) == (record, rows)
    assert await sweep_origins.find(store, 3) == sweep_origin()
    async with store.action("delete") as db:
        sweeps.set_deleted(db, 3, 1_000)
    assert await sweeps.deleted(store, 1_000) == (3,)
    async with store.action("gone") as db:
        sweeps.remove(db, (3,))
    for table in (SWEEPS, SWEEP_ROWS, SWEEP_UNSEEN_ROWS, SWEEP_ORIGINS):
        async with store.reading() as session:
            left = (await session.execute(select(table))).all()
        assert 3 not in [row[0] for row in left], table.name
    with pytest.raises(UnknownName):
        async with store.action("back") as db:
            sweeps.set_deleted(db, 3, None)


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x01", b"\x02\x00"])
async def test_places_of_sets_that_cannot_be_are_told(store: Store, content: bytes) -> None:
    async with store.action("save") as db:
        sweeps.add(db, *sweep(3))
        sweep_origins.add(db, 3, sweep_origin())
        db.run(update(SWEEP_ORIGINS).values(places=content))
    with pytest.raises(RecordDamaged, match="backups"):
        await sweep_origins.find(store, 3)


async def test_a_sweep_that_cannot_be_read_leaves_the_others_in_the_list(store: Store) -> None:
    async with store.action("save") as db:
        sweeps.add(db, *sweep(3))
        sweeps.add(db, *sweep(4))
        db.run(update(SWEEPS).where(SWEEPS.c.id == 3).values(grid="no grid"))
    assert [one.id for one in await sweeps.every(store)] == [4]
    with pytest.raises(RecordDamaged):
        await sweeps.get(store, 3)
