"""Rubbish in every field, strategies that raise, recordings that are damaged: always a sentence."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from engine.domain.bots import BotState
from engine.domain.candles import Candles
from engine.domain.strategy import Params, Signals
from engine.errors import InvalidSetting
from engine.messages import commands as cm
from engine.strategies import STRATEGIES
from engine.strategies.ema_cross import EmaCross
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click
from tests.gui.paged import paged
from tests.gui.test_pages_with_engine import PATIENCE, backtested, candle_file, real
from tests.gui.waiting import drawn, until
from trader_gui.forms.moments import wrong_moment
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.strategy_form import StrategyForm
from trader_gui.forms.symbols import wrong_symbol
from trader_gui.forms.trade_fields import TRADE_SPECS
from trader_gui.forms.trade_form import TradeForm
from trader_gui.models.session_reuse import bot_from
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.monitor import MonitorPage
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.widgets.field import LabelledField

RUBBISH = (
    "abc",
    "-5",
    "1e999",
    "1e999999999",
    "1e-999999999",
    "NaN",
    "sNaN",
    "inf",
    "-inf",
    "99999999999999999999999999999999",
    "\u00bd",
    "0x10",
    "--1",
    "1,5",
    "1.2.3",
    "5%",
    "=1+1",
    "<b>7</b>",
    "\U0001f4b0",
)


@pytest.mark.parametrize("text", RUBBISH)
@pytest.mark.parametrize("spec", TRADE_SPECS.values(), ids=lambda spec: spec.key)
def test_no_field_of_money_and_risk_takes_rubbish(spec: NumberSpec, text: str) -> None:
    wrong = _wrong(spec, text)
    assert wrong, f"{spec.key} took {text!r}"
    assert len(wrong) < 60
    assert wrong[0].isupper()


def pasted(field: QLineEdit, text: str) -> None:
    """Replace what stands in a field from the clipboard, as rubbish usually comes."""
    field.setFocus()
    field.selectAll()
    QGuiApplication.clipboard().setText(text)
    if text:
        field.paste()
    else:
        field.cut()


def typed(strategy: StrategyForm, trade: TradeForm) -> list[LabelledField]:
    """All fields that are typed into, the folded ones too."""
    grids = [strategy.params]
    for section in trade.sections.values():
        grids += section.grids
    shown = [field for grid in grids for field in grid.shown.values()]
    return [field for field in shown if isinstance(field, LabelledField)]


def _wrong(spec: NumberSpec, text: str) -> str:
    try:
        spec.read(text)
    except InvalidSetting as refused:
        return refused.words
    return ""


@pytest.mark.parametrize(
    "text", ["", "BTC", "/", "BTC/", "/USDT", "A/B/C", "B TC/USDT", "<b>x</b>"]
)
def test_no_symbol_is_made_of_rubbish(text: str) -> None:
    assert wrong_symbol(text) == "Write it as BTC/USDT"


@pytest.mark.parametrize(
    "text", ["BTC/USDT", "1000PEPE/USDT", "BTC/USDT:USDT", "\u5e01\u5b89/USDC"]
)
def test_real_symbols_are_taken(text: str) -> None:
    assert wrong_symbol(text) == ""


@pytest.mark.parametrize("text", ["now", "2022-13-01", "NaN", "1e999", "-1", "\x00", "12:00"])
def test_no_moment_is_made_of_rubbish(text: str) -> None:
    assert wrong_moment(text) == "Write 2026-03-12 or 2026-03-12 14:05"


@pytest.mark.qt_loop
async def test_every_field_of_the_backtest_form_stops_the_run_and_recovers(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        held.page.open_file(Path("btc-perp_1m.csv"))
        form = held.page.form
        await until(lambda: form.source.report is not None)
        fields = [*typed(form.strategy, form.trade), form.symbol, form.from_at, form.to_at]
        for field in fields:
            good = field.text
            for text in ("\U0001f4b0", "NaN", "1e999", "<b>x</b>"):
                pasted(field.editor, text)
                assert not form.run.isEnabled(), f"{field.editor.accessibleName()} took {text}"
                assert form.why.text()[0].isupper()
                held.page.run()
            pasted(field.editor, good)
            assert form.run.isEnabled(), form.why.text()
        assert held.engine.commands == []


@pytest.mark.qt_loop
async def test_every_field_of_the_editor_blocks_saving_and_recovers(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot()
        editor = held.page.editor
        for field in typed(editor.strategy, editor.trade):
            good = field.text
            for text in ("\U0001f4b0", "NaN", "1e999", "-7"):
                pasted(field.editor, text)
                name = field.editor.accessibleName()
                assert not editor.foot.go.isEnabled(), f"{name} took {text}"
                assert not editor.foot.keep.isEnabled()
                editor.save(start=True)
            pasted(field.editor, good)
            assert editor.foot.go.isEnabled(), editor.foot.problem.text()
        for name in ("", "x" * 41, " "):
            pasted(editor.market.name.editor, name)
            assert not editor.foot.go.isEnabled(), name
        assert held.engine.commands == []


class Raises(EmaCross):
    """A strategy of somebody's own that does not know what to do."""

    name: ClassVar[str] = "raises"
    title: ClassVar[str] = "Raises"

    def signals(self, candles: Candles, params: Params) -> Signals:
        raise KeyError("no such column: <b>closs</b>")


@pytest.mark.qt_loop
async def test_a_strategy_that_raises_stops_its_own_bot_with_words_to_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, "raises", Raises())
    async with real(tmp_path) as held:
        page = await backtested(held, candle_file(tmp_path, 400))
        assert page.shown_id is not None
        record = next(one for one in await held.engine.sessions() if one.id == page.shown_id)
        good = bot_from(record)
        good = replace(good, name="good", feed=replace(good.feed, speed=0.0))
        monitor = held.page(lambda bridge: MonitorPage(bridge))
        assert isinstance(monitor, MonitorPage)
        for settings in (replace(good, name="bad", strategy="raises"), good):
            await held.engine.execute(cm.CreateBot(settings, True))
        await until(
            lambda: (
                [bot.state for bot in held.bridge.snapshot.bots]
                == [BotState.ERROR, BotState.STOPPED]
            ),
            PATIENCE,
        )
        bad, fine = held.bridge.snapshot.bots
        assert fine.error is None
        assert len(fine.session.trades) > 3
        monitor.bots.select(bad.bot_id)
        await until(lambda: monitor.inspector.error.isVisible())
        click(monitor.inspector.error.copy)
        copied = QGuiApplication.clipboard().text()
        assert "no such column" in copied
        assert "Traceback" in copied


@pytest.mark.qt_loop
async def test_a_damaged_recording_is_a_sentence_and_the_rest_of_the_history_works(
    tmp_path: Path,
) -> None:
    file = candle_file(tmp_path, 300)
    async with real(tmp_path) as held:
        await backtested(held, file)
        await backtested(held, file)
    base = next((tmp_path / "data").glob("*.db"))
    with sqlite3.connect(base) as db:
        db.execute("UPDATE events SET integers = x'00ff' WHERE session_id = 1 AND seq = 3")
    async with real(tmp_path) as held:
        page = held.page(SessionsPage)
        assert isinstance(page, SessionsPage)
        await until(lambda: page.sessions.model.rowCount() == 2)
        page.open_review(1)
        await until(lambda: page.review._stack.currentWidget() is page.review._problem, PATIENCE)
        said = [one.text() for one in page.review._problem.findChildren(type(page.review.head.id))]
        assert said[0] == "This session cannot be shown."
        assert said[1].endswith(".")
        page.show_list()
        page.open_review(2)
        await until(lambda: page.review.review is not None, PATIENCE)
        page.show_list()
        await until(lambda: page.sessions.table.pick(1))
        await drawn()
