"""A session's settings used again: every one of them, in a new bot or in another backtest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from engine.domain.bots import ExtraFile, FeedChoice, FeedKind, Mode
from engine.domain.sessions import SessionRecord
from engine.messages import commands as cm
from tests.domain.every_setting import EVERYTHING
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, opened, press
from tests.gui.paged import backtest_story, paged
from tests.gui.stories import Story
from tests.gui.story_markets import START_AT
from tests.gui.waiting import drawn, until
from trader_gui.models.session_reuse import bot_from
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.sessions.page import SessionsPage

pytestmark = pytest.mark.qt_loop


FOLLOWED = (
    ExtraFile("BTC/USDT", 300_000, "btc_5m.csv"),
    ExtraFile("SOL/USDT", 3_600_000, "sol_1h.csv"),
)


def finished() -> Story:
    """A backtest of a file, with every setting away from its default."""
    story = backtest_story(20, 2)
    feed = FeedChoice(FeedKind.FILE, "eth_1m.csv")
    story.settings = replace(story.settings, trade=EVERYTHING, feed=feed, mode=Mode.BACKTEST)
    return story


def record() -> SessionRecord:
    made = finished().record()
    chosen = replace(
        made.settings,
        symbol="ETH/USDT",
        fine_path="eth_1s.csv",
        funding_path="eth_funding.csv",
        extra_files=FOLLOWED,
    )
    return replace(made, settings=chosen)


async def test_a_new_bot_takes_all_settings_of_a_session(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot(bot_from(record()))
        editor = held.page.editor
        await until(lambda: editor.market.source.report is not None)
        assert editor.settings().trade == EVERYTHING
        click(editor.foot.keep)
        await until(lambda: held.engine.commands)
        command = held.engine.commands[-1]
        assert isinstance(command, cm.CreateBot)
        assert command.settings.trade == EVERYTHING
        assert command.settings.feed.extra_files == FOLLOWED
        await until(lambda: held.page.currentWidget() is held.page.bots)


async def test_a_backtest_is_run_again_exactly(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        again = record()
        held.page.take_session(again)
        form = held.page.form
        await until(lambda: form.source.report is not None)
        assert form.finer.fold.words.text() == "eth_1s.csv, eth_funding.csv"
        click(form.run)
        await until(lambda: held.engine.commands)
        run = held.engine.commands[-1]
        assert isinstance(run, cm.RunBacktest)
        assert run.trade == EVERYTHING
        assert run.symbol == "ETH/USDT"  # not the one that the file's name suggests
        assert (run.fine_path, run.funding_path) == ("eth_1s.csv", "eth_funding.csv")
        assert (run.strategy, dict(run.params)) == ("ema_cross", {"fast": 9, "slow": 21})
        assert (run.from_at, run.to_at) == (START_AT, again.ended_at)
        assert run.feed.path == "eth_1m.csv"
        assert run.feed.extra_files == FOLLOWED
        form.finer.fold.set_open(True)
        await drawn()
        click(form.finer.fine.none)
        click(form.finer.funding.none)
        assert form.command().fine_path == form.command().funding_path == ""


async def test_the_review_leads_to_the_backtest_page(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story()]) as held:
        held.engine.finished = [finished()]
        held.program.open_review(120)
        sessions = held.window.page("sessions")
        assert isinstance(sessions, SessionsPage)
        await until(lambda: sessions.review.head.rerun.isVisible())
        click(sessions.review.head.rerun)
        page = held.window.page("backtest")
        assert isinstance(page, BacktestPage)
        await until(lambda: page.isVisible() and page.form.source.report is not None)
        assert page.form.command().trade == EVERYTHING


async def test_files_of_other_markets_are_seen_and_can_be_taken_away(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        form = held.page.form
        assert not form.extras.isVisible()
        held.page.take_session(record())
        await until(lambda: form.source.report is not None)
        await drawn()
        assert form.extras.isVisible()
        words = [each.text() for each in form.extras.findChildren(QLabel)]
        assert {"BTC/USDT 5m candles", "btc_5m.csv", "SOL/USDT 1h candles"} <= set(words)
        click(form.extras.lines[0].none)
        assert form.command().feed.extra_files == FOLLOWED[1:]
        form.strategy.set_strategy("rsi_reversion", {})  # which would refuse them
        form.settle()
        assert not form.extras.isVisible()
        assert form.command().feed.extra_files == ()
        form.strategy.set_strategy("ema_cross", {})
        form.settle()
        assert form.command().feed.extra_files == FOLLOWED[1:]


async def test_a_backtest_of_the_archive_keeps_them_too(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        again = record()
        again = replace(again, settings=replace(again.settings, exchange="binance", source_path=""))
        held.page.take_session(again)
        assert held.page.form.command().feed == FeedChoice(
            FeedKind.ARCHIVE, exchange="binance", extra_files=FOLLOWED
        )


async def test_a_bot_that_is_edited_keeps_them(tmp_path: Path) -> None:
    story = finished()
    feed = FeedChoice(FeedKind.FILE, "eth_1m.csv", speed=60.0, extra_files=FOLLOWED)
    story.settings = replace(story.settings, feed=feed, mode=Mode.PAPER)
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        editor = held.page.editor
        held.page.setCurrentWidget(editor)
        editor.edit(story.end().snapshot())
        await until(lambda: editor.market.source.report is not None)
        assert not editor.changed
        assert editor.settings().feed == feed
        await drawn()
        click(editor.market.extras.lines[1].none)
        assert editor.changed
        assert editor.settings().feed.extra_files == FOLLOWED[:1]
        press(editor.market.kind, "simulated")
        assert editor.settings().feed.extra_files == ()
        press(editor.market.kind, "file")
        assert editor.settings().feed.extra_files == FOLLOWED[:1]
        editor.edit_new()
        assert editor.settings().feed.extra_files == ()
        assert not editor.market.extras.isVisible()
