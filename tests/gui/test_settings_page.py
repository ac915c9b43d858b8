"""The Settings page: theme, limits, network, recordings, data folder, versions."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.domain.connection import Connection
from engine.errors import InvalidSetting, WaitAndRetry
from engine.messages.commands import SetAccountLimits
from engine.runtime.engine import Engine
from engine.runtime.messengers import Messengers
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, cut, opened, overlaps, press
from tests.gui.paged import Paged, paged, retype
from tests.gui.stories import five_bots
from tests.gui.test_pages_with_engine import PATIENCE, Real
from tests.gui.waiting import drawn, until
from tests.runtime.support import StillClock
from trader_gui.pages.settings.account_limits import AccountLimits
from trader_gui.pages.settings.network import NetworkForm
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.pages.settings.recordings import RecordingsForm
from trader_gui.settings.preferences import FILE_NAME, Preferences, ThemeChoice

pytestmark = pytest.mark.qt_loop


def page_of(folder: Path) -> object:
    preferences = Preferences(folder / "preferences.toml")
    preferences.theme = ThemeChoice.LIGHT
    return lambda bridge: SettingsPage(bridge, preferences, Messengers(folder))


async def test_the_theme_is_asked_for_by_name(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path)) as held:  # type: ignore[arg-type]
        settings: Paged[SettingsPage] = held
        asked: list[str] = []
        settings.page.look_chosen.connect(asked.append)
        assert settings.page.look.value == "light"
        settings.page.look.step(1)
        settings.page.look.step(1)
        assert asked == ["system", "dark"]


async def test_the_list_at_the_left_jumps_and_follows(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path)) as held:  # type: ignore[arg-type]
        page = held.page
        page.resize(1200, 500)
        await drawn()
        buttons = page.sections.buttons
        for key in ("network", "versions", "look"):
            click(buttons[key])
            await drawn()
            assert buttons[key].isChecked()
            place = {"network": page.network, "versions": page.versions, "look": page.look}[key]
            assert not place.visibleRegion().isEmpty()
        page._scroll.verticalScrollBar().setValue(page._titles["restarts"].y())
        assert buttons["restarts"].isChecked()
        page.resize(700, 500)
        await drawn()
        assert not page.sections.isVisible()
        assert not cut(page)
        assert buttons["look"].accessibleName() == "Theme"  # nothing is counted here


async def test_path_and_versions_are_copied(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path)) as held:  # type: ignore[arg-type]
        said: list[str] = []
        held.page.said.connect(said.append)
        click(held.page.copy)
        assert QGuiApplication.clipboard().text() == str(tmp_path)
        click(held.page.copy_versions)
        assert QGuiApplication.clipboard().text().startswith("trader-gui ")
        assert "Qt 6." in QGuiApplication.clipboard().text()
        assert len(said) == 2


async def test_limits_of_the_account_are_set_and_shown(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path, five_bots())
    async with paged(engine, page_of(tmp_path)) as held:  # type: ignore[arg-type]
        limits: AccountLimits = held.page.limits
        said: list[str] = []
        held.page.said.connect(said.append)
        assert limits.now.text().startswith("2 positions are open now, ")
        assert not limits.button.isEnabled()
        fields = limits.grid.fields
        retype(fields["max_open_positions"].editor, "0")
        assert not limits.button.isEnabled()
        retype(fields["max_open_positions"].editor, "3")
        retype(fields["max_exposure_pct"].editor, "40")
        click(limits.button)
        await until(lambda: said)
        assert engine.commands == [SetAccountLimits(3, Decimal(40))]
        assert engine.limits == (3, Decimal(40))
        await until(lambda: not limits.button.isEnabled())
        retype(fields["max_open_positions"].editor, "")
        engine.changed()  # a tick leaves alone what is being typed
        await drawn()
        assert limits.button.isEnabled()
        click(limits.button)
        await until(lambda: engine.limits == (None, Decimal(40)))


async def test_a_refused_limit_is_told_at_its_field(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    async with paged(engine, page_of(tmp_path)) as held:  # type: ignore[arg-type]
        limits: AccountLimits = held.page.limits
        field = limits.grid.fields["max_exposure_pct"]
        retype(field.editor, "40")
        engine.fail_with = InvalidSetting("Too small.", field="max_exposure_pct")
        click(limits.button)
        await until(lambda: field.problem == "Too small.")
        retype(field.editor, "50")
        engine.fail_with = WaitAndRetry("The database is busy.")
        click(limits.button)
        await until(lambda: limits.now.text() == "The database is busy.")


async def test_the_network_is_checked_while_typing_and_used_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path)) as held:  # type: ignore[arg-type]
        network: NetworkForm = held.page.network
        kept: list[Connection] = []
        held.page.connection_chosen.connect(kept.append)
        retype(network.proxy.editor, "10.0.0.1:3128")
        await until(lambda: network.proxy.problem)
        assert "is no proxy. Write it as http://host:port" in network.proxy.problem
        assert kept == []
        retype(network.proxy.editor, "http://10.0.0.1:31")
        assert kept[-1] == Connection("http://10.0.0.1:31")
        assert network.words.text() == "Kept. The program uses it from its next start on."
        held.page.network.system.click()
        assert kept[-1] == Connection("http://10.0.0.1:31", True)
        network.system.click()
        retype(network.proxy.editor, "")
        assert kept[-1] == Connection()
        assert network.words.text().startswith("Connections begin with these settings")


async def test_the_program_keeps_the_connection_for_its_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.window.show_page("settings")
        page = held.window.page("settings")
        assert isinstance(page, SettingsPage)
        retype(page.network.proxy.editor, "http://10.0.0.1:3128")
        again = Preferences(tmp_path / FILE_NAME)
        assert again.connection == Connection("http://10.0.0.1:3128")


async def test_days_hold_from_the_button_on_and_forever_from_the_click_on(tmp_path: Path) -> None:
    held = Real(await Engine.open(tmp_path / "data", clock=StillClock()))
    try:
        page = held.page(page_of(tmp_path))  # type: ignore[arg-type]
        assert isinstance(page, SettingsPage)
        form, said = page.recordings, list[str]()
        page.said.connect(said.append)
        await until(lambda: form.words.text() == "Kept forever.", PATIENCE)
        press(form.way, "days")
        assert form.days.editor.hasFocus()
        retype(form.days.editor, "3")
        assert form.words.text() == "Kept forever until you set these days."
        await drawn()
        assert await held.engine.retention() is None  # half a number lets go of nothing
        retype(form.days.editor, "365")
        click(form.button)
        await until(lambda: said, PATIENCE)
        assert await held.engine.retention() == 365
        assert said == ["Ticks of sessions that ended over 365 days ago go within minutes."]
        assert form.words.text() == "Kept for 365 days."
        assert not form.button.isEnabled()
        retype(form.days.editor, "1")
        QTest.keyClick(form.days.editor, Qt.Key.Key_Return)
        await until(lambda: form.words.text() == "Kept for 1 day.", PATIENCE)
        assert await held.engine.retention() == 1
        press(form.way, "forever")
        await until(lambda: form.words.text() == "Kept forever.", PATIENCE)
        assert await held.engine.retention() is None
        assert not form.days.isEnabled()
    finally:
        await held.close()


async def test_days_that_hold_are_shown_and_others_are_checked(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.keep_days = 90
    async with paged(engine, page_of(tmp_path)) as held:  # type: ignore[arg-type]
        form: RecordingsForm = held.page.recordings
        await until(lambda: form.words.text() == "Kept for 90 days.")
        assert (form.way.value, form.days.text) == ("days", "90")
        for wrong in ("0", "1.5", "36501", ""):
            retype(form.days.editor, wrong)
            QTest.keyClick(form.days.editor, Qt.Key.Key_Return)
            assert form.days.problem
            assert not form.button.isEnabled()
            await drawn()
        assert engine.keep_days == 90
        retype(form.days.editor, "36500")
        click(form.button)
        await until(lambda: engine.keep_days == 36_500)


async def test_a_choice_that_cannot_be_stored_is_told_and_what_holds_stays(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    async with paged(engine, page_of(tmp_path)) as held:  # type: ignore[arg-type]
        form: RecordingsForm = held.page.recordings
        await until(lambda: form.way.isEnabled())
        press(form.way, "days")
        engine.fail_with = WaitAndRetry("The database is busy.")
        click(form.button)
        await until(lambda: form.words.text() == "The database is busy.")
        assert engine.keep_days is None
        click(form.button)  # the number still stands there, to be tried again
        await until(lambda: engine.keep_days == 30)
        await until(lambda: form.words.text() == "Kept for 30 days.")
        engine.fail_with = WaitAndRetry("The disk is full.")
        press(form.way, "forever")
        await until(lambda: form.words.text() == "The disk is full.")
        assert (form.way.value, form.days.text, engine.keep_days) == ("days", "30", 30)


async def test_nothing_can_be_chosen_before_it_is_known_what_holds(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.fail_with = WaitAndRetry("The database is busy.")
    async with paged(engine, page_of(tmp_path)) as held:  # type: ignore[arg-type]
        form: RecordingsForm = held.page.recordings
        await until(lambda: form.words.text() == "The database is busy.")
        assert not form.way.isEnabled()
        held.page.hide()
        held.page.show()
        await until(lambda: form.words.text() == "Kept forever.")
        assert form.way.isEnabled()


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path), size) as held:  # type: ignore[arg-type]
        await drawn()
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []
