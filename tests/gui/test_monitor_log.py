"""The log of the Monitor: chips, filter, following, from a line to its candle, copying."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtTest import QTest

from engine.messages.wording import LogGroup
from tests.gui.opened import click, opened
from tests.gui.stories import Story
from tests.gui.waiting import until
from trader_gui.models.log_model import LogEntry
from trader_gui.widgets.kept_pictures import KeptPictures

pytestmark = pytest.mark.qt_loop


async def test_chips_count_and_filter(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        log = held.monitor.log
        await until(lambda: log.model.rowCount() > 10)
        await until(lambda: "4" in log.chips[LogGroup.SIGNALS].toolTip())
        click(log.chips[LogGroup.SIGNALS])
        assert log.model.rowCount() == 4
        click(log.chips[None])
        assert log.model.rowCount() == len(log.model)


async def test_the_filter_line_takes_words_and_keys(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        log = held.monitor.log
        await until(lambda: log.model.rowCount() > 10)
        QTest.keyClicks(log.search, "bot:sol tag:exec")
        await until(lambda: log.model.rowCount() == 1)
        assert log.model.entry(0).bot == "sol-breakout"


async def test_a_new_line_moves_the_others_up_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    for _ in range(60):
        story.refuse()
    async with opened(tmp_path, [story]) as held:
        log = held.monitor.log
        view, delegate, written = log.view.viewport(), log.delegate, list[str]()
        await until(lambda: log.model.rowCount() >= 60)
        view.repaint()
        cell = delegate._cell

        def noted(painter: QPainter, rect: QRectF, entry: LogEntry, column: int) -> None:
            written.append(entry.copied)
            cell(painter, rect, entry, column)

        monkeypatch.setattr(delegate, "_cell", noted)
        before = log.model.rowCount()
        story.fail("The disk is full.")
        held.engine.changed()
        await until(lambda: log.model.rowCount() > before)
        view.repaint()
        new = {log.model.entry(row).copied for row in range(before, log.model.rowCount())}
        assert set(written) == new
        kept, delegate.pictures = view.grab().toImage(), KeptPictures()
        assert kept == view.grab().toImage()


async def test_follow_pauses_on_scroll_and_counts_what_is_new(tmp_path: Path) -> None:
    story = Story()
    for _ in range(60):
        story.refuse()
    async with opened(tmp_path, [story]) as held:
        log = held.monitor.log
        bar = log.view.verticalScrollBar()
        await until(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
        assert log.following
        bar.setValue(bar.maximum() - 200)
        assert not log.following
        assert not log.follow.isChecked()
        story.refuse().refuse()
        held.engine.changed()
        await until(log.newer.isVisible)
        assert log.newer.text() == "2 new"
        click(log.newer)
        assert log.following
        assert bar.value() == bar.maximum()
        assert not log.newer.isVisible()
        bar.setValue(0)
        QTest.keyClick(log.view, Qt.Key.Key_End)
        assert log.following


async def test_a_log_line_takes_the_chart_to_its_candle(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        page = held.monitor
        log = page.log
        await until(lambda: log.model.rowCount() > 10)
        QTest.keyClicks(log.search, "tag:sl-trigger")
        await until(lambda: log.model.rowCount() == 1)
        entry = log.model.entry(0)
        assert entry.bot == "eth-meanrev"
        click(log.view.viewport(), log.view.visualRect(log.model.index(0, 4)).center())
        assert page.bots.selected_id == 2
        model = page.chart.chart.model
        assert model.hover_index == model.candles.index_at(entry.row_at)
        assert model.flash_index == model.hover_index


async def test_copied_lines_are_plain_text(tmp_path: Path) -> None:
    async with opened(tmp_path, [Story().check("to stop −1.20 %")]) as held:
        log = held.monitor.log
        await until(lambda: log.model.rowCount() == 2)
        click(log.copy_button)
        lines = QGuiApplication.clipboard().text().splitlines()
        assert lines[1].startswith("07:10:00.000 [POS-CHECK] btc-trend-1 BTC/USDT")
