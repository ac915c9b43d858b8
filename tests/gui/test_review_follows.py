"""What follows the charts of a review: panels beside them, and whether what is shown is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel

from engine.errors import Fault, RecordDamaged
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.review import Review
from tests.gui.first_steps import reviewed
from tests.gui.paged import paged, with_history
from tests.gui.painted import counted
from tests.gui.waiting import drawn, until
from trader_gui.charts.ticks import MINUTE_MS
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.review.funnel import FunnelBlock
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.review.trades import TradesPanel
from trader_gui.panels.inspector import InspectorPanel
from trader_gui.panels.position_block import PositionBlock
from trader_gui.panels.rows import Header

pytestmark = pytest.mark.qt_loop


async def test_panels_beside_the_charts_follow_them_after_the_frame(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        opened = review.log.table[review.log.table[:, ev.KIND] == EventKind.TRADE_OPENED]
        first, second = opened[:2, ev.AT].tolist()
        held.page.go(first)
        held.page.show_now()
        assert body.state.position.corner.text() == "▲ LONG"
        shown = body.last.events.lines
        held.page.go(second)
        held.page.show_frame()
        assert body.chart.chart.model.cursor_at == second
        assert body.last.events.lines == shown  # not yet
        await until(lambda: body.last.events.lines != shown)
        held.page.go(review.from_at)
        held.page.show_now()
        assert body.state.position.corner.text() != "▲ LONG"


async def test_a_step_lays_nothing_out_and_paints_only_what_says_something_else(
    tmp_path: Path,
) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        at = int(review.log.table[len(review.log) // 2, ev.AT])

        def step(to: int) -> None:
            held.page.go(to)
            held.page.show_now()
            QCoreApplication.processEvents()

        for minute in range(4):
            step(at + minute * MINUTE_MS)
            await drawn()
        with counted() as counter:
            step(at + 4 * MINUTE_MS)
        views = {drawn.view.viewport() for drawn in (body.chart.chart, body.curve)}
        assert views < set(counter.painted)
        assert counter.laid_out == []
        behind = (Header, FunnelBlock, InspectorPanel, PositionBlock, TradesPanel)
        assert not [one for one in counter.painted if isinstance(one, behind)]


async def test_key_figures_stand_still_while_they_get_smaller(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        cell = held.page.kpis._cells[0]
        cell.show_value("-12,345.67", "down", "end +1.00", ends=True)
        await drawn()
        with counted() as counter:
            cell.show_value("+3.20", "up", "end +1.00", ends=True)
            await drawn()
        assert cell.value in counter.painted
        assert counter.laid_out == []
        assert counter.resized == []


async def test_of_the_trades_only_those_are_painted_that_say_something_else(
    tmp_path: Path,
) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, body = await reviewed(held)
        kinds, at = review.log.table[:, ev.KIND], review.log.table[:, ev.AT]
        table = body.trades.table

        async def painted(moment: int) -> list[int]:
            """The heights that are painted for the minute after a moment."""
            held.page.go(moment)
            held.page.show_now()
            await drawn()
            with counted() as counter:
                held.page.go(moment + MINUTE_MS)
                held.page.show_now()
                await drawn()
            return [part.height() for part in counter.parts_of(table.viewport())]

        (height,) = await painted(int(at[kinds == EventKind.TRADE_OPENED][1]))
        assert height <= table.rowHeight(0) + 1  # Qt takes one line more than the row has
        assert await painted(int(at[kinds == EventKind.TRADE_CLOSED][1])) == []


async def test_panels_that_are_prepared_have_their_places_when_a_session_is_opened(
    tmp_path: Path,
) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        held.page.let_go()
        held.page.prepare()  # as the program does while nobody waits
        await drawn()
        with counted() as counter:
            _, body = await reviewed(held)
        assert body.isVisible()
        large = {body.chart, body.curve, body.lists, body.trades.table}
        assert not large & set(counter.resized)


async def test_what_is_not_what_is_stored_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_history(tmp_path)
    async with paged(engine, ReviewPage) as held:
        answers, asked = [False], list[int]()
        original = engine.review

        async def is_true(session_id: int) -> bool:
            return answers.pop() if answers else True

        async def review(session_id: int) -> Review:
            asked.append(session_id)
            return await original(session_id)

        monkeypatch.setattr(engine, "review_is_true", is_true)
        monkeypatch.setattr(engine, "review", review)
        await reviewed(held)
        await until(lambda: len(asked) == 6)  # each time for itself, its doubt and its ranges
        assert not answers


async def test_what_cannot_be_read_any_more_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_history(tmp_path)
    async with paged(engine, ReviewPage) as held:

        async def is_true(session_id: int) -> bool:
            raise RecordDamaged("A part of this session's recording is damaged.")

        monkeypatch.setattr(engine, "review_is_true", is_true)
        held.page.open(125)
        await until(lambda: held.page._stack.currentWidget() is held.page._problem)
        told = [line.text() for line in held.page._problem.findChildren(QLabel)]
        assert "A part of this session's recording is damaged." in told


async def test_a_result_that_is_not_what_is_stored_is_read_again_or_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_history(tmp_path)
    async with paged(engine, BacktestPage) as held:
        answers: list[bool | Fault] = [False, True]
        asked, failed, original = list[int](), list[Fault](), engine.review

        async def is_true(session_id: int) -> bool:
            answer = answers.pop(0)
            if isinstance(answer, Fault):
                raise answer
            return answer

        async def review(session_id: int) -> Review:
            asked.append(session_id)
            return await original(session_id)

        monkeypatch.setattr(engine, "review_is_true", is_true)
        monkeypatch.setattr(engine, "review", review)
        held.page.failed.connect(failed.append)
        held.page._show_run(125)
        await until(lambda: not answers)
        assert asked.count(125) >= 2
        assert held.page._result is not None
        answers.append(RecordDamaged("Its recording is damaged."))
        held.page._show_run(125)
        await until(lambda: bool(failed))
        assert [fault.words for fault in failed] == ["Its recording is damaged."]
        assert held.page._result is None
