"""A position check is stored with the row that showed it, never in an action of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.domain.bots import BotState
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.engine import Engine
from engine.store.repositories import events, recordings
from tests.runtime.support import StillClock, file_bot, until, write_candles


async def test_no_action_holds_a_check_without_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: dict[int, list[str]] = {}
    rows_in, events_in = recordings.append, events.append

    def append_rows(*given: object) -> None:
        parts.setdefault(id(given[0]), []).append("rows")
        rows_in(*given)  # type: ignore[arg-type]

    def append_events(*given: object) -> None:
        kinds = given[3][:, ev.KIND].tolist()  # type: ignore[index]
        names = ["check" if kind == EventKind.POSITION_CHECK else "event" for kind in kinds]
        parts.setdefault(id(given[0]), []).extend(names)
        actions.append(given[0])
        events_in(*given)  # type: ignore[arg-type]

    actions: list[object] = []  # kept, so that no id is given twice
    monkeypatch.setattr(recordings, "append", append_rows)
    monkeypatch.setattr(events, "append", append_events)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        settings = file_bot(write_candles(tmp_path / "c.csv", 200))
        await engine.execute(cm.CreateBot(settings, start=True))
        await until(engine, lambda now: now.bots[0].session.ended is not None)
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
    finally:
        await engine.close()
    checked = [parts[id(action)] for action in actions if "check" in parts[id(action)]]
    assert len(checked) > 10
    assert all(action.count("rows") == action.count("check") == 1 for action in checked)
    assert any("event" in action for action in checked)
