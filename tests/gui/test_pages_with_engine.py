"""A trader's way through the real engine: file, backtest, history, review, the same as a bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.domain.bots import BotSettings, BotState
from engine.domain.sessions import SessionRecord
from engine.errors import Fault
from engine.messages.snapshot import AppSnapshot
from engine.runtime.engine import Engine
from tests.gui.opened import click
from tests.gui.paged import retype
from tests.gui.waiting import drawn, until
from trader_gui.door.bridge import Bridge
from trader_gui.event_loop.tasks import Tasks
from trader_gui.models.group_rows import KINDS
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.sessions.page import SessionsPage

pytestmark = pytest.mark.qt_loop
PATIENCE = 60.0


class Real:
    """The real engine behind a bridge, and the pages made so far."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.faults: list[Fault] = []
        self.broken: list[BaseException] = []
        self.tasks = Tasks(lambda _, error: self.broken.append(error))
        self.bridge = Bridge(engine, self.tasks, self.faults.append)
        self._pages: list[QWidget] = []

    def page(self, make: Callable[[Bridge], QWidget]) -> QWidget:
        made = make(self.bridge)
        made.resize(1536, 926)
        made.show()
        made.activateWindow()
        self._pages.append(made)
        return made

    async def close(self) -> None:
        self.bridge.close()
        await self.tasks.cancel_all()
        await self.engine.close()
        for page in self._pages:
            page.hide()
            page.deleteLater()
        await drawn()
        assert self.broken == []
        assert self.faults == []


@asynccontextmanager
async def real(folder: Path) -> AsyncIterator[Real]:
    held = Real(await Engine.open(folder / "data"))
    try:
        yield held
    finally:
        await held.close()


def candle_file(folder: Path, count: int = 900) -> Path:
    """A seeded walk on whole tenths, as a CSV that a person might bring along."""
    chance = np.random.default_rng(5)
    close = np.round(50_000 * np.exp(np.cumsum(chance.normal(0, 0.0012, count))), 1)
    opened = np.concatenate([[50_000.0], close[:-1]])
    high, low = np.maximum(opened, close) + 5, np.minimum(opened, close) - 5
    lines = ["time,open,high,low,close,volume"]
    for bar in range(count):
        at = 1_700_000_040_000 + bar * 60_000
        figures = (opened[bar], high[bar], low[bar], close[bar])
        lines.append(f"{at}," + ",".join(f"{figure:.1f}" for figure in figures) + ",3")
    path = folder / "BTCUSDT-1m.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


async def backtested(held: Real, file: Path) -> BacktestPage:
    page = held.page(BacktestPage)
    assert isinstance(page, BacktestPage)
    page.open_file(file)
    await until(lambda: page.form.source.report is not None, PATIENCE)
    choice = page.form.strategy.choice
    choice.setCurrentIndex(choice.findData("ema_cross"))
    choice.activated.emit(choice.currentIndex())
    retype(page.form.trade.fields()["trailing_pct"].editor, "0.4")
    click(page.form.run)
    await until(lambda: page.result._stack.currentIndex() == 1, PATIENCE)
    await until(lambda: not page.form._running, PATIENCE)  # it is stored after it is shown
    return page


async def judged(review: ReviewPage) -> None:
    """The band, every figure and the price of what was refused, from the real engine."""
    body = review.body
    assert body is not None
    await until(lambda: body.trust.lines[0].mark.level != "wait", PATIENCE)
    assert "path inside a bar" in body.trust.lines[0].words.text()
    body.show_list("statistics")
    await until(lambda: body.statistics.figures, PATIENCE)
    assert {"Result", "Risk", "Trades"} <= set(body.statistics.groups)
    whole = review.review.end() if review.review else None
    assert whole is not None
    for kind, _, _ in KINDS:
        body.statistics._show_kind(kind)
        groups = body.statistics.groups_table.model.rows.groups
        assert sum(group.trades for group in groups) == len(whole.session.trades)
        assert sum(group.net_profit for group in groups) == whole.money(whole.session.realised)
    body.show_list("trades")
    if body.funnel.price.isVisible():
        click(body.funnel.price)
        await until(lambda: body.funnel.note.isVisible(), PATIENCE)


async def record_of(held: Real, session_id: int) -> SessionRecord:
    return next(one for one in await held.engine.sessions() if one.id == session_id)


async def test_a_file_becomes_a_session_that_can_be_reviewed(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await backtested(held, candle_file(tmp_path))
        assert page.shown_id is not None
        record = await record_of(held, page.shown_id)
        assert record.result.trades > 3
        assert page.result.figures.texts()["Trades"] == str(record.result.trades)
        sessions = held.page(SessionsPage)
        assert isinstance(sessions, SessionsPage)
        await until(lambda: sessions.sessions.model.rowCount() == 1)
        QTest.keyClick(sessions.sessions.table, Qt.Key.Key_Return)
        await until(lambda: sessions.review.review is not None, PATIENCE)
        review = sessions.review
        assert review.kpis.texts()[-1] == str(record.result.trades)
        assert review.kpis.texts()[2] == page.result.hero.text()
        await judged(review)
        QTest.keyClick(review, Qt.Key.Key_Home)
        QTest.keyClick(review, Qt.Key.Key_N)
        await until(lambda: review.body and review.body.trades.model.rowCount() == 1)
        QTest.keyClick(review, Qt.Key.Key_N)
        await until(lambda: review.kpis.texts()[-1] == "1")
        await until(lambda: review.body and review.body.log.model.rowCount() > 1)


async def test_a_run_goes_into_a_new_bot_that_trades_the_same(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        backtest = await backtested(held, candle_file(tmp_path, 400))
        bots = held.page(BotsPage)
        assert isinstance(bots, BotsPage)
        backtest.bot_asked.connect(bots.new_bot)
        click(backtest.result.use_in_bot)
        editor = bots.editor
        await until(lambda: editor.market.source.report is not None, PATIENCE)
        retype(editor.market.speed.editor, "0")
        assert editor.foot.go.isEnabled(), editor.foot.problem.text()
        click(editor.foot.go)
        await until(lambda: _stopped(held.bridge.snapshot), PATIENCE)
        bot, ran = await held.engine.sessions()
        assert bot.bot_id is not None
        assert bot.result.trades == ran.result.trades
        assert bot.result.net_pnl == ran.result.net_pnl
        assert bot.event_hash == ran.event_hash


async def test_an_old_run_goes_into_a_new_bot_from_its_review(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 400)
    async with real(tmp_path) as held:
        await backtested(held, file)
    async with real(tmp_path) as held:
        sessions = held.page(SessionsPage)
        assert isinstance(sessions, SessionsPage)
        wanted: list[BotSettings] = []
        sessions.bot_asked.connect(wanted.append)
        await until(lambda: sessions.sessions.model.rowCount() == 1)
        sessions.open_review(1)
        await until(lambda: sessions.review.review is not None, PATIENCE)
        click(sessions.review.head.use_in_bot)
        assert wanted[0].feed.path == str(file)
        assert wanted[0].trade == (await record_of(held, 1)).settings.trade
        assert wanted[0].strategy == "ema_cross"


async def test_a_wrong_file_is_refused_with_words_and_nothing_is_taken(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("time,open,high,low,close\nnot a time,1,2,3,4\n", "utf-8")
    async with real(tmp_path) as held:
        page = held.page(BacktestPage)
        assert isinstance(page, BacktestPage)
        page.open_file(wrong)
        source = page.form.source
        await until(lambda: source.problem == "The candle file cannot be used", PATIENCE)
        assert len(source.words.text()) > 20
        assert not page.form.run.isEnabled()
        assert await held.engine.sessions() == ()


async def test_a_run_can_be_cancelled_and_leaves_no_session(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = held.page(BacktestPage)
        assert isinstance(page, BacktestPage)
        page.open_file(candle_file(tmp_path))
        await until(lambda: page.form.source.report is not None, PATIENCE)
        page.single._slow.setInterval(0)  # progress is shown at once: this run would be over before
        page.run()
        await until(page.progress.isVisible, PATIENCE)
        click(page.progress._cancel)
        await until(page.progress.isHidden, PATIENCE)
        assert await held.engine.sessions() == ()
        assert page.form.run.isEnabled()


def _stopped(snapshot: AppSnapshot) -> bool:
    return bool(snapshot.bots) and all(
        bot.state is BotState.STOPPED and bot.session_id is not None for bot in snapshot.bots
    )
