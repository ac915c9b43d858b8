"""The review as a person uses it: one cursor moves every panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.domain.sessions import SessionStatus, session_label
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventKind
from engine.messages.review import Review
from tests.gui.fakes import FakeEngine
from tests.gui.first_steps import reviewed
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import Paged, paged, with_history
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.review_moments import EventTicks
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.review.scrubber import Scrubber
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop
LEFT = Qt.MouseButton.LeftButton


def trade_numbers(held: Paged[ReviewPage]) -> list[str]:
    assert held.page.body is not None
    model = held.page.body.trades.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def log_length(held: Paged[ReviewPage]) -> int:
    assert held.page.body is not None
    return held.page.body.log.model.rowCount()


async def test_a_session_opens_at_its_end(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held)
        page = held.page
        assert page.moment == review.to_at
        assert page.head.name.text() == "RSI reversion"
        assert page.kpis.texts()[-1] == "5"
        assert trade_numbers(held) == ["5", "4", "3", "2", "1"]
        assert page.body is not None
        assert [(line.name, line.count, line.start) for line in page.body.funnel.bars.lines] == [
            ("Signals", 15, 0),
            ("cooldown", 5, 10),
            ("max_trades_per_day", 5, 5),
            ("Executed", 5, 0),
        ]


async def test_the_scrubber_moves_every_panel(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held)
        page, body = held.page, held.page.body
        assert body is not None
        await until(lambda: log_length(held) > 0)
        whole_log = log_length(held)
        scrubber = page.controls.scrubber
        exits = review.log.table[review.log.table[:, ev.KIND] == EventKind.TRADE_CLOSED]
        target = int(exits[1, ev.AT])
        x = round(scrubber.x_of(target + 60_000))
        QTest.mouseClick(scrubber, LEFT, pos=QPoint(x, scrubber.height() // 2))
        await until(lambda: len(trade_numbers(held)) == 2)
        assert abs(page.moment - target) <= 3 * 60_000
        assert page.moment % 60_000 == 0
        assert page.kpis.texts()[-1] == "2"
        assert body.curve.model.cursor_at == page.moment
        snapshot = review.at(page.moment)
        assert body.chart.chart.model.cursor_at == page.moment  # its tag says the scrubber's
        assert body.chart.chart.model.cursor_index == snapshot.chart.length - 1
        await until(lambda: 0 < log_length(held) < whole_log)


async def test_dragging_is_folded_at_most_once_a_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held)
        folds: list[int] = []
        original = Review.at
        monkeypatch.setattr(
            Review, "at", lambda self, at: (folds.append(at), original(self, at))[1]
        )
        for step in range(200):
            held.page.go(review.from_at + step * 30_000)
        assert held.page.controls.scrubber.at == held.page.moment
        await until(lambda: folds)
        await drawn()
        assert len(folds) <= 2
        assert folds[-1] == held.page.moment


async def test_keys_step_candles_and_events(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held)
        page = held.page
        QTest.keyClick(page, Qt.Key.Key_Home)
        assert page.moment == review.from_at
        QTest.keyClick(page, Qt.Key.Key_Right)
        assert page.moment == review.from_at + 60_000
        QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert page.moment == review.from_at + 11 * 60_000
        QTest.keyClick(page, Qt.Key.Key_Left)
        assert page.moment == review.from_at + 10 * 60_000
        opened_at = review.log.table[review.log.table[:, ev.KIND] == EventKind.TRADE_OPENED]
        QTest.keyClick(page, Qt.Key.Key_N)
        assert page.moment == int(opened_at[0, ev.AT])
        await until(lambda: trade_numbers(held) == ["1"])
        assert page.body is not None
        assert page.body.state.position.corner.text() == "▲ LONG"
        QTest.keyClick(page, Qt.Key.Key_N)
        QTest.keyClick(page, Qt.Key.Key_P)
        assert page.moment == int(opened_at[0, ev.AT])
        QTest.keyClick(page, Qt.Key.Key_End)
        assert page.moment == review.to_at


async def test_the_buttons_do_what_the_keys_do(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held)
        buttons = held.page.controls.buttons
        click(buttons["first"])
        assert held.page.moment == review.from_at
        await until(lambda: not buttons["before"].isEnabled())
        click(buttons["next"])
        click(buttons["on"])
        after = held.page.moment
        click(buttons["back"])
        assert held.page.moment < after
        click(buttons["last"])
        await until(lambda: not buttons["next"].isEnabled())
        assert held.page.moment == review.to_at


async def test_a_trade_row_jumps_the_chart_and_alt_left_goes_back(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        review, _ = await reviewed(held)
        body = held.page.body
        assert body is not None
        jumped: list[int] = []
        body.trades.jumped.connect(jumped.append)
        table = body.trades.table
        row = body.trades.model.row_of(1)
        assert row is not None
        place = table.visualRect(body.trades.model.index(row, 2)).center()
        QTest.mouseClick(table.viewport(), LEFT, pos=place)
        exits = review.log.table[review.log.table[:, ev.KIND] == EventKind.TRADE_CLOSED]
        assert jumped == [int(exits[0, ev.ROW_AT])]
        assert held.page.moment == review.to_at
        chart = body.chart.chart
        hovered = chart.model.hover_index
        assert hovered is not None
        assert int(chart.model.candles.time[hovered]) == jumped[0]
        QTest.keyClick(held.page, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert chart.model.hover_index != hovered
        assert held.page.moment == review.to_at


async def test_wins_and_losses_are_filtered_by_value(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        body = held.page.body
        assert body is not None
        body.trades.which.step(1)
        assert trade_numbers(held) == ["5", "3", "1"]
        body.trades.which.step(1)
        assert trade_numbers(held) == ["4", "2"]


async def test_the_log_stands_behind_its_tab(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        body = held.page.body
        assert body is not None
        body.tabs[0].step(1)
        assert body.lists.currentWidget() is body.log
        await until(lambda: log_length(held) > 10)
        assert body.log.view.isVisible()
        body.tabs[1].step(-1)
        assert body.lists.currentWidget() is body.trades


def watch_statistics(engine: FakeEngine) -> list[int]:
    """The sessions whose statistics are asked for from now on."""
    asked: list[int] = []
    original: Callable[[int], Any] = engine.statistics

    async def statistics(session_id: int) -> Any:
        asked.append(session_id)
        return await original(session_id)

    engine.statistics = statistics  # type: ignore[method-assign]
    return asked


async def test_another_session_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        _, body = await reviewed(held)
        page = held.page
        body.trades.which.step(1)
        body.chart.chart.select_trade(1)
        body.chart.chart.trade_clicked.emit(int(body.trades.model.rows.table[0, hs.T_NO]))
        page.go(page.moment - 600_000)
        body.show_list("statistics")
        await until(lambda: body.statistics.figures)
        last_of_five = body.last.events.lines
        asked = watch_statistics(held.engine)
        page.open(124)
        await until(lambda: page.review is not None)
        assert page.body is body
        assert page.review is not None
        assert page.moment == page.review.to_at
        assert trade_numbers(held) == ["4", "3", "2", "1"]
        assert body.trades.which.value == "all"
        assert body.trades.table.current_key is None
        assert body.chart.chart.model.selected_trade == -1
        assert body.last.events.lines != last_of_five
        assert len(body.curve.model.upper[0].times) == len(page.review.equity)
        await until(lambda: asked == [124])  # they are looked at, so they are asked for
        await until(lambda: log_length(held) > 0)
        whole = page.review.log.table
        assert body.log.model.entry(log_length(held) - 1).event < len(whole)
        assert body.log.model.entry(0).line.at == int(whole[0, ev.AT])


async def test_a_review_that_is_there_is_shown_without_a_question(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    async with paged(engine, ReviewPage) as held:
        held.page.open(125)  # overtaken
        there = ReviewFigures(await FakeEngine.review(engine, 124))
        held.page.show_review(there)
        assert held.page.review is there.review
        assert held.page.kpis.texts()[-1] == "4"
        await drawn()
        assert held.page.review is there.review
        assert held.page.head.id.text() == session_label(124)


async def test_panels_made_before_are_those_of_the_first_review(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        held.page.prepare()
        body = held.page.body
        assert body is not None
        assert not body.isVisible()
        held.page.prepare()
        QTest.keyClick(held.page, Qt.Key.Key_Home)
        held.page.time.back()
        await reviewed(held)
        assert held.page.body is body
        assert body.isVisible()


async def test_a_running_session_can_be_read_again(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    async with paged(engine, ReviewPage) as held:
        first, _ = await reviewed(held, 101)
        assert held.page.head.again.isVisible()
        assert first.record.status is SessionStatus.RUNNING
        engine.story(1).leave().go(5)
        click(held.page.head.again)
        await until(lambda: held.page.review is not first)
        assert held.page.moment == held.page.review.to_at  # type: ignore[union-attr]
        assert len(trade_numbers(held)) == 2


async def test_a_review_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), ReviewPage) as held:
        held.page.open(7)
        await until(lambda: held.page._stack.currentWidget() is held.page._problem)
        words = held.page._problem.findChildren(object)
        assert any(
            "There is no session 7" in text()
            for text in (getattr(part, "text", None) for part in words)
            if text is not None
        )
        assert held.page.controls.isHidden()


async def test_leaving_while_it_loads_leaves_nothing_behind(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        held.page.open(124)
        held.page.open(125)
        await until(lambda: held.page.review is not None)
        assert held.page.review is not None
        assert held.page.review.record.id == 125


async def test_trades_are_exported_as_plain_values(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        said: list[str] = []
        held.page.said.connect(said.append)
        held.page.export_to(tmp_path / "t.csv")
        lines = (tmp_path / "t.csv").read_text("utf-8").splitlines()
        assert lines[0] == (
            "side,amount,entry_time,entry_price,exit_time,exit_price,exit_reason,fees,pnl"
        )
        assert len(lines) == 6
        assert lines[-1].startswith("long,")
        assert re.search(r",2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,", lines[-1])
        assert said == ["5 trades written to t.csv."]


def test_the_scrubber_is_moved_by_mouse_and_keys(qtbot: object) -> None:
    scrubber = Scrubber()
    scrubber.resize(400, 44)
    moved: list[int] = []
    scrubber.moved.connect(moved.append)
    import numpy as np

    from trader_gui.models.review_moments import EventTicks

    scrubber.set_span(1_000, 2_000, EventTicks(np.array([1_500]), np.array([1])))
    assert scrubber.at == 2_000
    QTest.keyClick(scrubber, Qt.Key.Key_Home)
    QTest.keyClick(scrubber, Qt.Key.Key_End)
    QTest.mouseClick(scrubber, LEFT, pos=QPoint(round(scrubber.x_of(1_500)), 20))
    assert moved[:2] == [1_000, 2_000]
    assert abs(moved[2] - 1_500) <= 3
    scrubber.deleteLater()


def test_ticks_that_touch_are_painted_as_one(qtbot: object) -> None:
    scrubber = Scrubber()
    scrubber.resize(1_000, 44)
    at = np.array([0, 100, 101, 101, 102, 500, 1_000]) * 1_000
    tone = np.array([1, 1, 1, 1, 1, -1, 1])
    scrubber.set_span(0, 1_000_000, EventTicks(at, tone))
    image, ground = scrubber._ground().toImage(), theme().color("raised")
    line = [image.pixelColor(x, 4) for x in range(1_000)]
    shown = [x for x, color in enumerate(line) if color != ground]
    places = {round(scrubber.x_of(int(each))) + more for each in at for more in (0, 1)}
    assert shown == sorted(places)
    middle = round(scrubber.x_of(500_000))
    assert line[middle] == theme().color("down")
    assert line[shown[0]] == line[shown[-1]] == theme().color("up")
    scrubber.set_span(0, 1_000_000, EventTicks(at[:0], tone[:0]))
    image = scrubber._ground().toImage()
    assert all(image.pixelColor(x, 4) == ground for x in range(1_000))


async def test_another_theme_reaches_every_panel(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), ReviewPage) as held:
        await reviewed(held)
        body = held.page.body
        assert body is not None
        theme().apply("light")
        await drawn()
        shade = theme().color("chart")
        assert body.chart.chart.model.colors.chart == shade
        assert body.curve.model.colors.chart == shade
        picture = held.page.grab().toImage()
        assert picture.pixelColor(picture.width() // 3, picture.height() // 3).lightness() > 150


async def test_levels_are_shown_whole_and_the_time_axis_stays_in_the_chart(tmp_path: Path) -> None:
    story = Story(seed=3).enter().go(12).leave().go(5).enter().go(9).trail().end()
    engine = FakeEngine(tmp_path)
    engine.finished = [story]
    async with paged(engine, ReviewPage, (1536, 870)) as held:
        _, body = await reviewed(held, story.session_id)
        target = body.state.position.target
        assert target.isVisible()
        assert target.visibleRegion().boundingRect() == target.rect()
        held.page.resize(912, 473)  # what the smallest window leaves
        await drawn()
        parts = (body.chart, body.curve, body.lists)
        for upper, lower in pairwise(parts):
            assert upper.geometry().bottom() < lower.geometry().top()


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
@pytest.mark.parametrize("tab", ["trades", "log"])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int], tab: str) -> None:
    async with paged(with_history(tmp_path), ReviewPage, size) as held:
        await reviewed(held)
        assert held.page.body is not None
        held.page.body.show_list(tab)
        await drawn()
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []
