"""*Backtest the period* in a review: asked for, told pair by pair, gone to, kept, compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.bots import Mode
from engine.errors import CandlesMissing
from engine.messages import commands as cm
from engine.messages.progress import Progress, Report
from engine.messages.same_period import Kind, SamePeriod
from engine.runtime.engine import Engine
from tests.golden.unpacking import GOLDEN, unpack
from tests.gui.fakes import FakeEngine
from tests.gui.first_steps import reviewed
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import Paged, backtest_story, paged, with_history
from tests.gui.waiting import drawn, until
from tests.runtime.support import StillClock
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.sessions.page import SessionsPage

pytestmark = pytest.mark.qt_loop


@asynccontextmanager
async def over_golden(folder: Path) -> AsyncIterator[Paged[SessionsPage]]:
    """The Sessions page over the real engine and stored sessions."""
    engine = await Engine.open(folder, clock=StillClock())
    try:
        async with paged(engine, SessionsPage) as held:  # type: ignore[arg-type]
            yield held
    finally:
        await engine.close()


def on_paper(engine: FakeEngine) -> FakeEngine:
    """Its last finished story was run by a bot; 14 trades: each kind twice."""
    story = backtest_story(30, 14)
    story.settings = replace(story.settings, mode=Mode.PAPER)
    engine.finished.append(story)
    return engine


async def asked(held: Paged[ReviewPage]) -> SamePeriod:
    _, body = await reviewed(held, held.engine.finished[-1].session_id)
    click(held.page.head.test)
    await until(lambda: body.period.found is not None)
    await drawn()
    assert body.period.found is not None
    return body.period.found


async def test_from_the_rows_menu_to_both_compared(tmp_path: Path) -> None:
    session_id = unpack(GOLDEN[-1], tmp_path)["ticks"][0]
    async with over_golden(tmp_path) as held:
        page, engine = held.page, held.engine
        offers: list[tuple[str, list[tuple[str, object]]]] = []
        page.offered.connect(lambda text, offered: offers.append((text, offered)))
        table = page.sessions.table
        await until(lambda: page.sessions.model.row_of(session_id) is not None)
        line = page.sessions.model.rows.line_of(session_id)
        assert line is not None
        menu = page.sessions.verbs.menu(line, [line])
        (action,) = (one for one in menu.actions() if one.text() == "Backtest the same period")
        assert action.isEnabled()
        action.trigger()
        await until(lambda: page.review.body is not None)
        body = page.review.body
        assert body is not None
        await until(lambda: body.period.found is not None)
        assert page.currentWidget() is page.review
        assert body.lists.currentWidget() is body.period
        assert body.period.candles.text() == "135 candles from the simulated market, seed 11."
        same = "Session +12.75, backtest +12.75, difference 0.00 USDT"
        assert body.period.results.text() == same
        assert body.period.none.isVisible()
        body.period.account.pick(1)
        assert [body.period.pairs.key_at(row) for row in range(3)] == [1, 2, 3]
        click(body.period.keep)
        await until(lambda: offers)
        newest = max(await engine.sessions(), key=lambda record: record.id)
        assert newest.mode is Mode.BACKTEST
        text, ((name, compare),) = offers[0]
        assert (text, name) == (f"The backtest is kept as S-{newest.id:04d}.", "Compare")
        compare()  # type: ignore[operator]
        await until(lambda: table.checked_keys == (session_id, newest.id))
        await until(lambda: len(page.sessions.compare.sessions) == 2)
        assert held.faults == []


@pytest.mark.parametrize("size", [(1536, 926), (1036, 640)])
async def test_every_kind_is_a_line_that_opens_to_its_pairs(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with paged(on_paper(with_history(tmp_path)), ReviewPage, size) as held:
        found = await asked(held)
        body = held.page.body
        assert body is not None
        panel = body.period
        assert (cut(panel), overlaps(panel)) == ([], [])
        kinds = [panel.shares.rows.kind(row) for row in range(len(panel.shares.rows))]
        assert kinds == [None, *Kind]
        assert panel.pairs.rowCount() == 12  # all that differ
        for row, kind in enumerate(kinds):
            panel.account.pick(row)
            shown = [panel.pairs.key_at(line) for line in range(panel.pairs.rowCount())]
            pairs = [found.pairs[key - 1] for key in shown if key is not None]
            assert len(pairs) == panel.shares.rows.trades(row)
            assert all(kind is None or pair.kind is kind for pair in pairs)
        panel.account.pick(kinds.index(Kind.REASON))
        key = panel.pairs.key_at(0)
        assert key is not None
        panel.table.clicked.emit(panel.pairs.index(0, 0))
        assert held.page.moment == found.pairs[key - 1].at
        assert "are missing there" in panel.candles.text()


async def test_what_is_missing_is_downloaded_and_it_runs_again(tmp_path: Path) -> None:
    class Empty(FakeEngine):
        def _there(self) -> bool:
            return any(isinstance(wish, cm.DownloadCandles) for wish in self.commands)

        async def same_period(self, session_id: int, report: Report | None = None) -> SamePeriod:
            if not self._there():
                raise CandlesMissing(
                    "Nothing was tested.", market=("binance", "BTC/USDT", 60_000), span=(0, 120_000)
                )
            return replace(await super().same_period(session_id), lacking=None)

    engine = Empty(tmp_path)
    async with paged(on_paper(engine), ReviewPage) as held:
        _, body = await reviewed(held, held.engine.finished[-1].session_id)
        panel = body.period
        click(held.page.head.test)
        await until(lambda: panel.download.isVisible())
        assert panel.found is None
        assert not panel.keep.isVisible()
        click(panel.download)
        await until(lambda: panel.found is not None)
        (wish,) = (one for one in engine.commands if isinstance(one, cm.DownloadCandles))
        assert (wish.series.label, wish.from_at, wish.to_at) == ("binance BTC/USDT 1m", 0, 120_000)
        assert not panel.download.isVisible()
        assert held.faults == []


async def test_it_tells_how_far_it_is_can_be_cancelled_and_is_of_one_session(
    tmp_path: Path,
) -> None:
    class Slow(FakeEngine):
        cancelled = 0

        async def same_period(self, session_id: int, report: Report | None = None) -> SamePeriod:
            assert report is not None
            report(Progress(3, 10, "3 of 10 bars"))
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self.cancelled += 1
            raise AssertionError("only cancelling ends it")

    engine = Slow(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(on_paper(engine), ReviewPage) as held:
        session_id = engine.finished[-1].session_id
        _, body = await reviewed(held, session_id)
        panel = body.period
        click(held.page.head.test)
        await until(lambda: panel.progress._count.text() == "3 of 10")
        click(panel.progress._cancel)
        await until(lambda: engine.cancelled == 1)
        await until(panel.progress.isHidden)
        click(held.page.head.test)
        await until(panel.progress.isVisible)
        held.page.open(124)
        await until(lambda: engine.cancelled == 2)
        await until(panel.progress.isHidden)
        await until(lambda: held.page.review is not None and held.page.review.record.id == 124)
        assert not held.page.head.test.isVisible()  # it is a backtest itself
        assert body.lists.currentWidget() is body.trades
        assert held.faults == []
