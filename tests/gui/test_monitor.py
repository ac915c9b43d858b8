"""The Monitor as a person uses it: select, verbs, chips, filter, follow, jump, fold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.domain.bots import BotState
from engine.domain.candles import no_candles
from engine.domain.reasons import Input
from engine.messages import commands as cm
from engine.messages.histories import CandleColumns, ChartView
from tests.gui.opened import Opened, click, cut, opened, overlaps, states
from tests.gui.stories import Story, five_bots
from tests.gui.waiting import drawn, until
from trader_gui.models.bots_model import BotRole
from trader_gui.panels.verbs import Verb
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop


def row_area(held: Opened, bot_id: int) -> QRect:
    model, view = held.monitor.bots.model, held.monitor.bots.view
    row = model.row_of(bot_id)
    assert row is not None
    return view.visualRect(model.index(row))


async def test_the_first_bot_is_shown_everywhere(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        page = held.monitor
        assert page.bots.selected_id == 1
        assert page.chart.symbol.text() == "BTC/USDT"
        assert page.chart.source.text() == "SIMULATED"
        assert page.inspector.name.text() == "btc-trend-1"
        assert page.inspector.state.text() == "Running"
        assert page.inspector.position.hero.text() == "−2.56"
        assert page.inspector.position.corner.text() == "▲ LONG"
        assert page.inspector.today.realised.value.text() == "+19.39"
        assert page.inspector.today.trades.second.text() == "of 8"
        assert "EMA 9" in page.chart.chart.legend_text()
        assert len(page.chart.chart.model.candles) == held.engine.story(1).bar + 1


async def test_a_bot_whose_recording_nobody_has_read_is_read_when_it_is_shown(
    tmp_path: Path,
) -> None:
    stories = five_bots()
    whole = stories[1].snapshot
    unread = ChartView(CandleColumns(no_candles(60_000), {}), 0)
    stories[1].snapshot = lambda: replace(whole(), chart=unread)  # type: ignore[method-assign]
    async with opened(tmp_path, stories) as held:
        held.monitor.bots.select(2)
        await until(lambda: held.engine.looked_at == [2])
        assert len(held.monitor.chart.chart.model.candles) == 0
        held.engine.version += 1
        held.engine.changed()
        await drawn()
        held.monitor.bots.select(1)
        await drawn()
        assert held.engine.looked_at == [2]  # asked once, and not for what is there


async def test_a_click_and_the_arrow_keys_select(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        page = held.monitor
        area = row_area(held, 3)
        click(page.bots.view.viewport(), area.center() - QPoint(60, 0))
        assert page.inspector.name.text() == "sol-breakout"
        assert page.chart.symbol.text() == "SOL/USDT"
        QTest.keyClick(page.bots.view, Qt.Key.Key_Up)
        assert page.inspector.name.text() == "eth-meanrev"
        QTest.keyClick(page.bots.view, Qt.Key.Key_Down)
        QTest.keyClick(page.bots.view, Qt.Key.Key_Down)
        assert page.inspector.name.text() == "eth-trend"
        assert page.inspector.detail.text() == "Warming up 142 / 200"


async def test_the_button_of_a_row_stops_and_starts(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        page = held.monitor
        area = row_area(held, 2)
        button = page.bots.delegate.button_area(area.toRectF()).center().toPoint()
        click(page.bots.view.viewport(), button)
        await until(lambda: held.asked == [cm.StopBot(2)])
        await until(lambda: page.inspector.state.text() == "Stopped")
        assert states(held)["eth-meanrev"] is BotState.STOPPED
        QTest.keyClick(page.bots.view, Qt.Key.Key_S)
        await until(lambda: held.asked == [cm.StopBot(2), cm.StartBot(2)])
        await until(lambda: page.inspector.state.text() == "Running")


@pytest.mark.parametrize(
    ("verb", "wished", "then"),
    [
        (Verb.PAUSE, cm.PauseEntries(1), "Entries paused"),
        (Verb.STOP, cm.StopBot(1), "Stopped"),
        (Verb.CLOSE, cm.ClosePosition(1), "Running"),
        (Verb.CLOSE_AND_STOP, cm.CloseAndStop(1), "Stopped"),
    ],
)
async def test_each_verb_of_the_inspector(
    tmp_path: Path, verb: Verb, wished: cm.BotCommand, then: str
) -> None:
    async with opened(tmp_path) as held:
        inspector = held.monitor.inspector
        click(inspector.verbs[verb])
        await until(lambda: held.asked == [wished])
        held_then = verb in (Verb.PAUSE, Verb.STOP)
        await until(lambda: inspector.state.text() == then)
        await until(lambda: (inspector.position.corner.text() != "Flat") is held_then)


async def test_paused_entries_can_be_resumed(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story().command(Input.PAUSE_ENTRIES)]) as held:
        verbs = held.monitor.inspector.verbs
        assert not verbs[Verb.PAUSE].isVisible()
        click(verbs[Verb.RESUME])
        await until(lambda: held.asked == [cm.ResumeEntries(1)])
        await until(verbs[Verb.PAUSE].isVisible)


async def test_verbs_that_do_not_fit_say_why(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story()]) as held:
        close = held.monitor.inspector.verbs[Verb.CLOSE]
        assert not close.isEnabled()
        assert close.toolTip() == "There is no open position."
        click(close)
        await drawn()
        assert held.asked == []


async def test_the_context_menu_has_all_verbs(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        bots = held.monitor.bots
        bot = held.engine.snapshot().bot(1)
        assert bot is not None
        menu = bots.menu_for(bot)
        names = [action.text() for action in menu.actions() if action.text()]
        assert names == [*(verb.value for verb in Verb), "Edit bot", "Delete bot"]
        enabled = {action.text(): action.isEnabled() for action in menu.actions()}
        assert not enabled["Start"]
        assert not enabled["Delete bot"]
        next(a for a in menu.actions() if a.text() == "Close position").trigger()
        await until(lambda: held.asked == [cm.ClosePosition(1)])
        menu.deleteLater()


async def test_stopped_with_a_position_is_unguarded_everywhere(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story().enter().go(5).end()], (1100, 700)) as held:
        page = held.monitor
        assert "UNGUARDED" in page.strip.side.text()
        assert "UNGUARDED" in page.inspector.detail.text()
        index = page.bots.model.index(1)
        assert "unguarded" in index.data(Qt.ItemDataRole.AccessibleTextRole)


async def test_an_error_is_told_with_a_copy_button(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story().fail("The strategy returned NaN.")]) as held:
        card = held.monitor.inspector.error
        assert card.words.text() == "The strategy returned NaN."
        click(card.copy)
        copied = QGuiApplication.clipboard().text()
        assert "The strategy returned NaN." in copied
        assert "Traceback" in copied


async def test_search_and_group_headers(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        bots = held.monitor.bots
        click(bots.find_button)
        QTest.keyClicks(bots.search, "eth rsi")
        shown = [bots.model.index(row).data() for row in range(bots.model.rowCount())]
        assert shown[1:] == ["eth-meanrev"]
        assert bots.selected_id == 1  # what is selected stays, shown or not
        bots.search.clear()
        header = bots.view.visualRect(bots.model.index(0))
        click(bots.view.viewport(), header.center())
        assert bots.model.rowCount() == 1
        assert bots.model.index(0).data(BotRole.ROW).open is False
        click(bots.view.viewport(), header.center())
        assert bots.model.rowCount() == 6


async def test_the_speed_of_the_simulated_market(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        speed = held.monitor.chart.speed
        speed.step(2)
        await until(lambda: held.asked == [cm.SetSpeed(60.0)])
        await until(lambda: speed.value == "60")


async def test_the_chart_grows_with_the_bot(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        chart = held.monitor.chart.chart
        columns, before = chart.model.candles, len(chart.model.candles)
        for _ in range(3):
            held.engine.story(1).go()
            held.engine.changed()
            await until(
                lambda: (
                    held.program.bridge.snapshot.bots[0].chart.length == held.engine.story(1).bar
                )
            )
        assert chart.model.candles is columns  # appended, not loaded anew
        assert len(columns) == before + 3
        values = chart.model.lines[0].values.low
        assert len(values) == len(columns)
        assert values[-2] == values[-2]
        chart.camera.pan_time(-60)
        await until(held.monitor.chart.back.isVisible)
        click(held.monitor.chart.back)
        await until(lambda: not held.monitor.chart.back.isVisible())


@pytest.mark.parametrize(
    ("size", "look"),
    [
        ((1600, 1000), "dark"),
        ((1440, 900), "light"),
        ((1300, 760), "dark"),
        ((1100, 700), "light"),
        ((980, 620), "dark"),
    ],
)
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int], look: str) -> None:
    stories = five_bots()
    stories[1].fail("The strategy returned NaN. The bot was stopped; its position was kept.")
    async with opened(tmp_path, stories, size) as held:
        theme().apply(look)
        await until(lambda: held.monitor.log.model.rowCount() > 10)
        for bot_id in (1, 2, 3):
            held.monitor.bots.select(bot_id)
            await drawn()
            assert overlaps(held.monitor) == []
            assert cut(held.window) == []
    theme().apply("dark")


async def test_the_entry_price_has_its_room_before_the_gauge_has_more(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(960, 600)) as held:
        strip = held.monitor.strip
        assert strip.entry.text().startswith("@ ")
        assert strip.entry.shown() == strip.entry.text()
        strip.setParent(None)
        strip.show()
        strip.resize(strip.minimumSizeHint().width() + strip.entry.sizeHint().width() + 2, 38)
        await drawn()
        assert strip.entry.shown() == strip.entry.text()
        strip.resize(strip.width() - 12, 38)
        await drawn()
        assert strip.entry.shown() == ""
        strip.close()


async def test_narrow_windows_fold(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(1100, 700)) as held:
        page = held.monitor
        assert page.strip.isVisible()
        assert not page.inspector.isVisible()
        assert page.bots.width() == 232
        assert row_area(held, 1).height() == 44
        assert page.log.groups.isVisible()
        assert page.log.view.isColumnHidden(3)
        click(page.details)
        await drawn()
        assert page.inspector.isVisible()
        QTest.keyClick(page, Qt.Key.Key_I)
        assert not page.inspector.isVisible()
        held.window.resize(1600, 1000)
        await drawn()
        assert page.inspector.isVisible()
        assert not page.strip.isVisible()
        assert page.bots.width() == 352
        assert page.inspector.width() == 300


async def test_sizes_that_a_person_chose_are_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        page = held.monitor
        page.columns.setSizes([420, 880, 236])
        page.columns.splitterMoved.emit(420, 1)
        held.window.resize(1500, 1000)
        await drawn()
        assert page.bots.width() == 420
    async with opened(tmp_path) as again:
        assert again.monitor.bots.width() == 420


async def test_nothing_is_drawn_behind_another_page(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        page = held.monitor
        held.window.show_page("sessions")
        before = len(page.chart.chart.model.candles)
        held.engine.story(1).go(5)
        held.engine.changed()
        await until(
            lambda: held.program.bridge.snapshot.bots[0].chart.length == held.engine.story(1).bar
        )
        assert len(page.chart.chart.model.candles) == before
        held.window.show_page("monitor")
        assert len(page.chart.chart.model.candles) == before + 5


async def test_single_letters_work_at_once_without_a_click(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(1100, 700)) as held:
        page, window = held.monitor, held.window
        focus = QApplication.focusWidget()
        assert focus is page.bots.view
        assert page.drawer.isHidden()
        QTest.keyClick(focus, Qt.Key.Key_I)
        assert page.drawer.isVisible()
        window.show_page("settings")
        window.show_page("monitor")
        assert QApplication.focusWidget() is page.bots.view


async def test_pictures_of_bots_that_are_gone_are_let_go(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        pictures = held.monitor.bots.delegate.pictures
        await until(lambda: len(pictures) == 5)
        gone = held.engine.stories.pop()
        held.engine.changed()
        await until(lambda: held.monitor.bots._bots.keys() == {1, 2, 3, 4, 5} - {gone.bot_id})
        await drawn()
        assert len(pictures) == 4
