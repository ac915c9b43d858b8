"""Reading a session that goes on while it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.runtime.history import loading
from engine.store.database import Store
from tests.golden.unpacking import GOLDEN, unpack


async def test_the_recording_reaches_as_far_as_the_events_that_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row is on disk before what came of it: whoever reads the rows first may miss some."""
    told: list[str] = []

    def telling(name: str, load: Any) -> Any:
        async def tell(*wish: Any) -> Any:
            told.append(f"{name} asked")
            answer = await load(*wish)
            told.append(f"{name} read")
            return answer

        return tell

    for room in (loading.events, loading.recordings):
        name = room.__name__.rpartition(".")[2]
        monkeypatch.setattr(room, "load", telling(name, room.load))
    unpack(GOLDEN[-1], tmp_path)
    store = await Store.open(tmp_path)
    try:
        session = await loading.load_session(store, 1)
    finally:
        await store.close()
    assert told == ["events asked", "events read", "recordings asked", "recordings read"]
    assert len(session.log)
    assert len(session.rows)
