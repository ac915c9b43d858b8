"""The Bots page as a person uses it: the list, what is asked about, the paper account."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.messages import commands as cm
from engine.messages.snapshot import BotSnapshot
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, cut, overlaps, press
from tests.gui.paged import Paged, paged, retype, with_history
from tests.gui.stories import Story, five_bots
from tests.gui.waiting import drawn, until
from trader_gui.models.table_model import Role
from trader_gui.pages.bots.page import BotsPage

pytestmark = pytest.mark.qt_loop


def answer(held: Paged[BotsPage], key: str) -> None:
    assert held.page.question is not None
    click(held.page.question.button(key))


async def test_the_list_shows_parameters_that_nobody_set_too(tmp_path: Path) -> None:
    class Partly(Story):
        def snapshot(self) -> BotSnapshot:
            told = super().snapshot()
            return replace(told, settings=replace(told.settings, params={"fast": 5}))

    async with paged(FakeEngine(tmp_path, [Partly()]), BotsPage) as held:
        model = held.page.bots.model
        column = next(i for i, c in enumerate(model.columns) if c.key == "strategy")
        index = model.index(0, column)
        assert model.data(index) == "EMA cross"
        assert model.data(index, Role.SECOND) == "5/21"


async def test_an_empty_page_leads_to_the_editor(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        bots = held.page.bots
        assert bots._stack.currentIndex() == 1
        click(bots.new)
        assert held.page.currentWidget() is held.page.editor
        assert held.page.editor.head.title.text() == "New bot"


async def test_unsaved_edits_are_asked_about(tmp_path: Path) -> None:
    stories = five_bots()
    stories[1].end()
    async with paged(FakeEngine(tmp_path, stories), BotsPage) as held:
        page = held.page
        page.edit_bot(2)
        click(page.editor.foot.discard)
        assert page.currentWidget() is page.bots  # nothing changed: nothing asked
        page.edit_bot(2)
        retype(page.editor.trade.fields()["fee_pct"].editor, "0.2")
        click(page.editor.foot.discard)
        answer(held, "stay")
        assert page.currentWidget() is page.editor
        click(page.editor.foot.discard)
        answer(held, "leave")
        assert page.currentWidget() is page.bots
        assert held.engine.commands == []


async def test_bots_that_appear_while_the_page_is_open_are_listed_and_one_is_selected(
    tmp_path: Path,
) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        bots = held.page.bots
        held.bridge.send(cm.StartSimulation())
        await until(lambda: bots.model.rowCount() == 5)
        assert [index.row() for index in bots.table.selectionModel().selectedRows()] == [0]
        assert bots.edit.isEnabled()


async def test_delete_is_offered_for_stopped_flat_bots_and_leaves_the_editor(
    tmp_path: Path,
) -> None:
    stories = five_bots()
    stories[1].end()
    async with paged(FakeEngine(tmp_path, stories), BotsPage) as held:
        asked: list[int] = []
        held.page.delete_asked.connect(asked.append)
        bots = held.page.bots
        await until(lambda: bots.model.rowCount() == 5)
        bots.table.pick(1)
        assert not bots.delete.isEnabled()
        assert bots.delete.toolTip() == "Stop the bot first"
        bots.table.pick(2)
        click(bots.delete)
        held.page.edit_bot(2)
        click(held.page.editor.head.delete)
        assert asked == [2, 2]
        assert held.engine.commands == []
        held.bridge.send(cm.DeleteBot(2))
        await until(lambda: held.page.currentWidget() is bots)
        assert bots.model.rowCount() == 4


async def test_the_account_is_reset_after_a_question_while_all_are_stopped(tmp_path: Path) -> None:
    stories = five_bots()
    async with paged(FakeEngine(tmp_path, stories), BotsPage) as held:
        bots = held.page.bots
        assert not bots.reset.isEnabled()
        assert bots.why.text() == "Stop all bots to reset it."
        for story in stories:
            story.end()
        held.change()
        await until(lambda: bots.reset.isEnabled())
        retype(bots.balance.editor, "20000")
        click(bots.reset)
        answer(held, "reset")
        await until(lambda: held.engine.commands)
        assert held.engine.commands == [cm.ResetAccount(Decimal(20_000))]


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
@pytest.mark.parametrize("which", ["list", "editor", "file"])
async def test_nothing_is_cut_or_overlaps(
    tmp_path: Path, size: tuple[int, int], which: str
) -> None:
    async with paged(with_history(tmp_path), BotsPage, size) as held:
        if which != "list":
            held.page.new_bot()
        if which == "file":
            press(held.page.editor.market.kind, "file")
            held.page.editor.settle()
        await drawn()
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []
