"""Presets of the backtest page: saved, chosen, replaced, deleted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea

from engine.domain.presets import Preset
from engine.domain.settings import Direction, TradeSettings
from tests.gui.opened import click
from tests.gui.paged import Paged, paged, with_history
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.backtest.presets import PresetBar

pytestmark = pytest.mark.qt_loop
TRADE = replace(TradeSettings(), direction=Direction.SHORT, stop_loss_pct=Decimal("1.5"))
QUICK = Preset("Quick", "rsi_reversion", {"period": 9}, TRADE)


def bar_of(held: Paged[BacktestPage]) -> PresetBar:
    return held.page.form.presets


def typed(bar: PresetBar, name: str) -> None:
    bar.name.setEditText(name)


async def test_one_is_chosen_and_fills_the_form(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    engine.kept_presets["Quick"] = QUICK
    async with paged(engine, BacktestPage) as held:
        bar, form = bar_of(held), held.page.form
        await until(lambda: bar.names == ["Quick"])
        bar.name.setCurrentIndex(0)
        bar.name.activated.emit(0)
        assert form.strategy.card.name == "rsi_reversion"
        assert form.strategy.values()["period"] == 9
        assert form.strategy.chosen_direction is Direction.SHORT
        assert form.trade.settings(Direction.SHORT) == TRADE
        assert (bar.save.text(), bar.delete.isEnabled()) == ("Replace", True)


async def test_what_stands_in_the_form_is_saved_replaced_and_deleted(tmp_path: Path) -> None:
    engine, said = with_history(tmp_path), list[str]()
    async with paged(engine, BacktestPage) as held:
        bar, form = bar_of(held), held.page.form
        held.page.said.connect(said.append)
        await drawn()
        assert not bar.save.isEnabled()
        typed(bar, " My  own ")
        assert (bar.save.isEnabled(), bar.save.text()) == (True, "Save")
        assert not bar.delete.isEnabled()
        form.strategy.set_strategy("rsi_reversion", {"period": 11}, Direction.LONG)
        click(bar.save)
        await until(lambda: bar.names == ["My own"])
        kept = engine.kept_presets["My own"]
        assert (kept.strategy, kept.params["period"]) == ("rsi_reversion", 11)
        assert kept.trade.direction is Direction.LONG
        assert said == ["Preset My own was saved."]
        form.strategy.set_strategy("rsi_reversion", {"period": 30}, Direction.LONG)
        assert bar.save.text() == "Replace"
        click(bar.save)
        await until(lambda: engine.kept_presets["My own"].params["period"] == 30)
        await until(lambda: len(said) == 2)
        click(bar.delete)
        await until(lambda: bar.names == [])
        assert form.strategy.values()["period"] == 30  # saving brings it back
        assert bar.save.text() == "Save"


async def test_return_chooses_a_name_that_is_known_and_saves_another(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    engine.kept_presets["Quick"] = QUICK
    async with paged(engine, BacktestPage) as held:
        bar, form = bar_of(held), held.page.form
        await until(lambda: bar.names == ["Quick"])
        bar.name.setFocus()
        typed(bar, "Quick")
        QTest.keyClick(bar.name, Qt.Key.Key_Return)
        assert form.strategy.card.name == "rsi_reversion"
        typed(bar, "Second")
        QTest.keyClick(bar.name, Qt.Key.Key_Return)
        await until(lambda: bar.names == ["Quick", "Second"])


async def test_the_form_fits_where_the_window_is_narrow(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    engine.kept_presets["Quick"] = QUICK
    async with paged(engine, BacktestPage) as held:
        bar, window = bar_of(held), held.page.window()
        await until(lambda: bar.names == ["Quick"])
        typed(bar, "Quick")  # the longer word, and both buttons
        window.resize(1100, 700)
        await drawn()
        area = held.page.form.findChild(QScrollArea)
        assert area is not None
        assert area.widget().width() == area.viewport().width()


async def test_a_new_name_that_begins_another_stays_as_typed(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    engine.kept_presets["Quick"] = QUICK
    async with paged(engine, BacktestPage) as held:
        bar = bar_of(held)
        await until(lambda: bar.names == ["Quick"])
        assert "Type a name" in bar.save.toolTip()
        assert "Choose a preset" in bar.delete.toolTip()
        bar.name.setFocus()
        editor = bar.name.lineEdit()
        assert editor is not None
        QTest.keyClicks(editor, "qui")
        assert (editor.text(), bar.save.text()) == ("qui", "Save")
        assert "Keep what stands below" in bar.save.toolTip()
        assert "No preset has this name" in bar.delete.toolTip()
        QTest.keyClick(editor, Qt.Key.Key_Return)
        await until(lambda: bar.names == ["Quick", "qui"])
        assert engine.kept_presets["Quick"] == QUICK
        assert "in place of this preset" in bar.save.toolTip()
        assert "Delete this preset" in bar.delete.toolTip()
