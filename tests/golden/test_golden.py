"""Sessions of every release come to the hashes they had, whatever became of the program since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.domain.reasons import Refusal
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.runtime.history.loading import load_session
from engine.runtime.proof.desk import prove_session
from engine.runtime.proof.evidence import misplaced_input, untold_price
from engine.store.database import Store
from engine.store.repositories import openings
from tests.golden.unpacking import GOLDEN, hashes, unpack


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
async def kept(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Store, dict[str, list[int]], dict[int, str]]]:
    stories = unpack(request.param, tmp_path)
    store = await Store.open(tmp_path)
    yield store, stories, hashes(request.param)
    await store.close()


async def test_every_session_comes_to_its_hash(
    kept: tuple[Store, dict[str, list[int]], dict[int, str]],
) -> None:
    store, _, wanted = kept
    assert len(wanted) >= 9
    for session_id, event_hash in wanted.items():
        proof = await prove_session(store, session_id, None)
        assert proof.equal, proof
        assert proof.replayed_hash == proof.recorded_hash == event_hash
        assert proof.events > 2


async def test_events_and_recording_agree(
    kept: tuple[Store, dict[str, list[int]], dict[int, str]],
) -> None:
    store, _, wanted = kept
    for session_id in wanted:
        session = await load_session(store, session_id)
        events, table = session.log.table, session.rows.table
        assert untold_price(events, table) is None
        assert not misplaced_input(events, table, session.record.settings.timeframe_ms)


async def test_the_stories_hold_what_they_are_there_for(
    kept: tuple[Store, dict[str, list[int]], dict[int, str]],
) -> None:
    store, stories, _ = kept
    logs = {
        name: [(await load_session(store, one)).log.table for one in ids]
        for name, ids in stories.items()
    }
    for log in logs["ticks"][:2]:
        assert log[-1, ev.POSITION] != 0
        commands = log[log[:, ev.KIND] == EventKind.COMMANDED]
        assert len(set(commands[:, ev.CODE].tolist())) >= 3
    for session_id, log in zip(stories["ticks"][1:], logs["ticks"][1:], strict=True):
        assert log[0, ev.POSITION] != 0
        kept_opening = await openings.find(store, session_id)
        assert kept_opening is not None
        assert kept_opening.opening.kernel_state is not None
    (future,) = logs["future"]
    assert (future[:, ev.KIND] == EventKind.FUNDING_PAID).any()
    refused = [log[log[:, ev.KIND] == EventKind.REFUSAL, ev.CODE] for log in logs["portfolio"]]
    assert any(Refusal.MAX_OPEN_POSITIONS in codes for codes in refused)
