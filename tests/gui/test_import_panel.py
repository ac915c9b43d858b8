"""Files looked at, corrected and imported, by clicks and by dropping them on the page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog

from engine.domain.candles import HOUR_MS, MINUTE_MS
from engine.domain.import_preview import DETECTED, Choices, ImportPreview, TimeUnit
from engine.errors import FileRefused
from engine.messages.commands import ImportCandles
from engine.messages.progress import Progress, Report
from tests.gui.fakes import FakeEngine
from tests.gui.kept import BTC_MINUTES, COVERS
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import Paged, paged, retype
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.import_panel import ImportPanel
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop

FILES = [Path("/candles/BTCUSDT-5m-2024-01.csv"), Path("/candles/BTCUSDT-5m-2024-02.csv")]


class Slow(FakeEngine):
    """Imports until it is cancelled."""

    async def execute(self, command: Any, report: Report | None = None) -> Any:
        if isinstance(command, ImportCandles):
            assert report is not None
            self.commands.append(command)
            report(Progress(30_000_000, 90_000_000, "30 of 90 MB read"))
            await asyncio.Event().wait()
        return await super().execute(command, report)


def say(combo: QComboBox, words: str) -> None:
    """Choose an entry, as a person does."""
    place = combo.findText(words)
    assert place >= 0, [combo.itemText(each) for each in range(combo.count())]
    combo.setCurrentIndex(place)
    combo.activated.emit(place)


async def looked_at(held: Paged[BacktestPage]) -> ImportPanel:
    held.page.middle.open_import(FILES)
    panel = held.page.middle.importing
    await until(lambda: panel.preview is not None)
    await drawn()
    return panel


async def test_dropped_files_are_shown_as_they_lie_and_as_they_are_read(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in reversed(FILES)])
        enter = QDragEnterEvent(
            QPoint(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(held.page, enter)
        assert enter.isAccepted()
        drop = QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(held.page, drop)
        panel = held.page.middle.importing
        await until(lambda: panel.preview is not None)
        assert held.page.middle.tool == "import"
        assert panel.paths == tuple(FILES)
        assert panel.name.text() == "BTCUSDT-5m-2024-01.csv and 1 more"
        assert panel.found.text() == "CSV text with commas with candles. Times: milliseconds."
        assert panel.doubts.text() == "The name says 5m; the rows are 1m candles."
        assert panel.lies.model.titles[0] == "Column 1 → time"
        assert panel.lies.model.rows[0][:2] == ("1704067200000", "42283.58")
        assert panel.read.model.titles == ("time (UTC)", "open", "high", "low", "close", "volume")
        assert panel.read.model.rows[1][0] == "2024-01-01 00:01"
        assert panel.choices.separator.currentText() == "Comma (found)"
        assert panel.choices.unit.currentText() == "Milliseconds (found)"
        assert panel.choices.timeframe.currentText() == "1m (found)"
        assert panel.choices.columns["close"].currentText() == "Column 5"
        assert panel.symbol.text == "BTC/USDT"
        assert held.engine.previews == [(FILES[0], DETECTED)]


async def test_a_drag_of_something_else_is_not_taken(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        data = QMimeData()
        data.setUrls([QUrl("https://example.org/candles.csv")])
        enter = QDragEnterEvent(
            QPoint(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(held.page, enter)
        assert not enter.isAccepted()


async def test_several_files_are_chosen_in_a_dialog(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        click(held.page.middle.buttons["import"])
        panel = held.page.middle.importing
        assert panel.state.text() == "Choose files, or drop them here."
        assert not panel.go.isEnabled()
        click(panel.choose)
        dialog = held.page.findChildren(QFileDialog)[0]
        assert dialog.fileMode() is QFileDialog.FileMode.ExistingFiles
        dialog.filesSelected.emit([str(path) for path in FILES])
        dialog.reject()
        await until(lambda: panel.preview is not None)
        assert panel.paths == tuple(FILES)


async def test_the_preview_follows_a_correction_within_a_moment(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        panel = await looked_at(held)
        retype(panel.exchange.editor, "binance")
        assert panel.go.isEnabled()
        assert panel._soon.interval() <= 150  # and the engine's answer: 300 ms in all
        say(panel.choices.separator, "Semicolon")
        await until(lambda: panel.preview is not None and panel.preview.problem)
        assert panel.why.text() == (
            "This is neither a header nor a candle. Say which columns it has."
        )
        assert not panel.go.isEnabled()
        assert panel.read.isHidden()
        assert panel.choices.separator.currentText() == "Semicolon"
        say(panel.choices.separator, "Find out")
        await until(lambda: panel.go.isEnabled())
        assert held.engine.previews[-1] == (FILES[0], DETECTED)
        assert panel.choices.separator.currentText() == "Comma (found)"


async def test_what_was_corrected_is_what_is_imported(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        panel = await looked_at(held)
        say(panel.choices.unit, "Microseconds")
        say(panel.choices.timeframe, "1h")
        retype(panel.choices.skip.editor, "2")
        retype(panel.choices.offset.editor, "-03:30")
        say(panel.choices.columns["volume"], "not read")
        say(panel.choices.columns["high"], "Column 4")
        retype(panel.exchange.editor, "my archive")
        retype(panel.symbol.editor, "XBT/USD")
        await until(lambda: panel.go.isEnabled())
        click(panel.go)
        await until(lambda: held.engine.commands)
        assert held.engine.commands[-1] == ImportCandles(
            tuple(map(str, FILES)),
            "my archive",
            "XBT/USD",
            Choices(
                skip=2,
                columns={"time": 0, "open": 1, "high": 3, "low": 3, "close": 4},
                unit=TimeUnit.MICROSECONDS,
                utc_offset_ms=-210 * MINUTE_MS,
                timeframe_ms=HOUR_MS,
            ),
        )


async def test_trades_are_said_by_their_columns(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        panel = await looked_at(held)
        say(panel.choices.holds, "Trades")
        assert panel.choices.columns["price"].isVisible()
        assert not panel.choices.columns["open"].isVisible()
        say(panel.choices.columns["price"], "Column 2")
        say(panel.choices.columns["amount"], "Column 6")
        chosen = panel.choices.choices().columns
        assert chosen == {"time": 0, "price": 1, "amount": 5}
        assert panel.choices.columns["price"].isVisible()


async def test_imported_candles_are_chosen_for_the_backtest_at_once(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.covers = COVERS[1:]
    async with paged(engine, BacktestPage) as held:
        panel = await looked_at(held)
        retype(panel.exchange.editor, "binance")
        await until(lambda: panel.go.isEnabled())
        click(panel.go)
        await until(lambda: "200 candles added to binance BTC/USDT 1m." in panel.state.text())
        assert held.page.form.archive.series == BTC_MINUTES
        await until(lambda: len(held.page.kept.covers) == len(COVERS))
        await until(lambda: held.page.form.run.isEnabled())
        click(held.page.middle.buttons["import"])  # closes it
        assert held.page.middle.coverage.isVisible()


async def test_progress_is_told_and_a_cancelled_import_leaves_nothing(tmp_path: Path) -> None:
    async with paged(Slow(tmp_path), BacktestPage) as held:
        panel = await looked_at(held)
        retype(panel.exchange.editor, "binance")
        await until(lambda: panel.go.isEnabled())
        click(panel.go)
        await until(lambda: panel.progress._count.text() == "30 of 90 MB read")
        assert not panel.go.isEnabled()
        assert not panel.choices.isEnabled()
        click(panel.progress._cancel)
        await until(panel.progress.isHidden)
        assert panel.state.text() == "The import was cancelled. Nothing was written."
        assert panel.go.isEnabled()
        assert held.faults == []


async def test_a_refusal_is_told_in_the_panel(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        panel = await looked_at(held)
        retype(panel.exchange.editor, "binance")
        await until(lambda: panel.go.isEnabled())
        held.engine.fail_with = FileRefused("Line 7: the close is 0. Nothing was taken.")
        click(panel.go)
        await until(lambda: panel.state.text() == "Line 7: the close is 0. Nothing was taken.")
        assert panel.state.property("tone") == "down"
        say(panel.choices.unit, "Seconds")
        assert panel.state.text() != "Line 7: the close is 0. Nothing was taken."


async def test_what_is_no_table_is_refused_with_words(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.refusal = FileRefused("photo.csv is no text. Choose another file.")
    async with paged(engine, BacktestPage) as held:
        held.page.middle.open_import([Path("photo.csv")])
        panel = held.page.middle.importing
        await until(lambda: panel.why.text() == "photo.csv is no text. Choose another file.")
        assert panel.choices.isHidden()
        assert not panel.go.isEnabled()
        engine.refusal = None
        panel.open(FILES[:1])
        await until(lambda: panel.preview is not None)
        assert panel.why.isHidden()
        assert panel.go.text() == "Import file"


async def test_an_answer_about_an_earlier_file_is_nobodys(tmp_path: Path) -> None:
    class Late(FakeEngine):
        async def preview_import(self, path: Path, choices: Choices = DETECTED) -> ImportPreview:
            if path == FILES[0]:
                await first.wait()
            return await super().preview_import(path, choices)

    first = asyncio.Event()
    async with paged(Late(tmp_path), BacktestPage) as held:
        panel = held.page.middle.importing
        held.page.middle.open_import(FILES[:1])
        await drawn()
        panel.open(FILES[1:])
        first.set()
        await until(lambda: panel.preview is not None)
        await drawn()
        assert panel.preview is not None
        assert panel.preview.path == str(FILES[1])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("+02:00", False),
        ("-5", False),
        ("0", False),
        ("+15:00", True),
        ("2h", True),
        ("1:70", True),
    ],
)
async def test_an_offset_is_read_or_refused(tmp_path: Path, text: str, wrong: bool) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        panel = await looked_at(held)
        retype(panel.choices.offset.editor, text)
        assert bool(panel.choices.problem) == wrong


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    engine = FakeEngine(tmp_path)
    engine.covers = COVERS
    async with paged(engine, BacktestPage, size) as held:
        panel = await looked_at(held)
        retype(panel.exchange.editor, "binance")
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []
