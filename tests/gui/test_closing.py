"""Closing the window while bots run or work goes on: asked once, carried out, called off."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.domain.bots import BotState, FeedChoice, FeedKind
from engine.errors import FaultKind, StoreUnavailable
from engine.messages import commands as cm
from engine.messages.monte_carlo import MonteCarlo
from engine.messages.progress import Progress, Report
from engine.messages.snapshot import BotError, Retry, Vitals
from tests.gui.fakes import FakeEngine
from tests.gui.opened import Opened, click, cut, opened, opened_over, overlaps, states
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.asking.closing import CloseOptions
from trader_gui.door.bridge import Bridge
from trader_gui.frame.tray import Tray
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.settings.preferences import FILE_NAME, OnClose, Preferences
from trader_gui.widgets.scrim import ScrimCard

pytestmark = pytest.mark.qt_loop


def closed(held: Opened) -> list[bool]:
    """Close the window as a person does; what is answered grows when the program ends."""
    ended: list[bool] = []
    held.program.closing.ended.connect(lambda: ended.append(True))
    held.window.close()
    return ended


def options(held: Opened) -> CloseOptions:
    card = held.program.closing.card
    assert card is not None
    found = card.findChild(CloseOptions)
    assert found is not None
    return found


async def test_without_bots_that_run_nothing_is_asked(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        assert closed(held) == [True]
        assert held.program.closing.card is None


async def test_it_asks_once_and_the_window_may_stay_open(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(1100, 700)) as held:
        ended = closed(held)
        held.window.close()
        card = held.program.closing.card
        assert card is not None
        await drawn()
        assert overlaps(card) == []
        assert cut(card) == []
        QTest.keyClick(card, Qt.Key.Key_Escape)
        assert held.program.closing.card is None
        assert held.window.isVisible()
        assert (ended, held.asked) == ([], [])


async def test_stopping_ends_the_program_and_sends_nothing(tmp_path: Path) -> None:
    """Bots are interrupted with the program, so that the next start can go on with them."""
    async with opened(tmp_path) as held:
        ended = closed(held)
        click(options(held).buttons[OnClose.STOP])
        assert (ended, held.asked) == ([True], [])


async def test_closing_waits_for_the_last_exit(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        running = [
            bot.bot_id
            for bot in held.engine.snapshot().bots
            if bot.state in (BotState.RUNNING, BotState.PENDING)
        ]
        ended = closed(held)
        click(options(held).buttons[OnClose.CLOSE])
        await until(lambda: ended)
        assert sorted(one.bot_id for one in held.asked) == sorted(running)  # type: ignore[attr-defined]
        assert {type(one) for one in held.asked} == {cm.CloseAndStop}
        assert not set(states(held).values()) & {BotState.RUNNING, BotState.PENDING}
        assert ended == [True]
        assert held.program.closing.card is None
        assert not any(card.isVisible() for card in held.window.findChildren(ScrimCard))
        assert held.window.toasts.texts == []


async def test_a_bot_that_is_about_to_be_tried_again_counts_as_running(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        for story in held.engine.stories:
            held.engine._close(story)
            held.engine._stop(story)
        story = held.engine.stories[0]
        story.state = BotState.ERROR
        story.error = BotError(FaultKind.FEED, "No prices.", "", 1, Retry(2, 60_000))
        ended = closed(held)
        click(options(held).buttons[OnClose.CLOSE])
        await until(lambda: held.asked == [cm.StopBot(story.bot_id)])
        story.error = None
        held.engine.changed()
        await until(lambda: ended)


@pytest.mark.parametrize(("key", "ends"), [("stay", False), ("end", True)])
async def test_the_waiting_can_be_called_off(tmp_path: Path, key: str, ends: bool) -> None:
    async with opened(tmp_path) as held:
        held.engine.fail_with = StoreUnavailable("The database is locked.")  # one stays open
        ended = closed(held)
        click(options(held).buttons[OnClose.CLOSE])
        sheet = held.program.closing.sheet
        assert sheet is not None
        await until(lambda: sheet.words.text() == "The database is locked.")
        card = held.program.closing.card
        assert card is not None
        click(card.button(key))
        assert ended == [True] * ends
        assert held.program.closing.card is None
        assert bool(held.window.toasts.texts) != ends


async def test_the_choice_can_be_remembered_and_changed_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        ended = closed(held)
        chosen = options(held)
        chosen.remember.setChecked(True)
        click(chosen.buttons[OnClose.KEEP])
        assert held.window.isMinimized()  # there is no tray here to come back from
        assert ended == []
        assert Preferences(tmp_path / FILE_NAME).on_close is OnClose.KEEP
        held.program.closing.show_window()
        held.window.close()
        assert held.program.closing.card is None
        assert held.window.isMinimized()
        held.program.closing.ask()  # Quit of the tray asks all the same
        assert held.program.closing.card is not None
        assert not held.window.isMinimized()
        held.program.closing.card.take("stay")
        held.window.show_page("settings")
        page = held.window.page("settings")
        assert isinstance(page, SettingsPage)
        assert page.on_close.value == OnClose.KEEP
        page.on_close.step(1)
        assert Preferences(tmp_path / FILE_NAME).on_close is OnClose.STOP
        held.window.close()
        assert ended == [True]


async def test_the_tray_hides_and_brings_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tray, "available", property(lambda self: True))
    async with opened(tmp_path) as held:
        closed(held)
        click(options(held).buttons[OnClose.KEEP])
        assert not held.window.isVisible()
        tray = held.program.closing.tray
        show, stop_all, leave = tray.show_window, tray.stop_all, tray.quit
        leave.trigger()
        assert held.window.isVisible()
        assert held.program.closing.card is not None
        held.program.closing.card.take("stay")
        held.window.hide()
        show.trigger()
        assert held.window.isVisible()
        stop_all.trigger()
        await until(lambda: held.asked == [cm.StopAll()])
        await until(lambda: "0 bots run" in held.program.closing.tray.icon.toolTip())


async def test_what_cannot_be_meant_is_asked(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('on_close = "explode"\n')
    read = Preferences(tmp_path / FILE_NAME)
    assert read.on_close is OnClose.ASK
    assert "explode" in read.problems[0]


class BusyEngine(FakeEngine):
    """Backtests and sweeps come to no end by themselves; a sweep does when it is asked to."""

    def __init__(self, folder: Path, stories: list[Story] | None = None) -> None:
        super().__init__(folder, stories)
        self.halted, self.broken_off = asyncio.Event(), 0

    async def execute(self, command: cm.Command, report: Report | None = None) -> Any:
        assert report is not None
        match command:
            case cm.RunSweep():
                report(Progress(3, 9, "3 of 9 sets"))
                await self.halted.wait()
            case cm.EndSweep():
                self.halted.set()
            case _:
                await self._forever()

    async def monte_carlo(self, session_id: int, report: Report | None = None) -> MonteCarlo:
        await self._forever()
        raise AssertionError

    async def _forever(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.broken_off += 1


BACKTEST = cm.RunBacktest(FeedChoice(FeedKind.FILE, "candles.csv"), "BTC/USDT", None, "ema_cross")
SWEEP = cm.RunSweep(BACKTEST, {"fast": (Decimal(4), Decimal(8))})


def ask_monte_carlo(bridge: Bridge) -> None:
    bridge.ask("monte carlo", lambda engine: engine.monte_carlo(1, None), print, print)


async def test_long_work_is_named_and_ended_before_the_program(tmp_path: Path) -> None:
    engine = BusyEngine(tmp_path)
    async with opened_over(engine, (1100, 700)) as held:
        closing, bridge = held.program.closing, held.program.bridge
        bridge.send(SWEEP, end=lambda: bridge.send(cm.EndSweep()))
        bridge.send(BACKTEST)
        ask_monte_carlo(bridge)
        await until(lambda: "3 of 9" in bridge.long_work.lines[0])
        assert bridge.long_work.lines == (
            "Sweep (3 of 9 sets): what is done is kept, the rest is not run.",
            "Backtest: nothing of it is kept.",
            "Monte Carlo: nothing of it is kept.",
        )
        ended = closed(held)
        assert closing.card is not None
        await drawn()
        assert overlaps(closing.card) == []
        said = [line.text() for line in closing.card.findChildren(QLabel)]
        assert "\n".join(bridge.long_work.lines) in said
        QTest.keyClick(closing.card, Qt.Key.Key_Escape)
        assert (ended, closing.card, engine.broken_off) == ([], None, 0)
        assert not engine.halted.is_set()
        held.window.close()
        assert closing.card is not None
        closing.card.take("end")
        assert ended == []  # what is kept is stored first
        await until(lambda: ended == [True])
        assert engine.halted.is_set()
        assert engine.broken_off == 2
        assert closed(held) == [True]


async def test_what_ends_by_itself_is_not_asked_about(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        held.program.bridge.send(cm.StartSimulation(2))
        held.program.bridge.send(cm.SetSpeed(2))
        assert held.program.bridge.long_work.lines == ()


async def test_what_is_in_memory_only_is_not_lost_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither database nor file took it, whatever was chosen for good."""
    async with opened(tmp_path) as held:
        held.program.preferences.on_close = OnClose.STOP
        snapshot = held.program.bridge.engine_snapshot()
        vitals = Vitals("The disk is full.", store_queue=3, unkept=2)
        troubled = replace(snapshot, status=replace(snapshot.status, vitals=lambda: vitals))
        monkeypatch.setattr(held.program.bridge, "engine_snapshot", lambda: troubled)
        ended = closed(held)
        card = held.program.closing.card
        assert (ended, card is not None) == ([], True)
        assert card is not None
        words = " ".join(one.text() for one in card.findChildren(QLabel))
        assert "not stored" in words
        assert "The disk is full." in words
        card.take("stay")
        assert ended == []
        ended = closed(held)
        card = held.program.closing.card
        assert card is not None
        card.take("end")
        assert ended


async def test_long_work_is_asked_about_after_the_bots(tmp_path: Path) -> None:
    """What becomes of them says nothing about what else goes on."""
    async with opened(tmp_path) as held:
        engine = held.engine
        go = asyncio.Event()
        carry_out = engine.execute

        async def execute(command: cm.Command, report: Report | None = None) -> Any:
            if isinstance(command, cm.RunBacktest):
                await go.wait()
            return await carry_out(command, report)

        engine.execute = execute  # type: ignore[method-assign]
        held.program.bridge.send(BACKTEST, lambda _: None, lambda _: None)
        ended = closed(held)
        click(options(held).buttons[OnClose.CLOSE])
        await until(lambda: held.program.closing.sheet is None)
        assert ended == []
        card = held.program.closing.card
        assert card is not None
        card.take("end")
        await until(lambda: ended == [True])
