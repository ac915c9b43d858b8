"""Everything that is kept: listed, used, checked, deleted after a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.archive import Series
from engine.domain.candles import HOUR_MS
from engine.messages.commands import DeleteCandles
from tests.gui.fakes import FakeEngine
from tests.gui.kept import BTC_MINUTES, COVERS, ETH_DAYS, only_damage
from tests.gui.opened import Opened, click, cut, opened, overlaps
from tests.gui.paged import Paged, paged
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.kept_panel import KeptPanel
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.widgets.scrim import ScrimCard

SOL_HOURS = Series("binance", "SOL/USDT", HOUR_MS)
pytestmark = pytest.mark.qt_loop


def archived(folder: Path) -> FakeEngine:
    engine = FakeEngine(folder)
    engine.covers = COVERS
    return engine


async def listed(held: Paged[BacktestPage]) -> KeptPanel:
    await until(lambda: held.page.kept.covers)
    click(held.page.middle.buttons["kept"])
    await drawn()
    return held.page.middle.keeping


def pick(panel: KeptPanel, series: Series) -> None:
    assert panel.table.pick(panel.model.rows.numbers.of(series))


def line(panel: KeptPanel, series: Series) -> dict[str, str]:
    row = panel.model.row_of(panel.model.rows.numbers.of(series))
    assert row is not None
    cells = (panel.model.index(row, place) for place in range(panel.model.columnCount()))
    return {
        column.key: str(cell.data())
        for column, cell in zip(panel.model.columns, cells, strict=True)
    }


async def test_every_series_has_a_line_with_its_reach_quality_and_size(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        panel = await listed(held)
        assert panel.about.text() == "4 series, 19.1 MB"
        assert line(panel, BTC_MINUTES) == {
            "symbol": "BTC/USDT",
            "exchange": "binance",
            "from": "2024-03-11",
            "to": "2025-11-20",
            "bars": "834,308",
            "missing": "58,200",
            "size": "16.7 MB",
        }
        assert line(panel, ETH_DAYS)["missing"] == "0"
        row = panel.model.row_of(panel.model.rows.numbers.of(BTC_MINUTES))
        assert row is not None
        mark = panel.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert mark == "The file of Jun 2025 was damaged and set aside."


async def test_a_series_is_used_by_its_button_and_by_enter(tmp_path: Path) -> None:
    async with paged(archived(tmp_path), BacktestPage) as held:
        panel = await listed(held)
        pick(panel, ETH_DAYS)
        click(panel.use)
        assert held.page.form.archive.series == ETH_DAYS
        assert held.page.middle.tool == ""
        click(held.page.middle.buttons["kept"])
        pick(panel, BTC_MINUTES)
        panel.table.setFocus()
        QTest.keyClick(panel.table, Qt.Key.Key_Return)
        assert held.page.form.archive.series == BTC_MINUTES


async def test_a_check_says_what_it_found(tmp_path: Path) -> None:
    engine = archived(tmp_path)
    async with paged(engine, BacktestPage) as held:
        panel = await listed(held)
        pick(panel, ETH_DAYS)
        click(panel.check)
        await until(
            lambda: panel.words.text() == "binance ETH/USDT 1d: every byte is as it was written."
        )
        engine.damage = ("2024-05.parquet is not what was written. It was set aside.",)
        engine.covers = COVERS[:2]
        click(panel.check)
        await until(lambda: panel.words.text() == engine.damage[0])
        await until(lambda: panel.model.rowCount() == 2)
        assert panel.words.text() == engine.damage[0]
        assert panel.check.isEnabled()


def page_of(held: Opened) -> BacktestPage:
    held.window.show_page("backtest")
    page = held.window.page("backtest")
    assert isinstance(page, BacktestPage)
    return page


def question(held: Opened) -> ScrimCard:
    return held.window.findChildren(ScrimCard)[-1]


async def test_deleting_asks_first_and_the_safe_answer_keeps(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.engine.covers = COVERS
        page = page_of(held)
        await until(lambda: page.kept.covers)
        click(page.middle.buttons["kept"])
        panel = page.middle.keeping
        pick(panel, ETH_DAYS)
        click(panel.delete)
        await drawn()
        assert question(held).accessibleName() == "Delete binance ETH/USDT 1d?"
        QTest.keyClick(question(held), Qt.Key.Key_Escape)
        assert held.asked == []
        await drawn()
        click(panel.delete)
        await drawn()
        click(question(held).button("delete"))
        await until(lambda: held.asked == [DeleteCandles(ETH_DAYS)])
        await until(lambda: panel.model.rowCount() == 3)
        assert held.window.toasts.texts == ["binance ETH/USDT 1d was deleted; 1.0 MB are free."]


async def test_without_candles_it_says_how_to_get_some(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await until(lambda: held.page.kept.known)
        click(held.page.middle.buttons["kept"])
        panel = held.page.middle.keeping
        assert panel.empty.isVisible()
        buttons = (panel.use, panel.complete, panel.check, panel.delete)
        assert not any(button.isEnabled() for button in buttons)


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    async with paged(archived(tmp_path), BacktestPage, size) as held:
        await listed(held)
        assert overlaps(held.page) == []
        assert cut(held.page) == []


async def test_what_only_damage_is_left_of_can_be_mended_and_deleted(tmp_path: Path) -> None:
    engine = archived(tmp_path)
    engine.covers = (*COVERS, only_damage(SOL_HOURS, "2024-03"))
    async with paged(engine, BacktestPage) as held:
        panel = await listed(held)
        row = line(panel, SOL_HOURS)
        assert (row["from"], row["to"], row["bars"], row["size"]) == (
            "\N{EN DASH}",
            "\N{EN DASH}",
            "0",
            "7.0 kB",
        )
        pick(panel, SOL_HOURS)
        assert not panel.use.isEnabled()
        assert panel.complete.isEnabled()
        assert panel.delete.isEnabled()
        pick(panel, BTC_MINUTES)
        assert panel.use.isEnabled()
