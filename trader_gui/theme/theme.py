"""The theme in force: tokens, sizes, fonts; painters listen to ``changed``."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from trader_gui.theme.fonts import Role, font
from trader_gui.theme.laid_out import LaidOut
from trader_gui.theme.tokens import DARK, LIGHT, Tokens, color, colors

_FOLDER = Path(__file__).resolve().parent
_PLACEHOLDER = re.compile(r"@([a-z0-9_]+)@")
_made: list[Theme] = []


class Appearance(StrEnum):
    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


class Theme(QObject):
    """Colours and sizes of the whole window. One per application: see ``theme()``."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._appearance = Appearance.DARK
        self._fonts: dict[Role, QFont] = {}
        self._texts: dict[Role, LaidOut] = {}
        self.tokens: Tokens = DARK
        self.scale = 1.0
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def appearance(self) -> Appearance:
        return self._appearance

    def apply(self, appearance: str = Appearance.DARK, scale: float = 1.0) -> None:
        """Dress the application; ``appearance`` is dark, light or system, ``scale`` 0.9 to 1.5.

        Raises:
            ValueError: no such appearance.
        """
        self._appearance = Appearance(appearance)
        self.scale = scale
        self._fonts.clear()
        self._texts.clear()
        self._undress()
        hints = self._app.styleHints()
        if self._appearance is Appearance.SYSTEM:
            hints.unsetColorScheme()
            light = hints.colorScheme() is Qt.ColorScheme.Light
        else:
            light = self._appearance is Appearance.LIGHT
            # Draws native title bars alike; it does nothing offscreen, hence our own palette.
            hints.setColorScheme(Qt.ColorScheme.Light if light else Qt.ColorScheme.Dark)
        self.tokens = LIGHT if light else DARK
        self._dress()

    def color(self, name: str) -> QColor:
        """A token by name: one colour for all who ask, which nobody may change."""
        return color(cast(str, getattr(self.tokens, name)))

    def see_through(self, name: str, alpha: float) -> QColor:
        """A token by name as a colour of its own; alpha 0 is nothing, 1 opaque."""
        clear = QColor(self.color(name))
        clear.setAlphaF(alpha)
        return clear

    def px(self, pixels: float) -> int:
        """A length given at 100 % text, in the text size in force."""
        return max(1, round(pixels * self.scale))

    def font(self, role: Role) -> QFont:
        if role not in self._fonts:
            self._fonts[role] = font(role, self.scale)
        return self._fonts[role]

    def texts(self, role: Role) -> LaidOut:
        """Of the role's font, for what is painted again and again."""
        if role not in self._texts:
            self._texts[role] = LaidOut(self.font(role))
        return self._texts[role]

    def row_height(self, pixels: float, role: Role = Role.BODY) -> int:
        """A height of ``pixels`` at 100 % that never cuts a line of text."""
        return max(self.px(pixels), QFontMetrics(self.font(role)).height() + self.px(4))

    def style_sheet(self) -> str:
        """The style sheet with every ``@token@`` and ``@px12@`` filled in.

        Raises:
            KeyError: the sheet names a token that does not exist.
        """
        template = (_FOLDER / "style.qss").read_text("utf-8")
        named = {**colors(self.tokens), "marks": (_FOLDER / "marks").as_posix()}

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            return f"{self.px(int(name[2:]))}px" if name.startswith("px") else named[name]

        return _PLACEHOLDER.sub(fill, template)

    def _undress(self) -> None:
        """Take the old sheet off first. Put in place of another, a sheet tells every widget of
        each change of all it stands in: with all pages open that took 3 s instead of 0.5."""
        self._app.setStyleSheet("")

    def _dress(self) -> None:
        if self._app.style().name() != "fusion":
            self._app.setStyle("Fusion")
        self._app.setPalette(palette(self.tokens))
        self._app.setFont(self.font(Role.BODY))
        self._app.setStyleSheet(self.style_sheet())
        self.changed.emit()

    def _system_changed(self) -> None:
        if self._appearance is not Appearance.SYSTEM:
            return
        light = self._app.styleHints().colorScheme() is Qt.ColorScheme.Light
        wanted = LIGHT if light else DARK
        if wanted is not self.tokens:
            self.tokens = wanted
            self._undress()
            self._dress()


def palette(tokens: Tokens) -> QPalette:
    """The tokens as Qt's own colours, for what no style sheet reaches."""
    role = QPalette.ColorRole
    shades = {
        role.Window: tokens.app,
        role.WindowText: tokens.text1,
        role.Base: tokens.panel,
        role.AlternateBase: tokens.raised,
        role.Text: tokens.text1,
        role.Button: tokens.control,
        role.ButtonText: tokens.text1,
        role.BrightText: tokens.text1,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text1,
        role.PlaceholderText: tokens.text3,
        role.Highlight: tokens.accent_fill,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.line2,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.app,
    }
    filled = QPalette()
    for name, value in shades.items():
        filled.setColor(name, color(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        filled.setColor(QPalette.ColorGroup.Disabled, name, color(tokens.disabled))
    return filled


def theme() -> Theme:
    """The application's one theme, made when first asked for.

    Raises:
        RuntimeError: there is no QApplication yet.
    """
    # Painters ask a hundred times per frame: looking it up each time took 3 % of a busy core.
    if _made and isValid(_made[0]):
        return _made[0]
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("A theme needs a QApplication.")
    _made[:] = [Theme(app)]
    return _made[0]
