"""Downloads as a person sees them: asked for, watched, paused, resumed, cancelled, failed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.archive import Series
from engine.domain.candles import HOUR_MS, MINUTE_MS
from engine.errors import ExchangeUnavailable
from engine.messages.commands import DownloadCandles
from engine.messages.progress import Progress, Report
from tests.gui.fakes import FakeEngine
from tests.gui.kept import BTC_HOURS, COVERS, moment
from tests.gui.opened import click, cut, opened, overlaps
from tests.gui.paged import Paged, paged, retype
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.downloads import DownloadStrip, State
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop

GONE = ExchangeUnavailable("binance cannot be reached. The 12,000 candles before it are kept.")


class Exchange(FakeEngine):
    """Downloads tell how far they are and go on until `come` is set."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.come = asyncio.Event()
        self.cancelled = 0

    async def execute(self, command: Any, report: Report | None = None) -> Any:
        if not isinstance(command, DownloadCandles):
            return await super().execute(command, report)
        self.commands.append(command)
        assert report is not None
        report(Progress(12_000, 48_000, "12,000 of 48,000 candles, 1 m 30 s left"))
        try:
            await self.come.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fail_with is not None:
            fault, self.fail_with = self.fail_with, None
            raise fault
        answer = self._carry_out(command)
        label = command.series.label
        came = f"{answer:,} candles of {label} came into the archive."
        words = came if answer else "No new candles."
        report(Progress(answer, answer, words))
        return answer


async def asked(held: Paged[BacktestPage]) -> DownloadStrip:
    """The form is filled in and sent off; the download's strip."""
    click(held.page.middle.buttons["download"])
    form = held.page.middle.download_form
    await until(lambda: form.market.listing is not None)
    retype(form.from_at.editor, "2024-01-01")
    retype(form.to_at.editor, "2025-01-01")
    click(form.go)
    strip = held.page.middle.downloads.strips[-1]
    await until(lambda: strip.bar.value() == 250 or strip.state is not State.RUNNING)
    return strip


async def test_what_is_asked_for_is_what_stands_in_the_form(tmp_path: Path) -> None:
    async with paged(Exchange(tmp_path), BacktestPage) as held:
        strip = await asked(held)
        span = moment("2024-01-01"), moment("2025-01-01")
        assert strip.wish == DownloadCandles(BTC_HOURS, *span)
        assert held.page.middle.tool == ""  # the form makes room for what goes on
        assert strip.words.text() == "12,000 of 48,000 candles, 1 m 30 s left"
        assert strip.isVisible()


async def test_the_form_says_how_much_it_is_and_what_is_wrong(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        click(held.page.middle.buttons["download"])
        form = held.page.middle.download_form
        await until(lambda: form.market.listing is not None)
        assert form.from_at.text == "2024-03-01"  # two years before the month that it is
        retype(form.to_at.editor, "2024-03-02")
        assert form.words.text() == (
            "At most 24 candles. What is kept already is not asked for again."
        )
        retype(form.to_at.editor, "2024-02-02")
        assert form.words.text() == "The period ends before it begins."
        assert not form.go.isEnabled()
        retype(form.from_at.editor, "")
        assert form.words.text() == "From: write where it begins, for example 2024-01-01."
        QTest.keyClick(form.from_at.editor, Qt.Key.Key_Escape)
        assert held.page.middle.tool == ""


async def test_it_is_paused_and_goes_on_with_the_same_wish(tmp_path: Path) -> None:
    engine = Exchange(tmp_path)
    async with paged(engine, BacktestPage) as held:
        strip = await asked(held)
        click(strip.turn)
        await until(lambda: strip.state is State.PAUSED)
        assert engine.cancelled == 1
        assert strip.words.text() == "Paused at 12,000 of 48,000 candles. What came is kept."
        assert strip.turn.text() == "Resume"
        engine.come.set()
        click(strip.turn)
        await until(lambda: strip.state is State.DONE)
        assert engine.commands == [strip.wish, strip.wish]
        assert strip.words.text() == (
            "44,640 candles of binance BTC/USDT 1h came into the archive."
        )
        assert strip.turn.isHidden()
        await until(lambda: held.page.kept.covers)  # the map knows at once
        await until(lambda: held.page.form.archive.series is not None)
        click(strip.leave)
        assert held.page.middle.downloads.isHidden()
        assert held.faults == []


async def test_a_cancelled_one_goes_away(tmp_path: Path) -> None:
    engine = Exchange(tmp_path)
    async with paged(engine, BacktestPage) as held:
        strip = await asked(held)
        click(strip.leave)
        await until(lambda: not held.page.middle.downloads.strips)
        assert engine.cancelled == 1
        assert held.page.middle.downloads.isHidden()
        await drawn()


async def test_a_failure_is_told_where_it_is_and_can_be_tried_again(tmp_path: Path) -> None:
    engine = Exchange(tmp_path)
    engine.come.set()
    engine.fail_with = GONE
    async with paged(engine, BacktestPage) as held:
        strip = await asked(held)
        await until(lambda: strip.state is State.FAILED)
        assert strip.words.text() == GONE.words
        assert strip.words.property("tone") == "down"
        assert held.faults == []
        click(strip.turn)
        await until(lambda: strip.state is State.DONE)
        assert strip.words.property("tone") == ""


async def test_nothing_missing_is_said_so(tmp_path: Path) -> None:
    engine = Exchange(tmp_path)
    engine.come.set()
    engine._carry_out = lambda command: 0  # type: ignore[method-assign]
    async with paged(engine, BacktestPage) as held:
        strip = await asked(held)
        await until(lambda: strip.state is State.DONE)
        assert strip.words.text() == "No new candles."


async def test_two_markets_are_fetched_at_once_but_one_series_only_once(tmp_path: Path) -> None:
    engine = Exchange(tmp_path)
    async with paged(engine, BacktestPage) as held:
        downloads = held.page.middle.downloads
        first = await asked(held)
        second = DownloadCandles(Series("binance", "ETH/USDT", MINUTE_MS), 0, HOUR_MS)
        downloads.begin(second)
        await until(lambda: len(engine.commands) == 2)
        assert [strip.state for strip in downloads.strips] == [State.RUNNING] * 2
        held.page.middle.open_download()
        await drawn()
        form = held.page.middle.download_form
        assert not form.go.isEnabled()
        assert form.words.text() == "binance BTC/USDT 1h is being downloaded already."
        click(first.turn)
        await until(lambda: first.state is State.PAUSED)
        await until(form.go.isEnabled)
        click(form.go)  # in place of the paused one
        await until(lambda: len(engine.commands) == 3)
        assert [strip.wish.series for strip in downloads.strips] == [second.series, BTC_HOURS]


async def test_missing_candles_of_a_series_are_asked_for_from_its_row(tmp_path: Path) -> None:
    engine = Exchange(tmp_path)
    engine.covers = COVERS
    async with paged(engine, BacktestPage) as held:
        await until(lambda: held.page.kept.known)
        click(held.page.middle.buttons["kept"])
        keeping = held.page.middle.keeping
        keeping.table.pick(keeping.model.rows.numbers.of(COVERS[0].series))
        click(keeping.complete)
        form = held.page.middle.download_form
        await until(lambda: form.market.listing is not None)
        assert form.market.chosen_timeframe_ms == MINUTE_MS
        assert form.from_at.text == "2024-03-11 04:00"
        assert form.to_at.text == ""


async def test_it_goes_on_while_other_pages_are_looked_at_and_is_told_there(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as held:
        held.window.show_page("backtest")
        page = held.window.page("backtest")
        assert isinstance(page, BacktestPage)
        await drawn()
        held.window.show_page("sessions")
        wish = DownloadCandles(BTC_HOURS, moment("2024-01-01"), moment("2024-02-01"))
        page.middle.downloads.begin(wish)
        await until(lambda: page.middle.downloads.strips[0].state is State.DONE)
        assert held.window.toasts.texts[-1].startswith("binance BTC/USDT 1h: ")


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    engine = Exchange(tmp_path)
    engine.covers = COVERS
    async with paged(engine, BacktestPage, size) as held:
        await asked(held)
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []
        click(held.page.middle.buttons["download"])
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []
