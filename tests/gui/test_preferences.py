"""The preferences file: kept comments, named problems, atomic writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.domain.connection import Connection
from engine.errors import InvalidSetting
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


def test_how_the_network_is_reached_is_kept_beside_what_stands_there(path: Path) -> None:
    path.write_text("[network] # mine\nodd = 3\n", "utf-8")
    preferences = Preferences(path)
    assert preferences.connection == Connection()
    wanted = Connection("http://10.0.0.1:3128", True)
    preferences.connection = wanted
    preferences.save()
    assert Preferences(path).connection == wanted
    assert "odd = 3" in path.read_text("utf-8")
    with pytest.raises(InvalidSetting, match="is no proxy"):
        preferences.connection = Connection("10.0.0.1")
    assert preferences.connection == wanted


@pytest.mark.parametrize(
    ("text", "named", "read"),
    [
        ("network = 3\n", "network is 3", Connection()),
        ('[network]\nproxy = "ftp://x"\n', "network.proxy: 'ftp://x'", Connection()),
        ("[network]\nsystem_certificates = 1\n", "network.system_certificates", Connection()),
        (
            "[network]\nproxy = 7\nsystem_certificates = true\n",
            "network.proxy: '7'",
            Connection("", True),
        ),
    ],
)
def test_a_network_that_cannot_be_meant_is_named(
    path: Path, text: str, named: str, read: Connection
) -> None:
    path.write_text(text, "utf-8")
    preferences = Preferences(path)
    assert preferences.connection == read
    assert preferences.problems[0].startswith(named)
