"""The Backtest page over the archive: which candles, which period, and what a run carries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.domain.archive import Series
from engine.domain.bots import FeedChoice, FeedKind
from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS
from engine.errors import ArchiveDamaged
from engine.messages.commands import RunBacktest
from tests.gui.fakes import FakeEngine
from tests.gui.first_steps import file_chosen
from tests.gui.kept import BTC_HOURS, COVERS, EUR_MINUTES, moment
from tests.gui.opened import click, cut, overlaps, press
from tests.gui.paged import Paged, backtest_story, paged, retype
from tests.gui.waiting import drawn, until
from trader_gui.coverage.months import month_of, month_start
from trader_gui.models.session_reuse import bot_from, why_no_bot
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop


def archived(folder: Path) -> FakeEngine:
    engine = FakeEngine(folder)
    engine.covers = COVERS
    return engine


async def drawn_candles(held: Paged[BacktestPage]) -> None:
    candles = held.page.charts.candles
    await until(lambda: candles.currentWidget() is candles.chart)


def last_run(held: Paged[BacktestPage]) -> RunBacktest:
    run = held.engine.commands[-1]
    assert isinstance(run, RunBacktest)
    return run


async def test_what_is_kept_is_offered_drawn_and_run(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        form = held.page.form
        await until(lambda: form.archive.known)
        assert form.from_archive
        assert form.archive.series == BTC_HOURS
        assert form.source.isHidden()
        assert form.symbol.isHidden()
        assert form.archive.words.text() == (
            "25,320 candles of 1h, 2023-01-01 00:00 to 2025-11-20 23:00 UTC. 1m candles decide "
            "what came first inside a bar."
        )
        assert form.finer.fold.words.text() == "1m candles of the archive"
        assert form.from_at.editor.placeholderText() == "2023-01-01 00:00"
        assert form.to_at.editor.placeholderText() == "2025-11-21 00:00"
        await drawn_candles(held)
        assert held.page.charts.about.text() == "binance BTC/USDT 1h"
        click(form.run)
        await until(lambda: held.engine.commands)
        run = last_run(held)
        assert run.feed == FeedChoice(FeedKind.ARCHIVE, exchange="binance")
        assert (run.symbol, run.timeframe_ms) == ("BTC/USDT", HOUR_MS)
        assert run.finer_from_archive


async def test_another_timeframe_is_made_from_what_is_kept_and_said_so(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        archive = held.page.form.archive
        await until(lambda: archive.known)
        archive.timeframe.setCurrentIndex(archive.timeframe.findText("15m"))
        archive.timeframe.activated.emit(archive.timeframe.currentIndex())
        assert "834,308 candles of 1m" in archive.words.text()
        assert "Whole 15m candles are made from them." in archive.words.text()
        assert held.page.middle.coverage.map.bright == 0  # the minutes' row
        assert held.page.middle.doubt.text() == "Jun 2025 damaged"
        await until(lambda: held.engine.spans[-1][0].timeframe_ms == 15 * MINUTE_MS)


async def test_another_exchange_keeps_the_symbol_and_timeframe_it_has(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        archive = held.page.form.archive
        await until(lambda: archive.known)
        archive.exchange.setCurrentIndex(archive.exchange.findText("kraken"))
        archive.exchange.activated.emit(1)
        assert archive.series == Series("kraken", "BTC/EUR", HOUR_MS)
        assert held.page.form.finer.fold.words.text() == "5m candles of the archive"
        assert held.page.form.trade.fields()["cash"].problem == ""


async def test_a_click_on_a_month_sets_the_period_and_draws_it(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        form, part = held.page.form, held.page.middle.coverage
        await until(lambda: form.archive.known)
        await drawn()
        line, area = part.map.line(), part.map.row_area(1)
        x = line.x(month_start(month_of(moment("2025-04-01")))) + line.step / 2
        QTest.mouseClick(
            part.map, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(area.center().y()))
        )
        assert (form.from_at.text, form.to_at.text) == ("2025-04-01", "2025-05-01")
        assert part.words.text() == "Apr 2025, 1h: all 720 candles."
        span = (moment("2025-04-01"), moment("2025-05-01"))
        await until(lambda: held.engine.spans[-1] == (BTC_HOURS, *span))
        click(form.run)
        await until(lambda: held.engine.commands)
        assert (last_run(held).from_at, last_run(held).to_at) == span
        QTest.keyClick(part.map, Qt.Key.Key_Backspace)
        assert (form.from_at.text, form.to_at.text) == ("", "")


async def test_a_typed_period_is_shown_on_the_map(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        form, shown = held.page.form, held.page.middle.coverage.map
        await until(lambda: form.archive.known)
        retype(form.from_at.editor, "2025-02-10")
        assert shown.from_at == moment("2025-02-10")
        assert shown.to_at is None
        retype(form.from_at.editor, "2025-02-3")
        assert shown.from_at is None  # not a moment
        assert not form.run.isEnabled()


async def test_only_the_last_half_million_candles_are_drawn(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        await until(lambda: held.page.form.archive.known)
        held.page.form.open_series(Series("binance", "BTC/USDT", MINUTE_MS))
        await until(lambda: held.engine.spans[-1][0].timeframe_ms == MINUTE_MS)
        from_at = moment("2025-11-21") - 500_000 * MINUTE_MS
        assert held.engine.spans[-1][1:] == (from_at, None)


async def test_an_empty_archive_says_how_to_fill_it(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        form = held.page.form
        await until(lambda: form.archive.known)
        assert not form.from_archive  # files come first while nothing is kept
        press(form.kind, "archive")
        assert form.archive.words.text() == (
            "The archive is empty. Download candles, or import files."
        )
        assert not form.run.isEnabled()
        assert form.why.text() == "The archive is empty."
        assert held.page.middle.coverage.isHidden()
        press(form.kind, "file")
        assert form.why.text() == "Choose a candle file."


async def test_a_file_that_was_chosen_stays_when_the_archive_answers(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    async with paged(engine, BacktestPage) as held:
        await file_chosen(held)
        engine.covers = COVERS
        held.page.kept.refresh()
        await until(lambda: held.page.kept.covers)
        assert not held.page.form.from_archive
        press(held.page.form.kind, "archive")
        assert held.page.form.archive.series == BTC_HOURS
        assert held.page.middle.coverage.isVisible()
        press(held.page.form.kind, "file")
        assert held.page.middle.coverage.isHidden()
        assert held.page.form.source.report is not None
        assert held.page.form.run.isEnabled()


async def test_a_session_of_the_archive_fills_the_form_again(tmp_path: Path) -> None:
    story = backtest_story(7, 2)
    record = story.record()
    settings = replace(
        record.settings, exchange="kraken", symbol="BTC/EUR", timeframe_ms=HOUR_MS, source_path=""
    )
    record = replace(
        record,
        settings=settings,
        started_at=moment("2025-02-01"),
        ended_at=moment("2025-03-01 12:00"),
    )
    async with paged(archived(tmp_path), BacktestPage) as held:
        held.page.take_session(record)
        form = held.page.form
        await until(lambda: form.archive.known)
        assert form.archive.series == Series("kraken", "BTC/EUR", HOUR_MS)
        assert form.from_at.text == "2025-02-01"
        assert form.to_at.text == "2025-03-01 12:00"
        assert form.run.isEnabled(), form.why.text()
    assert why_no_bot(record) == ""
    assert bot_from(record).feed == FeedChoice(FeedKind.ARCHIVE, exchange="kraken")


async def test_what_is_no_longer_kept_is_said_and_not_run(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        form = held.page.form
        await until(lambda: form.archive.known)
        form.open_series(Series("binance", "SOL/USDT", DAY_MS))
        assert form.archive.words.text() == (
            "The archive has no candles of binance SOL/USDT 1d. Download or import them."
        )
        assert not form.run.isEnabled()
        held.engine.covers = tuple(each for each in COVERS if each.series == EUR_MINUTES)
        held.page.kept.refresh()
        await until(lambda: len(held.page.kept.covers) == 1)
        assert form.archive.series == Series("binance", "SOL/USDT", DAY_MS)  # as it was chosen


async def test_damage_that_is_met_is_told_and_seen_on_the_map(tmp_path: Path) -> None:
    engine = archived(tmp_path)
    engine.covers = COVERS[1:]
    async with paged(engine, BacktestPage) as held:
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        await until(lambda: held.page.form.archive.known)
        await drawn_candles(held)
        engine.fail_with = ArchiveDamaged("The file 2025-06.parquet was set aside.")
        engine.covers = COVERS
        click(held.page.form.run)
        await until(lambda: failed)
        await until(lambda: len(held.page.middle.coverage.map.rows) == 2)


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    async with paged(archived(tmp_path), BacktestPage, size) as held:
        await until(lambda: held.page.form.archive.known)
        held.page.form.set_span((moment("2025-02-01"), moment("2025-03-01")))
        await drawn_candles(held)
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []
