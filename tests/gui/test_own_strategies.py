"""A person's own strategies in the window: read, allowed, chosen, forbidden."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit

from engine.domain.strategy_files import Standing, StrategyFile
from engine.errors import FileRefused
from tests.gui.opened import Opened, click, cut, opened, overlaps
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.bots.page import BotsPage
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.widgets.scrim import ScrimCard

pytestmark = pytest.mark.qt_loop

NEW = StrategyFile("mine.py", "ab" * 32, Standing.NEW, words="mine.py is not allowed.")


async def settings(held: Opened, *files: StrategyFile) -> SettingsPage:
    """The Settings page with these files in the folder."""
    held.engine.files = {file.file: file for file in files}
    held.window.show_page("settings")
    page = held.window.page("settings")
    assert isinstance(page, SettingsPage)
    await until(lambda: len(page.strategies.rows) == len(files))
    await drawn()
    return page


def card(held: Opened) -> ScrimCard:
    return next(c for c in held.window.findChildren(ScrimCard) if c.isVisible())


def choices(held: Opened) -> list[str]:
    page = held.window.page("backtest")
    assert isinstance(page, BacktestPage)
    choice = page.form.strategy.choice
    return [choice.itemText(place) for place in range(choice.count())]


async def test_a_file_is_read_then_allowed_then_chosen(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        before = choices(held)
        page = await settings(held, NEW)
        row = page.strategies.rows["mine.py"]
        assert row.standing.text() == "Not allowed"
        assert not row.check.isVisible()
        click(row.allow)
        await until(lambda: held.window.findChildren(ScrimCard))
        asked = card(held)
        text = asked.findChild(QPlainTextEdit)
        assert text is not None
        assert text.toPlainText() == "# mine.py\nclass Mine: ...\n"
        assert text.isReadOnly()
        assert overlaps(asked) == []
        click(asked.button("leave"))
        assert held.engine.files["mine.py"] == NEW
        click(row.allow)
        await until(lambda: any(c.isVisible() for c in held.window.findChildren(ScrimCard)))
        click(card(held).button("allow"))
        await until(lambda: page.strategies.rows["mine.py"].standing.text() == "Allowed")
        assert choices(held) == [*before, "Mine (mine.py)"]
        row = page.strategies.rows["mine.py"]
        click(row.check)
        await until(lambda: "No look-ahead was seen" in row.words.text())
        click(row.forbid)
        await until(lambda: page.strategies.rows["mine.py"].standing.text() == "Not allowed")
        assert choices(held) == before


async def test_a_bot_keeps_a_strategy_that_may_not_run_and_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        story = held.engine.stories[0]
        story.end()
        story.settings = replace(story.settings, strategy="mine")
        held.engine.changed()
        await drawn()
        held.program.edit_bot(story.bot_id)
        page = held.window.page("bots")
        assert isinstance(page, BotsPage)
        form = page.editor.strategy
        assert form.choice.currentText() == "mine (may not run)"
        assert "Allow it in Settings" in form.problems()["Strategy"]
        page_ = await settings(held, NEW)
        held.program.bridge.allow_strategy(
            await held.engine.strategy_source("mine.py"), lambda file: page_.strategies.look()
        )
        await until(lambda: form.choice.currentText() == "Mine (mine.py)")
        assert "Strategy" not in form.problems()


async def test_what_is_refused_is_said_at_the_file(tmp_path: Path) -> None:
    changed = replace(NEW, standing=Standing.CHANGED, words="mine.py has changed.", name="mine")
    async with opened(tmp_path, size=(1100, 700)) as held:
        page = await settings(held, changed, replace(NEW, file="other.py"))
        row = page.strategies.rows["mine.py"]
        assert row.words.text() == "mine.py has changed."
        held.engine.fail_with = FileRefused("mine.py cannot be imported at line 3.")
        click(row.forbid)
        await until(lambda: row.words.text() == "mine.py cannot be imported at line 3.")
        assert page.strategies.rows["other.py"].words.text() == ""
        assert cut(page.strategies) == []
        assert overlaps(page.strategies) == []
