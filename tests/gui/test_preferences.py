"""The preferences file: kept comments, named problems, atomic writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader_gui.preferences import Preferences, ThemeChoice


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "preferences.toml"


def test_a_missing_file_means_defaults_and_writes_nothing(path: Path) -> None:
    preferences = Preferences(path)
    assert (preferences.theme, preferences.last_page) == (ThemeChoice.DARK, "monitor")
    assert preferences.problems == ()
    preferences.save()
    assert not path.exists()


def test_what_is_saved_is_read_again(path: Path) -> None:
    preferences = Preferences(path)
    preferences.theme = ThemeChoice.LIGHT
    preferences.last_page = "sessions"
    preferences.set_layout("review", [700, 300])
    preferences.save()
    again = Preferences(path)
    assert again.theme is ThemeChoice.LIGHT
    assert again.last_page == "sessions"
    assert again.layout("review") == [700, 300]
    assert again.problems == ()


def test_comments_and_unknown_keys_are_kept(path: Path) -> None:
    path.write_text('# mine\ntheme = "light" # day\nfuture = 3\n[layout]\nodd = "x"\n', "utf-8")
    preferences = Preferences(path)
    preferences.theme = ThemeChoice.DARK
    preferences.save()
    text = path.read_text("utf-8")
    assert "# mine" in text
    assert "# day" in text
    assert "future = 3" in text
    assert 'odd = "x"' in text
    assert 'theme = "dark"' in text


def test_bad_values_are_named_and_defaulted(path: Path) -> None:
    path.write_text('theme = "pink"\nlast_page = 4\n[layout]\nbots = [1, true]\n', "utf-8")
    preferences = Preferences(path)
    assert preferences.theme is ThemeChoice.DARK
    assert preferences.last_page == "monitor"
    assert preferences.layout("bots") == []
    assert [problem.split(" ")[0] for problem in preferences.problems] == [
        "theme",
        "last_page",
        "layout.bots",
    ]


def test_a_file_that_is_no_toml_is_set_aside_not_destroyed(path: Path) -> None:
    path.write_text("theme = = dark", "utf-8")
    preferences = Preferences(path)
    assert "cannot be read" in preferences.problems[0]
    preferences.theme = ThemeChoice.LIGHT
    preferences.save()
    assert path.with_suffix(".toml.unreadable").read_text("utf-8") == "theme = = dark"
    assert Preferences(path).theme is ThemeChoice.LIGHT
