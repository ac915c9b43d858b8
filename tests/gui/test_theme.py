"""The tokens keep the contrast the design promises, and the theme dresses the application."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from trader_gui.theme.fonts import Role, font
from trader_gui.theme.theme import Theme, theme
from trader_gui.theme.tokens import DARK, LIGHT, Tokens, color, colors, over

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
GROUNDS = ("app", "panel", "raised", "hover", "sel")
TEXTS = (
    "text1",
    "text2",
    "text3",
    "accent",
    "up",
    "down",
    "warn",
    "live",
    "cyan",
    "violet",
    "blue",
)
PILLS = {
    "accent": "tint_accent",
    "up": "tint_up",
    "down": "tint_down",
    "warn": "tint_warn",
    "cyan": "tint_cyan",
    "violet": "tint_violet",
    "blue": "tint_blue",
    "text2": "tint_grey",
}
FILLED = {
    "on_accent": ("accent_fill", "accent_fill_hover"),
    "on_danger": ("danger_fill", "danger_fill_hover"),
    "on_live": ("live",),
    "on_tag": ("accent", "up", "down", "warn", "cyan", "violet", "blue"),
}


def luminance(tone: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (tone.redF(), tone.greenF(), tone.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.1 contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast(QColor("#000000"), QColor("#FFFFFF")) == pytest.approx(21)
    worst = {
        t.name: min(contrast(color(t.text3), color(getattr(t, g))) for g in GROUNDS)
        for t in (DARK, LIGHT)
    }
    assert worst == pytest.approx({"dark": 4.79, "light": 4.78}, abs=0.01)  # the design's figures


@THEMES
def test_segments_are_readable_chosen_or_not(tokens: Tokens) -> None:
    assert contrast(color(tokens.text2), color(tokens.track)) >= 4.5
    assert contrast(color(tokens.text1), color(tokens.track_on)) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable_on_every_ground(tokens: Tokens, text: str, ground: str) -> None:
    pair = color(getattr(tokens, text)), color(getattr(tokens, ground))
    assert contrast(*pair) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", ["panel", "hover", "sel"])
@pytest.mark.parametrize("text", PILLS)
def test_pill_text_is_readable_on_its_tint(tokens: Tokens, text: str, ground: str) -> None:
    shown = over(getattr(tokens, PILLS[text]), getattr(tokens, ground))
    assert contrast(color(getattr(tokens, text)), shown) >= 4.5


@THEMES
@pytest.mark.parametrize("text", FILLED)
def test_text_on_filled_grounds_is_readable(tokens: Tokens, text: str) -> None:
    for ground in FILLED[text]:
        assert contrast(color(getattr(tokens, text)), color(getattr(tokens, ground))) >= 4.5


@THEMES
def test_candles_glyphs_and_the_focus_mark_stand_out(tokens: Tokens) -> None:
    for name in ("candle_up", "candle_down", *tokens.series):
        tone = color(getattr(tokens, name, name))
        assert contrast(tone, color(tokens.chart)) >= 3.0, name
    for name in ("up", "warn", "down", "text3", "accent"):
        for ground in GROUNDS:
            assert contrast(color(getattr(tokens, name)), color(getattr(tokens, ground))) >= 3.0


def test_no_colour_is_written_outside_the_tokens() -> None:
    written = re.compile(r"#[0-9A-Fa-f]{6}\b|(?<![.\w])rgba?\(")
    package = files("trader_gui")
    guilty = []
    folders = [package]
    while folders:
        for entry in folders.pop().iterdir():
            if entry.is_dir():
                folders.append(entry)
            elif (
                entry.name.endswith((".py", ".qss"))
                and entry.name != "tokens.py"
                and written.search(entry.read_text("utf-8"))
            ):
                guilty.append(entry.name)
    assert guilty == []


@THEMES
def test_every_placeholder_of_the_sheet_is_filled(qapp: QApplication, tokens: Tokens) -> None:
    theme().apply(tokens.name)
    sheet = theme().style_sheet()
    assert "@" not in sheet
    assert colors(tokens)["panel"] in sheet
    theme().apply("dark")


def test_the_theme_is_one_and_says_when_it_changes(qapp: QApplication) -> None:
    assert theme() is theme()
    told: list[str] = []
    theme().changed.connect(lambda: told.append(theme().tokens.name))
    theme().apply("light", 1.3)
    assert told == ["light"]
    assert qapp.palette().window().color() == color(LIGHT.app)
    assert theme().px(10) == 13
    assert qapp.font().pixelSize() == 16
    theme().changed.disconnect()
    theme().apply("dark")
    assert isinstance(theme(), Theme)
    assert theme().color("panel") == color(DARK.panel)


def test_another_look_is_told_to_every_widget_a_few_times_however_deep_it_stands(
    qapp: QApplication,
) -> None:
    class Told(QWidget):
        times = 0

        def changeEvent(self, event: QEvent) -> None:
            self.times += event.type() == QEvent.Type.PaletteChange
            super().changeEvent(event)

    theme().apply("dark")
    top = QWidget()
    nested: list[QWidget] = [top]
    for _ in range(40):
        nested.append(QLabel(parent=nested[-1]))
    deepest = Told(nested[-1])
    top.show()
    deepest.times = 0
    theme().apply("light")
    top.close()
    theme().apply("dark")
    assert 1 <= deepest.times < 10


@pytest.mark.parametrize("role", Role)
def test_figures_are_tabular_in_every_role(qapp: QApplication, role: Role) -> None:
    face = font(role)
    assert face.featureValue(QFont.Tag("tnum")) == 1
    assert face.pixelSize() >= 10
