"""What a person prefers of the window: every setting of its file, declared in one place.

What the engine decides by (limits of the account, what becomes of bots at a start, how long ticks
are kept) lies in the database; the Settings page shows both.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

import tomlkit

from engine.domain.connection import Connection
from engine.language import tr
from trader_gui.forms.problem_words import refusal_of
from trader_gui.options import PREFERENCES
from trader_gui.settings.languages import LanguageChoice, NumberStyle
from trader_gui.settings.setting_kinds import Choice, DayTime, Flag, Name, Text
from trader_gui.settings.settings_file import SettingsFile, table_of

FILE_NAME: Final = PREFERENCES
PAGES: Final = ("monitor", "sessions", "backtest", "bots", "settings")


class ThemeChoice(StrEnum):
    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


class OnClose(StrEnum):
    """What closing the window means while bots run."""

    ASK = "ask"
    KEEP = "keep watching"
    """They trade on, the window hidden."""
    STOP = "stop"
    """The program ends; positions stay, bots can go on at the next start."""
    CLOSE = "close positions"
    """Their positions are closed, then the program ends."""


class Preferences(SettingsFile):
    """The file's values, readable as attributes; `save` writes what changed."""

    # What is said here of each goes into comments of the file, which are English.
    theme = Choice("theme", ThemeChoice.DARK, "How the window looks")
    language = Choice("language", LanguageChoice.SYSTEM, "The language of the window")
    numbers = Choice("numbers", NumberStyle.SYSTEM, "How thousands are grouped")
    last_page = Name("last_page", PAGES, "The page that was open last")
    on_close = Choice("on_close", OnClose.ASK, "What closing the window means while bots run")
    keep_awake = Flag("keep_awake", False, "Whether this computer stays awake while bots run")
    proxy = Text(
        "network.proxy",
        "",
        "Through which proxy the network is reached",
        "an address like http://host:port, or empty",
        tr("an address like http://host:port, or empty"),
        lambda text: not refusal_of(Connection(text).check),
    )
    system_certificates = Flag(
        "network.system_certificates", False, "Whether the system's certificates are trusted"
    )
    notify_filled = Flag("notices.order_filled", True, "Whether a filled order is told")
    notify_stopped = Flag("notices.stop_hit", True, "Whether a stop that was hit is told")
    notify_error = Flag("notices.bot_in_error", True, "Whether a bot in error is told")
    notify_stalled = Flag("notices.feed_stalled", True, "Whether prices that stay away are told")
    notify_in_front = Flag(
        "notices.also_in_front", False, "Whether the desktop tells while the window is in front"
    )
    quiet_hours = Flag("notices.quiet_hours", False, "Whether there are hours without notices")
    quiet_from = DayTime("notices.quiet_from", 22 * 60, "When quiet hours begin")
    quiet_to = DayTime("notices.quiet_to", 7 * 60, "When quiet hours end")
    quiet_lets_errors = Flag(
        "notices.errors_in_quiet_hours", True, "Whether errors are told in quiet hours"
    )

    def __init__(self, path: Path, *, usual_layout: bool = False) -> None:
        """With `usual_layout` the sizes and columns of the file are neither used nor changed."""
        super().__init__(path)
        self._layout = self._read_layout()
        self._saved_layout = {name: list(sizes) for name, sizes in self._layout.items()}
        self._keeps_layout = not usual_layout
        if usual_layout:
            self._layout = {}

    @property
    def connection(self) -> Connection:
        """How the network is reached."""
        return Connection(self.proxy, self.system_certificates)

    @connection.setter
    def connection(self, wanted: Connection) -> None:
        """InvalidSetting for what is no proxy."""
        wanted.check()
        self.proxy, self.system_certificates = wanted.proxy, wanted.system_certificates

    def layout(self, name: str) -> list[int]:
        """Saved pixel sizes of the splitter or table `name`; empty when there are none."""
        return list(self._layout.get(name, []))

    def set_layout(self, name: str, sizes: list[int]) -> None:
        self._layout[name] = [int(size) for size in sizes]

    def forget_layout(self) -> None:
        """Sizes and columns that were chosen are gone once this is saved."""
        self._layout, self._keeps_layout = {}, True

    @property
    def is_changed(self) -> bool:
        changed = self._keeps_layout and self._layout != self._saved_layout
        return changed or super().is_changed

    def save(self) -> None:
        super().save()
        if self._keeps_layout:
            self._saved_layout = {name: list(sizes) for name, sizes in self._layout.items()}

    def _fill(self, document: tomlkit.TOMLDocument) -> None:
        super()._fill(document)
        if not self._keeps_layout or self._layout == self._saved_layout:
            return
        table = table_of(document, "layout")
        for name in [key for key in table if key not in self._layout]:
            if _sizes(table[name]) is not None:
                del table[name]
        for name, sizes in self._layout.items():
            if name not in table or _sizes(table[name]) != sizes:
                table[name] = sizes

    def _read_layout(self) -> dict[str, list[int]]:
        table = self._document.get("layout", {})
        if not isinstance(table, dict):
            self._name(
                tr(
                    "layout is {value!r}, not a table of sizes. Panels get their usual sizes.",
                    value=table,
                )
            )
            return {}
        read: dict[str, list[int]] = {}
        for name, value in table.items():
            sizes = _sizes(value)
            if sizes is None:
                self._name(
                    tr(
                        "layout.{name} is {value!r}, not a list of sizes. The usual size is used.",
                        name=name,
                        value=value,
                    )
                )
            else:
                read[str(name)] = sizes
        return read


def _sizes(value: object) -> list[int] | None:
    """`value` as a list of pixel sizes, None if it is anything else."""
    if not isinstance(value, list):
        return None
    sizes = [item for item in value if isinstance(item, int) and not isinstance(item, bool)]
    if len(sizes) != len(value) or any(not 0 <= size <= 100_000 for size in sizes):
        return None
    return [int(size) for size in sizes]
