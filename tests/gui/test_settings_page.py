"""The Settings page: theme, data folder, versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import Paged, paged
from tests.gui.waiting import drawn
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.preferences import Preferences, ThemeChoice

pytestmark = pytest.mark.qt_loop


def page_of(folder: Path) -> object:
    preferences = Preferences(folder / "preferences.toml")
    preferences.theme = ThemeChoice.LIGHT
    return lambda bridge: SettingsPage(bridge, preferences)


async def test_the_theme_is_asked_for_by_name(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path)) as held:  # type: ignore[arg-type]
        settings: Paged[SettingsPage] = held
        asked: list[str] = []
        settings.page.look_chosen.connect(asked.append)
        assert settings.page.look.value == "light"
        settings.page.look.step(1)
        settings.page.look.step(1)
        assert asked == ["system", "dark"]


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


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    async with paged(FakeEngine(tmp_path), page_of(tmp_path), size) as held:  # type: ignore[arg-type]
        await drawn()
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []
