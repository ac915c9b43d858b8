"""The program as a newcomer meets it: first page, simulation, stopping, looks, errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from engine.domain.bots import BotState
from engine.errors import FileRefused, IllegalStep
from engine.messages import commands as cm
from tests.gui.opened import Opened, click, cut, opened, overlaps, states
from tests.gui.paged import retype
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.asking.stopping import stop_words
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.first_run import FirstRunPage
from trader_gui.pages.monitor import MonitorPage
from trader_gui.settings.preferences import FILE_NAME, Preferences, ThemeChoice
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop


@pytest.fixture
async def newcomer(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path, []) as held:
        yield held


def offer(held: Opened, words: str) -> QPushButton:
    """The button of a toast."""
    return next(
        button
        for button in held.window.centralWidget().findChildren(QPushButton)
        if button.text() == words and button.isVisible()
    )


async def test_the_first_page_stands_alone_and_enter_starts(newcomer: Opened) -> None:
    held = newcomer
    assert not held.window.rail.isVisible()
    assert not held.window.top_bar.isVisible()
    QTest.keyClick(held.first, Qt.Key.Key_Return)
    await until(lambda: held.asked == [cm.StartSimulation()])
    await until(lambda: isinstance(held.window.page("monitor"), MonitorPage))
    await drawn()
    assert held.window.rail.isVisible()
    assert held.window.top_bar.isVisible()
    assert held.monitor.bots.model.rowCount() == 6
    assert held.monitor.isVisible()


async def test_a_click_on_the_card_starts_it_once(newcomer: Opened) -> None:
    held = newcomer
    card = held.first.simulate
    click(card)
    click(card)
    await until(lambda: isinstance(held.window.page("monitor"), MonitorPage))
    assert held.asked == [cm.StartSimulation()]


async def test_what_goes_wrong_at_the_start_is_said_on_the_page(newcomer: Opened) -> None:
    held = newcomer
    held.engine.fail_with = IllegalStep("The account has no money left. Reset it in Bots.")
    click(held.first.simulate.button)
    await until(lambda: "no money" in held.first.words.text())
    assert held.first.simulate.isEnabled()
    assert isinstance(held.window.page("monitor"), FirstRunPage)


async def test_live_prices_of_an_exchange_lead_into_the_editor(newcomer: Opened) -> None:
    held = newcomer
    live = held.first.live
    assert "Public prices only, no keys" in [line.text() for line in live.findChildren(QLabel)]
    retype(held.first.exchange, "krak")
    QTest.keyClick(held.first.exchange.popup, Qt.Key.Key_Return)
    click(live.button)
    await until(lambda: held.engine.asked_of == ["kraken"])
    page = held.window.page("bots")
    assert isinstance(page, BotsPage)
    await until(lambda: page.editor.market.live.listing is not None)
    assert page.isVisible()
    assert held.window.rail.isVisible()
    settings = page.editor.settings()
    assert (settings.feed.exchange, settings.symbol) == ("kraken", "BTC/USD")
    assert held.asked == []


async def test_the_exchange_is_chosen_without_pressing_the_card(newcomer: Opened) -> None:
    click(newcomer.first.exchange)
    assert newcomer.first.exchange.popup.isVisible()
    assert newcomer.engine.asked_of == []
    newcomer.first.exchange.popup.hide()


async def test_a_data_file_leads_to_the_backtest(newcomer: Opened, tmp_path: Path) -> None:
    held = newcomer
    click(held.first.file.button)
    dialog = held.first.dialog
    assert dialog is not None
    await until(dialog.isVisible)
    dialog.fileSelected.emit(str(tmp_path / "btc.csv"))
    dialog.reject()
    await until(lambda: held.window.current_page == "backtest")
    assert held.window.rail.isVisible()
    assert isinstance(held.window.page("monitor"), MonitorPage)
    await drawn()


async def test_a_wrong_file_is_refused_with_words(
    newcomer: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(path: Path) -> None:
        raise FileRefused(f"{path.name} has no price columns. Nothing was taken.")

    held = newcomer
    monkeypatch.setattr(held.engine, "read_candle_file", refuse)
    held.first.read_file("photo.csv")
    await until(lambda: "no price columns" in held.first.words.text())
    assert held.window.current_page == "monitor"
    assert held.first.file.isEnabled()


async def test_the_look_changes_at_once_and_is_kept(newcomer: Opened, tmp_path: Path) -> None:
    held = newcomer
    ground = theme().tokens.panel
    held.first.look.step(1)
    assert theme().tokens.panel != ground
    assert Preferences(tmp_path / FILE_NAME).theme is ThemeChoice.LIGHT
    theme().apply("dark")


@pytest.mark.parametrize("size", [(1600, 1000), (1100, 700), (960, 600)])
async def test_nothing_on_the_first_page_is_cut(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, [], size) as held:
        assert overlaps(held.first) == []
        assert cut(held.first) == []


async def test_no_bots_is_an_empty_state_with_a_way_on(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        held.program.leave_first_pages("monitor")
        await drawn()
        page = held.monitor
        assert page.bots.empty.isVisible()
        assert page.chart.empty.isVisible()
        button = page.bots.empty.findChild(QPushButton)
        assert button is not None
        click(button)
        assert held.window.current_page == "bots"


# ---------------------------------------------------------------- stopping


async def test_stop_all_acts_at_once_and_says_what_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.window.stop_all_requested.emit()
        await until(lambda: held.asked == [cm.StopAll()])
        await until(lambda: bool(held.window.toasts.texts))
        assert held.window.toasts.texts == [stop_words(5, 2)]
        assert set(states(held).values()) == {BotState.STOPPED}
        click(offer(held, "Start again"))
        await until(lambda: len(held.asked) == 6)
        assert set(states(held).values()) == {BotState.RUNNING}


async def test_stop_all_offers_to_close_what_is_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.window.stop_all_requested.emit()
        await until(lambda: bool(held.window.toasts.texts))
        click(offer(held, "Close positions"))
        await until(lambda: held.asked[-1] == cm.PanicClose())
        await until(
            lambda: held.program.stopping.sheet is not None and held.program.stopping.sheet.done
        )


def test_the_words_of_stopping() -> None:
    assert stop_words(1, 0) == "1 bot stopped. No position is open."
    assert stop_words(6, 3).startswith("6 bots stopped. 3 positions are still open, unguarded")
    assert stop_words(0, 1).startswith("No bot was running. 1 position is still open")


async def test_panic_needs_to_be_held(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        panic = held.window.top_bar.panic
        QTest.mousePress(panic, Qt.MouseButton.LeftButton)
        await asyncio.sleep(0.1)
        QTest.mouseRelease(panic, Qt.MouseButton.LeftButton)
        await asyncio.sleep(0.05)
        assert held.asked == []
        assert panic.progress == 0
        QTest.mousePress(panic, Qt.MouseButton.LeftButton)
        await until(lambda: held.asked == [cm.PanicClose()])
        QTest.mouseRelease(panic, Qt.MouseButton.LeftButton)
        sheet, card = held.program.stopping.sheet, held.program.stopping.card
        assert sheet is not None
        assert card is not None
        await until(lambda: sheet.done)
        assert sheet.outcomes() == {1: "filled", 3: "filled"}
        assert not card.button("again").isEnabled()
        click(card.button("close"))
        assert held.program.stopping.sheet is None
        await drawn()


async def test_a_failed_panic_can_be_tried_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.engine.fail_with = IllegalStep("Not every position could be closed. Try again.")
        held.window.panic_requested.emit()
        stopping = held.program.stopping
        await until(
            lambda: (
                stopping.sheet is not None and set(stopping.sheet.outcomes().values()) == {"failed"}
            )
        )
        assert stopping.card is not None
        click(stopping.card.button("again"))
        await until(lambda: stopping.sheet is not None and stopping.sheet.done)


async def test_panic_without_positions_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story()]) as held:
        held.window.panic_requested.emit()
        await until(lambda: held.window.toasts.texts == ["No position was open."])
        assert held.program.stopping.card is None


# ---------------------------------------------------------------- frame and errors


async def test_the_frame_shows_the_account_and_the_engine(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        bar = held.window.status_bar
        held.program.frame.show_status(held.engine.snapshot().status)
        assert bar.words("engine") == "Engine heartbeat 0.8 s"
        assert bar.words("lag") == "Loop lag 3 ms"
        assert bar.words("feed") == "Feed simulated 0.8 s"
        assert bar.words("store") == "DB ok · queue 0"
        assert bar.words("candle") == "1m closes in 01:00"
        held.engine.story(1).fail()
        held.engine.changed()
        await until(lambda: held.program.bridge.snapshot.bots[0].state is BotState.ERROR)
        assert "btc-trend-1" in held.window.rail._buttons["bots"].accessibleDescription()


async def test_an_old_price_is_marked_everywhere(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.engine.pulse_age_ms = 60_000
        status = held.engine.snapshot().status
        held.program.bridge.pulse.emit(status)
        page = held.monitor
        last = page.chart.chart.model.last_price
        assert last is not None
        assert last.stale
        assert page.inspector.position.hero.text().startswith("~")
        assert held.window.status_bar.words("feed") == "Feed simulated 1 m"


async def test_a_fault_is_a_toast_that_stays_with_details_to_copy(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.engine.fail_with = IllegalStep("The bot is running already.", details="raw text")
        held.program.bridge.send(cm.StartBot(1))
        await until(lambda: held.window.toasts.texts == ["The bot is running already."])
        click(offer(held, "Copy details"))
        assert "raw text" in QGuiApplication.clipboard().text()


async def test_deleting_asks_first(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story().end(), Story(2, "other")]) as held:
        held.monitor.bots.delete_asked.emit(1)
        click(offer(held, "Keep bot"))
        await drawn()
        assert held.asked == []
        held.monitor.bots.delete_asked.emit(1)
        click(offer(held, "Delete bot"))
        await until(lambda: held.asked == [cm.DeleteBot(1)])
        await until(lambda: held.monitor.bots.selected_id == 2)


async def test_pages_open_from_rail_and_the_last_one_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        for name in ("sessions", "backtest", "bots", "settings"):
            held.window.rail.chosen.emit(name)
            await drawn()
            assert held.window.current_page == name
            assert cut(held.window) == []
        held.window.show_page("sessions")
    async with opened(tmp_path) as again:
        assert again.window.current_page == "sessions"


async def test_trades_of_the_inspector_lead_to_the_review(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        click(held.monitor.inspector.trades.all)
        assert held.window.current_page == "sessions"
        await until(lambda: not held.program.tasks.runs("review 1"))
        await drawn()
