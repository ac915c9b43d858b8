"""The preferences file: kept comments, named problems, atomic writing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.domain.connection import Connection
from engine.errors import InvalidSetting
from trader_gui.settings.languages import LanguageChoice, NumberStyle
from trader_gui.settings.preferences import OnClose, Preferences, ThemeChoice
from trader_gui.settings.setting_kinds import Flag, declared


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


def test_a_second_broken_file_does_not_take_the_place_of_the_first(path: Path) -> None:
    for text in ("theme = = dark", "theme = = light"):
        path.write_text(text, "utf-8")
        preferences = Preferences(path)
        preferences.keep_awake = True
        preferences.save()
    aside = [path.with_name(f"preferences.toml.unreadable{end}") for end in ("", "1")]
    assert [one.read_text("utf-8") for one in aside] == ["theme = = dark", "theme = = light"]


def test_what_was_not_changed_stays_as_it_is_even_what_cannot_be_meant(path: Path) -> None:
    path.write_text('theme = "pink" # mine\n[notices]\nquiet_from = "25:00"\n', "utf-8")
    preferences = Preferences(path)
    assert list(preferences.problems) == [
        "theme is 'pink', not dark, light or system. Dark is used.",
        "notices.quiet_from is '25:00', not a time of the day like 22:30. 22:00 is used.",
    ]
    assert preferences.problem_words == (
        "theme is 'pink', not dark, light or system. Dark is used. 1 more is named on the "
        "Settings page."
    )
    preferences.last_page = "bots"
    preferences.save()
    text = path.read_text("utf-8")
    assert 'theme = "pink" # mine' in text
    assert 'quiet_from = "25:00"' in text
    assert 'last_page = "bots" # The page that was open last: monitor, sessions' in text


def test_every_setting_goes_into_the_file_and_comes_back(path: Path) -> None:
    preferences = Preferences(path)
    other: dict[str, object] = {
        key: not setting.default
        for key, setting in declared(Preferences).items()
        if isinstance(setting, Flag)
    }
    other |= {
        "theme": ThemeChoice.SYSTEM,
        "language": LanguageChoice.GERMAN,
        "numbers": NumberStyle.COMMA,
        "last_page": "bots",
        "on_close": OnClose.KEEP,
        "network.proxy": "http://10.0.0.1:3128",
        "notices.quiet_from": 5,
        "notices.quiet_to": 23 * 60 + 59,
    }
    assert set(other) == set(declared(Preferences))
    preferences.values.update(other)
    preferences.save()
    again = Preferences(path)
    assert again.values == other
    assert again.problems == ()
    assert 'quiet_from = "00:05"' in path.read_text("utf-8")


def test_a_setting_takes_nothing_that_could_not_be_read_again(path: Path) -> None:
    preferences = Preferences(path)
    with pytest.raises(ValueError, match="quiet_from is a time of the day"):
        preferences.quiet_from = 24 * 60
    with pytest.raises(ValueError, match="last_page is monitor, sessions"):
        preferences.last_page = "nowhere"
    assert not preferences.is_changed


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
        ('[network]\nproxy = "ftp://x"\n', "network.proxy is 'ftp://x', not an", Connection()),
        ("[network]\nsystem_certificates = 1\n", "network.system_certificates", Connection()),
        (
            "[network]\nproxy = 7\nsystem_certificates = true\n",
            "network.proxy is 7, not an",
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


@pytest.mark.parametrize(
    "text",
    [
        "notices = {order_filled = false} # mine\n",
        '[network]\nproxy = "http://a:1"\n[notices]\nstop_hit = false\n[network.mine]\nodd = 3\n',
        'layout = {review = [1, 2], odd = "x"}\n',
        'network.proxy = "http://10.0.0.1:3128"\n',
    ],
)
def test_a_table_is_filled_however_it_is_written(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    preferences, before = Preferences(path), tomllib.loads(text)
    preferences.quiet_hours = preferences.system_certificates = True
    preferences.set_layout("bots", [3, 4])
    preferences.save()
    after = tomllib.loads(path.read_text("utf-8"))
    for table, added in (
        ("notices", {"quiet_hours": True}),
        ("network", {"system_certificates": True}),
        ("layout", {"bots": [3, 4]}),
    ):
        assert after[table] == {**before.get(table, {}), **added}
    again = Preferences(path)
    again.forget_layout()
    again.save()
    kept = tomllib.loads(path.read_text("utf-8"))["layout"]
    assert kept == {name: odd for name, odd in after["layout"].items() if odd == "x"}
