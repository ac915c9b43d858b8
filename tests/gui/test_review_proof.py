"""*Run again* beside a review: equal, different with a jump, cancelled, refused, kept."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from engine.domain.bots import Mode
from engine.errors import IllegalStep
from engine.messages.progress import Progress, Report
from engine.messages.proof import Proof
from engine.runtime.engine import Engine
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from tests.golden.unpacking import GOLDEN, hashes, unpack
from tests.gui.fakes import FakeEngine
from tests.gui.first_steps import reviewed
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import Paged, paged, with_history
from tests.gui.waiting import drawn, until
from tests.runtime.support import StillClock
from trader_gui.pages.review.page import ReviewPage

pytestmark = pytest.mark.qt_loop


@asynccontextmanager
async def over_golden(folder: Path, change: str = "") -> AsyncIterator[Paged[ReviewPage]]:
    """The review over the real engine and stored sessions, of which SQL has changed something."""
    if change:
        await (await Store.open(folder)).close()  # its columns are those of today
        with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
            database.execute(change)
    engine = await Engine.open(folder, clock=StillClock())
    try:
        async with paged(engine, ReviewPage) as held:  # type: ignore[arg-type]
            yield held
    finally:
        await engine.close()


async def test_a_session_is_run_again_and_kept(tmp_path: Path) -> None:
    (session_id,) = unpack(GOLDEN[-1], tmp_path)["bars"]
    async with over_golden(tmp_path) as held:
        _, body = await reviewed(held, session_id)
        block, said = body.proof, list[str]()
        held.page.said.connect(said.append)
        assert block.isHidden()
        click(held.page.head.prove)
        await until(lambda: block.proof is not None)
        assert block.mark.level == "ok"
        assert block.words.text().startswith("Equal in all ")
        event_hash = hashes(GOLDEN[-1])[session_id]
        assert event_hash[:12] in block.more.text()
        assert event_hash in block.more.toolTip()
        assert block.difference.isHidden()
        click(block.keep)
        await until(lambda: said)
        newest = (await held.engine.sessions())[0]
        assert newest.mode is Mode.REPLAY
        assert said == [f"The replay is kept as S-{newest.id:04d}."]
        held.page.open(newest.id)
        await until(
            lambda: held.page.review is not None and held.page.review.record.id == newest.id
        )
        assert block.isHidden()
        click(held.page.head.prove)
        await until(lambda: block.proof is not None and block.proof.session_id == newest.id)
        assert block.mark.level == "ok"


@pytest.mark.parametrize("width", [1536, 1036])
async def test_the_first_event_that_differs_is_shown_and_gone_to(
    tmp_path: Path, width: int
) -> None:
    (session_id,) = unpack(GOLDEN[-1], tmp_path)["backtest"]
    fees = 'replace(settings, \'"fee_pct":"0.1"\', \'"fee_pct":"0.15"\')'
    dearer = f"UPDATE sessions SET settings = {fees} WHERE id = "
    async with over_golden(tmp_path, f"{dearer}{session_id}") as held:
        held.page.resize(width, 700)
        _, body = await reviewed(held, session_id)
        block = body.proof
        click(held.page.head.prove)
        await until(lambda: block.proof is not None)
        await drawn()
        assert block.proof is not None
        difference = block.proof.difference
        assert difference is not None
        assert block.mark.level == "warn"
        assert block.difference.cause.text().startswith("Other settings. ")
        assert difference.recorded.event in block.difference.recorded.text()
        assert difference.replayed.event in block.difference.now.text()
        assert "strategy said: " in block.difference.now.text()
        assert " then, " in block.difference.fields.text()
        assert cut(block) == []
        assert overlaps(block) == []
        assert held.page.moment != difference.at
        click(block.difference.there)
        assert held.page.moment == difference.at


async def test_the_hash_of_the_recording_is_shown_and_what_it_no_longer_fits(
    tmp_path: Path,
) -> None:
    (session_id,) = unpack(GOLDEN[-1], tmp_path)["backtest"]
    async with over_golden(tmp_path) as held:
        review, body = await reviewed(held, session_id)
        rows_hash = review.record.rows_hash
        click(held.page.head.prove)
        await until(lambda: body.proof.proof is not None)
        assert f"of its recording {rows_hash[:12]}" in body.proof.more.text()
        assert f"recording {rows_hash}" in body.proof.more.toolTip()
        assert body.proof.remarks.isHidden()
    async with over_golden(tmp_path, "UPDATE sessions SET rows_hash = 'another'") as held:
        _, body = await reviewed(held, session_id)
        click(held.page.head.prove)
        await until(lambda: body.proof.proof is not None)
        assert body.proof.mark.level == "ok"  # it decides as it did
        assert body.proof.remarks.text().startswith("The recording no longer has the hash")
        assert cut(body.proof) == []
        assert overlaps(body.proof) == []


class Slow(FakeEngine):
    """A proof that never ends by itself."""

    cancelled = False

    async def prove(self, session_id: int, report: Report | None = None) -> Proof:
        assert report is not None
        report(Progress(3, 10, "3 of 10 rows"))
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.cancelled = True
        raise AssertionError("only cancelling ends it")


def slow(folder: Path) -> Slow:
    engine = Slow(folder)
    engine.finished = with_history(folder).finished
    return engine


async def test_it_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    engine = slow(tmp_path)
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        click(held.page.head.prove)
        await until(lambda: body.proof.progress._count.text() == "3 of 10")
        click(body.proof.progress._cancel)
        await until(lambda: engine.cancelled)
        await until(body.proof.isHidden)
        assert held.faults == []


async def test_another_session_ends_it(tmp_path: Path) -> None:
    engine = slow(tmp_path)
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        click(held.page.head.prove)
        await until(lambda: body.proof.progress.isVisible())
        held.page.open(124)
        await until(lambda: engine.cancelled)
        await until(body.proof.isHidden)


async def test_what_cannot_be_proven_says_why(tmp_path: Path) -> None:
    class LetGo(FakeEngine):
        async def prove(self, session_id: int, report: Report | None = None) -> Proof:
            raise IllegalStep("Its ticks were let go.")

    engine = LetGo(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        click(held.page.head.prove)
        await until(lambda: body.proof.mark.level == "warn")
        assert body.proof.words.text() == "It cannot be proven"
        assert body.proof.more.text() == "Its ticks were let go."
        assert not body.proof.keep.isVisible()


async def test_a_session_that_runs_offers_no_proof(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        session_id = held.engine.snapshot().bots[0].session_id
        assert session_id is not None
        await reviewed(held, session_id)
        assert held.page.head.again.isVisible()
        assert not held.page.head.prove.isVisible()
