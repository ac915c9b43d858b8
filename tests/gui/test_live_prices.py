"""From the first page to a bot on live prices: the real program beside a loopback exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.bots import BotState
from engine.domain.listings import FeedCondition
from engine.messages.snapshot import BotSnapshot
from engine.runtime.clock import WallClock
from engine.runtime.sources.exchanges import Exchanges
from tests.exchange.client import point_at
from tests.exchange.server import Plan
from tests.exchange.thread import ExchangeThread, in_thread
from tests.gui.opened import click
from tests.gui.paged import retype
from tests.gui.waiting import drawn, until
from trader_gui.app import Program, build
from trader_gui.frame.main_window import MainWindow
from trader_gui.options import Options
from trader_gui.pages.bots.editor import BotEditor
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.first_run import FirstRunPage
from trader_gui.pages.monitor import MonitorPage
from trader_gui.panels.verbs import Verb

pytestmark = pytest.mark.qt_loop


@pytest.fixture
def loopback() -> Iterator[ExchangeThread]:
    """Markets that go on by themselves, at the machine's time."""
    with in_thread(Plan(seed=7, per_second=20, at=None)) as thread:
        yield thread


@asynccontextmanager
async def program(folder: Path, thread: ExchangeThread | None) -> AsyncIterator[Program]:
    """The real program, whose exchanges all live on this machine; without one it is offline."""

    def redirect(made: Any) -> None:
        assert thread is not None
        made.enableRateLimit = False
        made.timeout_on_exit = 5
        point_at(made, thread.exchange.url)

    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    here = None if thread is None else Exchanges(WallClock(), redirect=redirect)
    built = await build(window, Options(folder, offline=thread is None), here)
    await drawn()
    try:
        yield built
    finally:
        await built.close()
        window.hide()
        window.deleteLater()
        await drawn()


def editor_of(built: Program) -> BotEditor:
    page = built.window.page("bots")
    assert isinstance(page, BotsPage)
    return page.editor


def monitor_of(built: Program) -> MonitorPage:
    page = built.window.page("monitor")
    assert isinstance(page, MonitorPage)
    return page


def only_bot(built: Program) -> BotSnapshot:
    return built.bridge.snapshot.bots[0]


def fresh(built: Program) -> bool:
    feed = only_bot(built).feed
    return feed is not None and feed.condition is FeedCondition.FRESH


async def test_a_newcomer_paper_trades_live_prices(
    tmp_path: Path, loopback: ExchangeThread
) -> None:
    async with program(tmp_path, loopback) as built:
        first = built.window.page("monitor")
        assert isinstance(first, FirstRunPage)
        click(first.live.button)
        editor = editor_of(built)
        live = editor.market.live
        await until(lambda: live.listing is not None, 30)
        assert live.symbol.value == "BTC/USDT"
        assert live.words.text().startswith("binance, spot. Price step 0.01 USDT, ")
        retype(live.symbol, "ethusdt")
        QTest.keyClick(live.symbol.popup, Qt.Key.Key_Return)
        assert live.symbol.value == "ETH/USDT"
        click(editor.foot.go)
        await until(lambda: built.bridge.snapshot.bots, 60)
        await until(lambda: only_bot(built).state is BotState.RUNNING and fresh(built), 60)
        page = monitor_of(built)
        await until(lambda: page.inspector.feed.corner.text() == "fresh", 10)
        feed = page.inspector.feed
        assert feed.exchange.value.text() == "binance"
        assert feed.way.value.text() == "Trades by websocket"
        assert feed.clock.value.text().endswith(" ms")
        loopback.do(loopback.exchange.close_sockets)
        await until(lambda: feed.again.value.text() == "once", 30)
        await until(lambda: fresh(built), 30)
        again = ("NOTE", "Connected again: trades by websocket")
        await until(lambda: again in log_lines(page), 10)
        broken = next(words for tag, words in log_lines(page) if tag == "ERROR")
        assert broken.startswith("binance could not be reached for following trades. ")
        assert "Attempt 2 in " in broken
        click(page.inspector.verbs[Verb.STOP])
        await until(lambda: only_bot(built).state is BotState.STOPPED, 30)
        await until(lambda: not feed.isVisible(), 10)


async def test_a_program_that_is_offline_contacts_nobody_and_says_so(tmp_path: Path) -> None:
    async with program(tmp_path, None) as built:
        first = built.window.page("monitor")
        assert isinstance(first, FirstRunPage)
        click(first.live.button)
        live = editor_of(built).market.live
        await until(lambda: live.words.text().startswith("The program was started with --offline"))
        assert live.again.isVisible()
        assert not editor_of(built).foot.go.isEnabled()


def log_lines(page: MonitorPage) -> list[tuple[str, str]]:
    """Tag and message of every line."""
    model = page.log.model
    tag, last = 1, model.columnCount() - 1
    return [
        (str(model.index(row, tag).data()), str(model.index(row, last).data()))
        for row in range(model.rowCount())
    ]
