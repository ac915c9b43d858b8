"""Writes the fixture of the newest revision: ``python -m tests.store.keep_release``.

Run once per release that has a new revision. Files of earlier releases are never written again.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from engine.store import schema
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.repositories import (
    accounts,
    bot_states,
    events,
    extra_recordings,
    openings,
    preferences,
    projections,
    recordings,
    sweep_origins,
    sweeps,
)
from tests.store.samples import (
    ACCOUNT,
    OPENED,
    add_bot,
    add_session,
    events_of,
    session_record,
    some_followed,
    some_rows,
    sweep,
    sweep_origin,
)
from tests.store.test_projections import CLOSING, OPENING

FIXTURES = Path(__file__).parent / "fixtures"


async def write(folder: Path) -> None:
    rows = events_of(*OPENING, *CLOSING)
    store = await Store.open(folder)
    async with store.action("fill") as db:
        add_session(db, 1)
        openings.add(db, session_record(1), OPENED)
        add_bot(db, 3)
        bot_states.claim(db, 3, 1)
        recordings.append(db, 1, 0, some_rows(100))
        extra_recordings.append(db, 1, [some_followed()])
        events.append(db, 1, 0, rows, ["", "a note", *[""] * 8])
        projections.write(db, projections.fold(1, rows))
        accounts.save(db, ACCOUNT)
        sweeps.add(db, *sweep())
        sweep_origins.add(db, 1, sweep_origin())
        preferences.set_keep_days(db, 30)
    await store.close()


if __name__ == "__main__":
    FIXTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(write(Path(folder)))
        kept = FIXTURES / f"trader-{schema.newest_revision()}.sqlite"
        shutil.copy(Path(folder) / FILE_NAME, kept)
