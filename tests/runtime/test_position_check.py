"""A position check is stored with the row that showed it, never in an action of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import BotState
from engine.domain.settings import TradeSettings
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.liveness import Lamp, liveness
from engine.messages.snapshot import AppSnapshot
from engine.runtime.engine import Engine
from engine.store.repositories import events, recordings
from engine.strategies import STRATEGIES
from tests.runtime.flipping import Flipping
from tests.runtime.support import QuickClock, StillClock, file_bot, until, write_candles


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


async def test_what_is_held_is_looked_at_though_no_price_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gap of a week in a file played at its own pace: a look each minute of our time, and the
    cycle's last run with it."""
    monkeypatch.setitem(STRATEGIES, "flipping", Flipping())
    path = write_candles(tmp_path / "c.csv", 4)
    lines = path.read_text().splitlines()
    at, rest = lines[-1].split(",", 1)
    lines[-1] = f"{int(at) + 7 * 86_400_000},{rest}"
    path.write_text("\n".join(lines) + "\n")
    clock = QuickClock()
    engine = await Engine.open(tmp_path / "data", clock=clock)
    try:
        settings = file_bot(path, strategy="flipping", speed=1.0, trade=TradeSettings())
        settings = replace(settings, timeframe_ms=60_000)
        await engine.execute(cm.CreateBot(settings, start=True))

        def checks(now: AppSnapshot) -> list[int]:
            kinds = now.bots[0].session.log.rows[:, ev.KIND]
            return np.flatnonzero(kinds == EventKind.POSITION_CHECK).tolist()

        now = await until(engine, lambda now: len(checks(now)) >= 4)
        bot, log = now.bots[0], now.bots[0].session.log
        words = [log.note(place) for place in checks(now)]
        assert bot.session.position != 0
        assert all(text.startswith("LONG") and ", no stop, no target" in text for text in words)
        ages = [text.rpartition(", no price for ")[2] for text in words if "no price" in text]
        assert len(ages) >= 3
        pulse = now.status.pulses[bot.bot_id]
        assert now.status.now - pulse.run_at < 61_000
        assert liveness(bot, pulse, now.status.now).lamp is Lamp.OK
    finally:
        await engine.close()
