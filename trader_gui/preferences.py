"""What a person prefers of the window, in one TOML file of the data folder.

Comments and keys this program does not know are kept. A value that cannot be meant is named in
`problems` and replaced by its default; the file itself changes only when something is saved.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from engine.domain.connection import Connection
from engine.errors import InvalidSetting
from engine.messages.redaction import redacted

FILE_NAME: Final = "preferences.toml"
_HEADING: Final = "Preferences of the trader-gui window. Edit while the program is closed."


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


PAGES: Final = ("monitor", "sessions", "backtest", "bots", "settings")


class Preferences:
    """The file's values, readable as attributes; `save` writes what changed."""

    def __init__(self, path: Path) -> None:
        """Read `path`; a missing file means defaults, an unreadable one too (see `problems`)."""
        self.path = path
        self.problems: tuple[str, ...] = ()
        self._unreadable = False
        self._document = self._read()
        self._theme = self._read_theme()
        self._last_page = self._read_last_page()
        self._layout = self._read_layout()
        self._connection = self._read_connection()
        self._on_close = self._read_on_close()
        self._saved = self._values()

    @property
    def theme(self) -> ThemeChoice:
        return self._theme

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._theme = choice

    @property
    def last_page(self) -> str:
        return self._last_page

    @last_page.setter
    def last_page(self, name: str) -> None:
        if name not in PAGES:
            raise ValueError(f"{name!r} is not a page")
        self._last_page = name

    @property
    def connection(self) -> Connection:
        """How the network is reached."""
        return self._connection

    @connection.setter
    def connection(self, wanted: Connection) -> None:
        """InvalidSetting for what is no proxy."""
        wanted.check()
        self._connection = wanted

    @property
    def on_close(self) -> OnClose:
        return self._on_close

    @on_close.setter
    def on_close(self, choice: OnClose) -> None:
        self._on_close = choice

    def layout(self, name: str) -> list[int]:
        """Saved pixel sizes of the splitter or table `name`; empty when there are none."""
        return list(self._layout.get(name, []))

    def set_layout(self, name: str, sizes: list[int]) -> None:
        self._layout[name] = [int(size) for size in sizes]

    def save(self) -> None:
        """Write the file if anything changed since it was read; raises OSError if it cannot."""
        values = self._values()
        if values == self._saved:
            return
        document = self._document
        if not self.path.exists() and not len(document):
            document.add(tomlkit.comment(_HEADING))
        document["theme"] = self._theme.value
        document["last_page"] = self._last_page
        if self._on_close is not OnClose.ASK or "on_close" in document:
            document["on_close"] = self._on_close.value
        self._write_layout(document)
        self._write_connection(document)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._unreadable:
            self.path.replace(self.path.with_suffix(".toml.unreadable"))
            self._unreadable = False
        draft = self.path.with_suffix(".toml.new")
        draft.write_text(tomlkit.dumps(document), encoding="utf-8")
        os.replace(draft, self.path)
        self._saved = values

    def _write_layout(self, document: tomlkit.TOMLDocument) -> None:
        table = document.get("layout")
        if not isinstance(table, Table):
            if not self._layout:
                return
            table = tomlkit.table()
            document["layout"] = table
        for name in [key for key in table if key not in self._layout]:
            if _sizes(table[name]) is not None:
                del table[name]
        for name, sizes in self._layout.items():
            if name not in table or _sizes(table[name]) != sizes:
                table[name] = sizes

    def _write_connection(self, document: tomlkit.TOMLDocument) -> None:
        table = document.get("network")
        if not isinstance(table, Table):
            if self._connection == Connection():
                return
            table = tomlkit.table()
            document["network"] = table
        table["proxy"] = self._connection.proxy
        table["system_certificates"] = self._connection.system_certificates

    def _values(self) -> tuple[object, ...]:
        layout = tuple(sorted((name, tuple(sizes)) for name, sizes in self._layout.items()))
        return self._theme, self._last_page, layout, self._connection, self._on_close

    def _read(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            self._unreadable = True
            self._name(
                f"{self.path.name} cannot be read ({error}). Defaults are used; the file is kept "
                f"as {self.path.name}.unreadable once something is changed."
            )
            return tomlkit.document()

    def _name(self, problem: str) -> None:
        self.problems = (*self.problems, redacted(problem))

    def _read_theme(self) -> ThemeChoice:
        value = self._document.get("theme", ThemeChoice.DARK.value)
        try:
            return ThemeChoice(value)
        except ValueError:
            self._name(f"theme is {value!r}, not dark, light or system. Dark is used.")
            return ThemeChoice.DARK

    def _read_last_page(self) -> str:
        value = self._document.get("last_page", PAGES[0])
        if value in PAGES:
            return str(value)
        self._name(f"last_page is {value!r}, not one of {', '.join(PAGES)}. Monitor is used.")
        return PAGES[0]

    def _read_on_close(self) -> OnClose:
        value = self._document.get("on_close", OnClose.ASK.value)
        if value in set(OnClose):
            return OnClose(value)
        self._name(f"on_close is {value!r}, not one of {', '.join(OnClose)}. You are asked.")
        return OnClose.ASK

    def _read_layout(self) -> dict[str, list[int]]:
        table = self._document.get("layout", {})
        if not isinstance(table, dict):
            self._name(f"layout is {table!r}, not a table of sizes. Panels get their usual sizes.")
            return {}
        read: dict[str, list[int]] = {}
        for name, value in table.items():
            sizes = _sizes(value)
            if sizes is None:
                self._name(
                    f"layout.{name} is {value!r}, not a list of sizes. The usual size is used."
                )
            else:
                read[str(name)] = sizes
        return read

    def _read_connection(self) -> Connection:
        table = self._document.get("network", {})
        if not isinstance(table, dict):
            self._name(f"network is {table!r}, not a table. No proxy is used.")
            return Connection()
        proxy, trusted = table.get("proxy", ""), table.get("system_certificates", False)
        if not isinstance(trusted, bool):
            self._name(f"network.system_certificates is {trusted!r}, not true or false. It is off.")
            trusted = False
        try:
            read = Connection(str(proxy), trusted)
            read.check()
        except InvalidSetting as refused:
            self._name(f"network.proxy: {refused.words} No proxy is used.")
            return Connection("", trusted)
        return read


def _sizes(value: object) -> list[int] | None:
    """`value` as a list of pixel sizes, None if it is anything else."""
    if not isinstance(value, list):
        return None
    sizes = [item for item in value if isinstance(item, int) and not isinstance(item, bool)]
    if len(sizes) != len(value) or any(not 0 <= size <= 100_000 for size in sizes):
        return None
    return [int(size) for size in sizes]
