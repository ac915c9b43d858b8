"""The window over the real engine: the newcomer's first minutes, with nothing replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.bots import BotState
from engine.markets import price_process
from engine.messages.commands import SetSpeed
from tests.gui.opened import click
from tests.gui.waiting import drawn, until
from trader_gui.app import Program, build
from trader_gui.frame.main_window import MainWindow
from trader_gui.options import Options
from trader_gui.pages.first_run import FirstRunPage
from trader_gui.pages.monitor import MonitorPage
from trader_gui.pages.restart.page import RestartPage
from trader_gui.panels.verbs import Verb

pytestmark = pytest.mark.qt_loop


async def shown(folder: Path) -> tuple[MainWindow, Program]:
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    program = await build(window, Options(folder))
    await drawn()
    return window, program


@pytest.fixture(autouse=True)
def _no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the market does hangs on the hour in which this is played: it may be silent for minutes,
    and no position closes without a price."""
    monkeypatch.setattr(price_process, "_SILENCE_CHANCE", 0.0)


async def gone(window: MainWindow, program: Program) -> None:
    await program.close()
    window.hide()
    window.deleteLater()
    await drawn()


def monitor(window: MainWindow) -> MonitorPage:
    page = window.page("monitor")
    assert isinstance(page, MonitorPage)
    return page


async def test_from_the_first_page_to_trades_stop_and_restart(tmp_path: Path) -> None:
    window, program = await shown(tmp_path)
    first, bridge = window.page("monitor"), program.bridge
    assert isinstance(first, FirstRunPage)
    click(first.simulate.button)
    await until(lambda: isinstance(window.page("monitor"), MonitorPage), 30)
    page = monitor(window)
    await until(lambda: len(bridge.snapshot.bots) == 5, 30)
    bridge.send(SetSpeed(600))
    await until(lambda: any(len(bot.session.trades) for bot in bridge.snapshot.bots), 90)
    await until(lambda: any(bot.session.position for bot in bridge.snapshot.bots), 90)
    held = next(bot for bot in bridge.snapshot.bots if bot.session.position)
    page.bots.select(held.bot_id)
    await drawn()
    assert page.inspector.name.text() == held.settings.name
    await until(lambda: page.log.model.rowCount() > 5)
    bridge.send(SetSpeed(1))
    click(page.inspector.verbs[Verb.STOP])
    await until(lambda: _state(program, held.bot_id) is BotState.STOPPED, 30)
    running = sum(bot.state is BotState.RUNNING for bot in bridge.snapshot.bots)
    assert running == 4
    await gone(window, program)

    window, program = await shown(tmp_path)
    check = window.page("monitor")
    assert isinstance(check, RestartPage)
    assert len(check.rows) == 4
    click(check.later)
    page = monitor(window)
    bots = program.bridge.snapshot.bots
    assert len(bots) == 5
    assert sum(bot.interrupted for bot in bots) == 4
    interrupted = next(bot for bot in bots if bot.interrupted)
    page.bots.select(interrupted.bot_id)
    assert page.inspector.state.text() == "Interrupted"
    QTest.keyClick(page.bots.view, Qt.Key.Key_S)
    await until(lambda: _state(program, interrupted.bot_id) is BotState.RUNNING, 30)
    again = program.bridge.snapshot.bot(interrupted.bot_id)
    assert again is not None
    assert again.session_id == interrupted.session_id
    window.panic_requested.emit()
    await until(lambda: not any(bot.session.position for bot in program.bridge.snapshot.bots), 60)
    await gone(window, program)


def _state(program: Program, bot_id: int) -> BotState | None:
    bot = program.bridge.snapshot.bot(bot_id)
    return None if bot is None else bot.state
