"""How far a result can be trusted: the band, what refusals cost, and every figure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.domain.sessions import FineShare
from engine.errors import Fault, FileRefused
from engine.messages import histories as hs
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.progress import Progress, Report
from engine.messages.review import Review
from tests.gui.fakes import FakeEngine
from tests.gui.first_steps import reviewed
from tests.gui.opened import click, cut, overlaps, press
from tests.gui.paged import backtest_story, paged, with_history
from tests.gui.waiting import drawn, until
from trader_gui.models.trade_rows import IN_DOUBT
from trader_gui.models.trust import band_of, doubt_line, standing_lines
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.review.page import ReviewPage
from trader_gui.theme.theme import theme

NOBODY = np.empty(0, np.int64)


def review_of(trades: int = 3, fine: FineShare | None = None) -> Review:
    review = backtest_story(20, trades).review()
    settings = replace(review.record.settings, fine=fine)
    return replace(review, record=replace(review.record, settings=settings))


# ------------------------------------------------------------------ in words


def test_trades_that_hang_on_a_path_are_counted_and_the_band_is_named() -> None:
    bound = Doubt(12, 184, -100, 50, 90, False, NOBODY)
    assert doubt_line(None).level == "wait"
    line = doubt_line(bound)
    assert (line.level, line.words) == ("warn", "12 of 184 trades hang on the path inside a bar")
    assert line.more.startswith("The band is a bound")
    one = doubt_line(replace(bound, trades=1, judged=1, exact=True))
    assert one.words == "1 of 1 trade hangs on the path inside a bar"
    assert one.more == "The band is exact"
    sure = doubt_line(replace(bound, trades=0))
    assert (sure.level, sure.more) == ("ok", "184 trades looked at")


def test_the_band_is_money_with_its_sign() -> None:
    review = review_of()
    unit = review.market.scale.money_count
    doubt = Doubt(1, 3, unit(-20), unit(5), unit(84), True, NOBODY)
    assert band_of(doubt, review).texts == ("−20.00", "+5.00", "+84.00")


def test_finer_candles_and_history_are_judged() -> None:
    fine, history, count = standing_lines(review_of())
    assert (fine.level, fine.words) == ("warn", "No finer candles decided")
    assert history.level == "ok"
    assert history.words == "100.00 % of the candles are there"
    assert (count.level, count.more) == ("warn", "3 trades, at least 100 wanted")
    share = FineShare(60_000, bars=1_000, decided=990, missing=10, disagreeing=0)
    fine, _, _ = standing_lines(review_of(fine=share))
    assert (fine.level, fine.words) == ("ok", "99.0 % of bars decided by 1m candles")
    assert fine.more == "10 not there"
    fine, _, _ = standing_lines(review_of(fine=replace(share, decided=400, disagreeing=590)))
    assert (fine.level, fine.more) == ("warn", "10 not there, 590 came to another bar")


# ------------------------------------------------------------------ on the pages


@pytest.mark.qt_loop
async def test_the_band_comes_after_the_review_is_drawn(tmp_path: Path) -> None:
    class Patient(FakeEngine):
        answer = asyncio.Event()

        async def doubt(self, session_id: int) -> Doubt:
            await self.answer.wait()
            return await super().doubt(session_id)

    engine = Patient(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        assert body.trust.lines[0].words.text() == "Paths inside the bars"
        assert body.trust.band.isHidden()
        engine.answer.set()
        await until(lambda: body.trust.band.band is not None)
        assert body.trust.lines[0].words.text() == "2 of 5 trades hang on the path inside a bar"
        assert body.trust.band.accessibleName().startswith("worst ")
        assert [line.mark.level for line in body.trust.lines] == ["warn", "warn", "ok", "warn"]


@pytest.mark.qt_loop
async def test_a_band_that_cannot_be_worked_out_says_why(tmp_path: Path) -> None:
    class Unjudged(FakeEngine):
        async def doubt(self, session_id: int) -> Doubt:
            raise FileRefused("The strategy of this session is gone.")

    engine = Unjudged(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        line = body.trust.lines[0]
        await until(lambda: line.more.text() == "The strategy of this session is gone.")
        assert held.faults == []


@pytest.mark.qt_loop
async def test_blocked_signals_are_priced_on_demand(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        block = body.funnel
        assert all(not line.gain for line in block.bars.lines)
        click(block.price)
        await until(lambda: not block.note.isHidden())
        gains = {line.name: line.gain for line in block.bars.lines if line.gain}
        assert gains["max_trades_per_day"] == "–"
        assert gains["cooldown"].startswith("+")
        assert block.note.text().startswith("5 of 10 refused ones priced")
        assert block.price.isHidden()
        held.page.go(held.page.review.from_at + 600_000)  # type: ignore[union-attr]
        await drawn()
        assert block.price.isHidden()


class Slow(FakeEngine):
    """Pricing that reports and then waits to be cancelled."""

    cancelled = False

    async def price_blocked(
        self, session_id: int, report: Report | None = None
    ) -> tuple[BlockedPrice, ...]:
        assert report is not None
        report(Progress(3, 10, "Pricing"))
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True
        return ()


def slow(folder: Path) -> Slow:
    engine = Slow(folder)
    engine.finished = with_history(folder).finished
    return engine


@pytest.mark.qt_loop
async def test_pricing_shows_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    engine = slow(tmp_path)
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        block = body.funnel
        click(block.price)
        await until(lambda: block.progress._count.text() == "3 of 10")
        assert block.progress.isVisible()
        click(block.progress._cancel)
        await until(lambda: engine.cancelled)
        await until(block.progress.isHidden)
        assert block.price.isVisible()
        assert held.faults == []


@pytest.mark.qt_loop
async def test_what_cannot_be_priced_is_said_and_may_be_asked_again(tmp_path: Path) -> None:
    class Lost(FakeEngine):
        async def price_blocked(
            self, session_id: int, report: Report | None = None
        ) -> tuple[BlockedPrice, ...]:
            raise FileRefused("The signals file is gone.")

    engine = Lost(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        block = body.funnel
        faults: list[Fault] = []
        held.page.failed.connect(faults.append)
        click(block.price)
        await until(lambda: faults)
        assert [fault.words for fault in faults] == ["The signals file is gone."]
        assert block.price.isVisible()
        assert all(not line.gain for line in block.bars.lines)


@pytest.mark.qt_loop
async def test_leaving_the_review_ends_the_pricing(tmp_path: Path) -> None:
    engine = slow(tmp_path)
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        block = body.funnel
        click(block.price)
        await until(lambda: block.progress.isVisible())
        held.page.open(124)
        await until(lambda: engine.cancelled)


@pytest.mark.qt_loop
async def test_statistics_are_asked_for_when_they_are_wanted(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        asked: list[int] = []
        original: Callable[[int], Any] = held.engine.statistics

        async def statistics(session_id: int) -> Any:
            asked.append(session_id)
            return await original(session_id)

        held.engine.statistics = statistics  # type: ignore[method-assign]
        assert not body.statistics.figures
        click(body.tabs[0]._group.button(3))
        await until(lambda: body.statistics.figures)
        assert asked == [125]
        assert body.lists.currentWidget() is body.statistics
        assert "Risk" in body.statistics.groups
        body.show_list("trades")
        body.show_list("statistics")
        await drawn()
        assert asked == [125]


@pytest.mark.qt_loop
async def test_a_result_says_how_far_to_trust_it(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        held.page._show_run(124)
        result = held.page.result
        await until(lambda: result.trust.band.band is not None)
        first = result.trust.lines[0].words.text()
        held.page._show_run(125)
        await until(lambda: result.trust.lines[0].words.text() not in (first, ""))
        click(result.funnel.price)
        await until(lambda: not result.funnel.note.isHidden())
        held.page._show_run(123)
        await until(lambda: result.funnel.note.isHidden())


# ------------------------------------------------------------------ trades in doubt


@pytest.mark.qt_loop
async def test_trades_in_doubt_are_marked_and_can_be_shown_alone(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        trades = body.trades
        await until(lambda: body.trust.band.band is not None)

        def shown() -> dict[str, str | None]:
            rows = [trades.model.index(row, 0) for row in range(trades.model.rowCount())]
            return {str(row.data()): row.data(Qt.ItemDataRole.ToolTipRole) for row in rows}

        assert shown() == {"5": None, "4": IN_DOUBT, "3": None, "2": None, "1": IN_DOUBT}
        said = trades.model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        assert said == f"#: 4. {IN_DOUBT}"
        press(trades.which, "doubt")
        assert list(shown()) == ["4", "1"]
        held.page.go(int(review.end().session.trades.rows[1, hs.T_EXIT_AT]))
        await until(lambda: list(shown()) == ["1"])


@pytest.mark.qt_loop
async def test_what_ends_after_the_cursor_is_not_in_doubt_yet(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        trades = body.trades
        await until(lambda: body.trust.band.band is not None)
        fourth = review.end().session.trades.rows[3]
        marks = [(int(fourth[hs.T_EXIT_AT]) - 1, None), (int(fourth[hs.T_EXIT_AT]), IN_DOUBT)]
        for moment, mark in marks:
            held.page.go(moment)
            held.page.show_now()
            newest = trades.model.index(0, 0)
            assert newest.data() == "4"
            assert newest.data(Qt.ItemDataRole.ToolTipRole) == mark


@pytest.mark.qt_loop
async def test_where_a_filter_leaves_no_trade_that_is_said(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        trades = body.trades
        held.page.go(int(review.end().session.trades.rows[0, hs.T_EXIT_AT]))
        held.page.show_now()
        press(trades.which, "losses")
        assert trades.model.rowCount() == 0
        assert trades._none.isVisible()
        assert trades._none._lines[0].text() == "No trade fits."
        held.page.go(review.from_at)
        held.page.show_now()
        assert trades._none._lines[0].text() == "No trades yet."


@pytest.mark.qt_loop
async def test_a_mark_is_painted_where_a_trade_is_in_doubt(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        await until(lambda: body.trust.band.band is not None)
        await drawn()
        table, warn = body.trades.table, theme().color("warn").rgb()
        picture = table.viewport().grab().toImage()

        def marked(row: int) -> bool:
            cell = table.visualRect(body.trades.model.index(row, 0))
            return any(
                picture.pixel(x, y) == warn
                for x in range(cell.left(), cell.right())
                for y in range(cell.top(), cell.bottom())
            )

        assert [marked(row) for row in range(5)] == [False, True, False, False, True]


@pytest.mark.qt_loop
async def test_nothing_in_doubt_cannot_be_filtered_and_says_why(tmp_path: Path) -> None:
    class Sure(FakeEngine):
        answer = asyncio.Event()

        async def doubt(self, session_id: int) -> Doubt:
            await self.answer.wait()
            return replace(await super().doubt(session_id), trades=0, doubtful=NOBODY)

    engine = Sure(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, ReviewPage) as held:
        _, body = await reviewed(held)
        which = body.trades.which
        button = which._group.button(3)
        assert not button.isEnabled()
        assert button.toolTip() == "What is in doubt is being worked out"
        engine.answer.set()
        await until(lambda: button.toolTip() == "No exit depends on the path in a bar")
        assert not button.isEnabled()
        which.step(-1)
        assert which.value == "losses"
        which.step(1)
        assert which.value == "all"


@pytest.mark.qt_loop
@pytest.mark.parametrize("size", [(1536, 926), (1036, 626)])
async def test_band_and_history_stand_beside_the_result_at_every_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with paged(with_history(tmp_path), ReviewPage, size) as held:
        await reviewed(held)
        cell = held.page.kpis._trust
        await until(lambda: "/" in cell.value.text())
        await drawn()
        worse, better = cell.value.text().split(" / ")
        assert worse.startswith("−")
        assert better.startswith("+")
        assert cell.value.isVisible()
        assert "hang on the path inside a bar" in cell.toolTip()
        assert "of the candles are there" in cell.toolTip()
        assert cut(held.page.kpis) == []
        assert overlaps(held.page.kpis) == []
