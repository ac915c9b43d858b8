"""Plays the golden sessions of today's release: ``python -m tests.golden.make``.

Run once per release. Files of earlier releases are never written again: what they hold must come to
the same hashes for ever.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from engine.runtime.kernel_cache import prepare_kernel_cache

HERE: Final = Path(__file__).parent


async def play(folder: Path) -> dict[str, tuple[int, ...]]:
    """The ids of the sessions of each story, played into `folder`/data."""
    from engine.runtime.engine import Engine
    from tests.golden.stories import STORIES
    from tests.runtime.support import QuickClock

    engine = await Engine.open(folder / "data", clock=QuickClock())
    try:
        return {name: await story(engine, folder) for name, story in STORIES.items()}
    finally:
        await engine.close()


async def hashes(folder: Path) -> dict[str, str]:
    """Of every session there, by its id."""
    from engine.store.database import Store
    from engine.store.repositories import sessions

    store = await Store.open(folder, read_only=True)
    try:
        return {str(one.id): one.event_hash for one in await sessions.every(store)}
    finally:
        await store.close()


def make() -> None:
    """The file of this release with its hashes beside it."""
    from engine import __version__
    from engine.store.opening import FILE_NAME

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        stories = asyncio.run(play(folder))
        found = asyncio.run(hashes(folder / "data"))
        file = folder / "data" / FILE_NAME
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
            database.execute("VACUUM")
        name = f"sessions-{__version__}"
        (HERE / f"{name}.sqlite.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    told = {"stories": stories, "hashes": found}
    (HERE / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    prepare_kernel_cache()
    make()
