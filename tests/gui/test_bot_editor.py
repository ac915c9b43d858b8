"""The editor of the Bots page: create, edit, what is checked before, what the engine refuses."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from engine.domain.bots import BotState, FeedKind
from engine.errors import FileRefused, InvalidSetting
from engine.messages import commands as cm
from engine.messages.progress import Report
from engine.messages.snapshot import BotSnapshot
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, press
from tests.gui.paged import Paged, paged, retype
from tests.gui.stories import Story, five_bots
from tests.gui.waiting import drawn, until
from trader_gui.pages.bots.page import BotsPage

pytestmark = pytest.mark.qt_loop


def errors(held: Paged[BotsPage]) -> list[str]:
    return [check.words for check in held.page.editor.preview.checks if check.level == "error"]


def created(held: Paged[BotsPage]) -> cm.CreateBot:
    command = held.engine.commands[-1]
    assert isinstance(command, cm.CreateBot)
    return command


async def test_the_engine_says_which_symbols_are_simulated(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.simulated_symbols = ("DOGE/USDT", "BTC/USDT")
    async with paged(engine, BotsPage) as held:
        held.page.new_bot()
        market = held.page.editor.market
        assert [market.symbol.itemText(i) for i in range(market.symbol.count())] == [
            "DOGE/USDT",
            "BTC/USDT",
        ]
        assert market.chosen_symbol == "DOGE/USDT"


async def test_money_is_counted_in_the_quote_coin_of_the_market(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.simulated_symbols = ("ETH/BTC", "BTC/USDT")
    async with paged(engine, BotsPage) as held:
        held.page.new_bot()
        editor = held.page.editor
        fields = editor.trade.fields()
        retype(fields["cash"].editor, "3")
        assert shown_texts(fields["cash"]) == ["Starting cash", "BTC"]
        assert "= 0.75 BTC" in shown_texts(fields["position_pct"])
        editor.market.symbol.setCurrentIndex(1)
        editor.market.symbol.activated.emit(1)
        assert shown_texts(fields["cash"]) == ["Starting cash", "USDT"]
        assert "= 0.75 USDT" in shown_texts(fields["position_pct"])


def shown_texts(field: QWidget) -> list[str]:
    """What stands around a field, its hint and unit among it."""
    return [each.text() for each in field.findChildren(QLabel) if each.isVisibleTo(field)]


async def test_the_checks_of_a_running_bot_say_what_it_runs_with(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path, [Story()]), BotsPage) as held:
        held.page.edit_bot(1)
        preview = held.page.editor.preview
        assert preview.header.title.text() == "What it runs with"
        assert "10,000.00 USDT are its share" in [check.words for check in preview.checks]
        held.page.new_bot()
        assert preview.header.title.text() == "Before it can start"


async def test_create_and_start_sends_what_stands_in_the_form(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        started: list[int] = []
        held.page.started.connect(started.append)
        held.page.new_bot()
        editor = held.page.editor
        assert editor.market.name.text == "btc-ema-cross"
        editor.market.symbol.setCurrentIndex(1)
        editor.market.symbol.activated.emit(1)
        assert editor.market.name.text == "eth-ema-cross"
        retype(editor.market.name.editor, "my bot")
        retype(editor.strategy.params.fields["slow"].editor, "50")
        retype(editor.trade.fields()["trailing_pct"].editor, "0.7")
        click(editor.foot.go)
        await until(lambda: started)
        settings = created(held).settings
        assert created(held).start
        assert (settings.name, settings.symbol) == ("my bot", "ETH/USDT")
        assert dict(settings.params) == {"fast": 9, "slow": 50}
        assert settings.trade.trailing_pct == Decimal("0.7")
        assert settings.feed.kind is FeedKind.SIMULATED
        assert held.page.currentWidget() is held.page.bots
        await until(lambda: held.page.bots.model.rowCount() == 1)


async def test_save_by_key_creates_without_starting(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot()
        QTest.keyClick(held.page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: held.engine.commands)
        assert not created(held).start
        await until(lambda: held.page.currentWidget() is held.page.bots)


async def test_errors_block_name_their_section_and_lead_to_it(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path, five_bots()), BotsPage) as held:
        held.page.new_bot()
        editor = held.page.editor
        retype(editor.strategy.params.fields["slow"].editor, "9999")
        retype(editor.trade.fields()["position_pct"].editor, "60")
        retype(editor.market.name.editor, "btc-trend-1")
        assert errors(held) == [
            "Bot name: there is a bot named btc-trend-1 already",
            "Slow EMA: must be 3 to 400",
            (
                "Size per trade is 60 %, the ceiling is 25 %. Choose a smaller size, or switch "
                "the risk rules off"
            ),
        ]
        counts = {key: button.errors for key, button in editor.sections.buttons.items()}
        assert counts == {"market": 1, "strategy": 1, "risk": 1, "exits": 0, "costs": 0}
        assert editor.foot.problem.text().startswith("3 fields to fix")
        assert not editor.foot.go.isEnabled()
        assert not editor.foot.keep.isEnabled()
        click(editor.sections.buttons["exits"])
        assert editor.sections.buttons["exits"].isChecked()


async def test_a_duplicate_is_named_and_can_be_opened(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path, five_bots()), BotsPage) as held:
        held.page.new_bot()
        preview = held.page.editor.preview
        assert preview._duplicate.isVisible()
        assert preview._duplicate_words.text() == (
            "btc-trend-1 already trades BTC/USDT with EMA cross"
        )
        preview._ask_other()
        assert held.page.editor.head.title.text() == "btc-trend-1"


async def test_too_little_free_cash_is_an_error(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path, five_bots()), BotsPage) as held:
        held.page.new_bot()
        retype(held.page.editor.trade.fields()["cash"].editor, "60000")
        assert errors(held) == [
            "Its share is 60,000.00 USDT, but 50,000.00 are free in the account"
        ]


async def test_a_running_bot_can_be_stopped_but_not_changed(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path, five_bots()), BotsPage) as held:
        held.page.edit_bot(2)
        editor = held.page.editor
        assert not editor.market.isEnabled()
        assert not editor.foot.go.isEnabled()
        assert editor.head.state.text() == "It runs. Stop it to change its settings."
        click(editor.head.stop)
        await until(lambda: editor.market.isEnabled())
        assert held.engine.story(2).state is BotState.STOPPED
        assert editor.head.state.text() == ""
        retype(editor.trade.fields()["stop_loss_pct"].editor, "2")
        click(editor.foot.keep)
        await until(lambda: isinstance(held.engine.commands[-1], cm.UpdateBot))
        assert held.engine.story(2).settings.trade.stop_loss_pct == 2


async def test_a_bot_on_a_file_takes_its_symbol_and_timeframe_from_it(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot()
        market = held.page.editor.market
        press(market.kind, "file")
        assert errors(held) == ["Candle file: choose a candle file"]
        market.source.open(Path("sol_1m.csv"))
        await until(lambda: market.source.report is not None)
        retype(market.speed.editor, "0")
        click(held.page.editor.foot.go)
        await until(lambda: held.engine.commands)
        feed = created(held).settings.feed
        assert (feed.kind, feed.path, feed.speed) == (FeedKind.FILE, "sol_1m.csv", 0.0)
        assert created(held).settings.symbol == "BTC/USDT"
        await until(lambda: held.page.currentWidget() is held.page.bots)


async def test_what_the_engine_refuses_stands_in_the_editor(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot()
        held.engine.fail_with = InvalidSetting("Fast must be below slow.", field="fast")
        click(held.page.editor.foot.go)
        editor = held.page.editor
        await until(lambda: editor.foot.problem.text() == "Fast must be below slow.")
        assert editor.strategy.params.fields["fast"].problem == "Fast must be below slow."
        assert held.page.currentWidget() is editor


class CannotStart(FakeEngine):
    """Makes the bot and then cannot start it, as an engine does whose signals file is wrong."""

    async def execute(self, command: Any, report: Report | None = None) -> Any:
        if isinstance(command, cm.CreateBot) and command.start:
            await super().execute(replace(command, start=False), report)
            raise FileRefused("Line 2: no candle opens at that time.")
        return await super().execute(command, report)


async def test_a_bot_that_could_not_start_is_edited_on_and_not_made_twice(tmp_path: Path) -> None:
    async with paged(CannotStart(tmp_path), BotsPage) as held:
        held.page.new_bot()
        editor = held.page.editor
        click(editor.foot.go)
        await until(lambda: editor.bot_id == 1)
        await drawn()
        assert held.page.currentWidget() is editor
        assert editor.head.title.text() == "btc-ema-cross"
        assert editor.foot.problem.text() == "Line 2: no candle opens at that time."
        held.engine.changed()
        await drawn()
        assert editor.foot.problem.text() == "Line 2: no candle opens at that time."
        click(editor.foot.go)
        await until(lambda: isinstance(held.engine.commands[-1], cm.StartBot))
        assert len(held.engine.stories) == 1
        assert held.faults == []


async def test_fields_of_all_sections_stand_in_the_same_columns(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot()
        await drawn()
        editor = held.page.editor
        trade = editor.trade.sections
        groups = [editor.strategy.params, *(section.grid for section in trade.values())]
        single = [[f for f in grid.shown.values() if f.spec.span == 1] for grid in groups]
        lefts = [[field.mapTo(editor, QPoint(0, 0)).x() for field in row] for row in single]
        assert len(lefts[1]) == 6
        assert lefts[2] == lefts[3] == lefts[1][2:]
        assert lefts[0] == lefts[2][:2]
        widths = {field.width() for row in single for field in row}
        assert max(widths) - min(widths) <= 1


async def test_the_share_of_a_bot_that_never_ran_is_not_counted_as_its_own(tmp_path: Path) -> None:
    class Fresh(Story):
        def snapshot(self) -> BotSnapshot:
            return replace(super().snapshot(), session_id=None)

    async with paged(FakeEngine(tmp_path, [Fresh().end()]), BotsPage) as held:
        held.page.edit_bot(1)
        lines = [check.words for check in held.page.editor.preview.checks]
        assert "10,000.00 of 90,000.00 free USDT become its share" in lines


async def test_words_of_the_engine_stay_until_the_settings_change(tmp_path: Path) -> None:
    async with paged(CannotStart(tmp_path), BotsPage) as held:
        held.page.new_bot()
        editor = held.page.editor
        press(editor.market.kind, "file")
        editor.market.source.open(Path("btc.csv"))
        await until(lambda: editor.market.source.report is not None)
        click(editor.foot.go)
        await until(lambda: editor.bot_id == 1)
        await until(lambda: editor.market.source.report is not None)  # it is read anew
        await until(lambda: editor.foot.problem.text() == "Line 2: no candle opens at that time.")
        retype(editor.trade.fields()["stop_loss_pct"].editor, "0.7")
        assert editor.foot.problem.text() == "Ready to start."


async def test_fix_unfolds_and_leads_to_what_is_wrong(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage, (1036, 626)) as held:
        held.page.new_bot()
        editor = held.page.editor
        field = editor.trade.fields()["adds"]
        assert not field.isVisible()
        retype(field.editor, "2:x")
        assert errors(held) == ["Adding to a position: x is not a number: write loss:times"]
        editor.preview.fix_asked.emit("exits")
        await drawn()
        assert field.isVisible()
        title = editor.body._titles["exits"]
        assert 0 <= title.mapTo(editor.body, QPoint(0, 0)).y() <= 24
