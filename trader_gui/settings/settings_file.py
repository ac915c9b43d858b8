"""A file of settings in TOML: comments and keys this program does not know are kept, values that
cannot be meant are named, a file that cannot be parsed is set aside. Nothing is ever lost."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from itertools import count
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from engine.language import tr, trn
from engine.messages.redaction import redacted
from trader_gui.settings.setting_kinds import Setting, declared

_HEADING: Final = "Preferences of the trader-gui window. Edit while the program is closed."


class SettingsFile:
    """The settings declared as attributes of a class that stands on this one; `save` writes what
    was changed, and leaves alone what was not."""

    def __init__(self, path: Path) -> None:
        """Read `path`; a missing file means defaults, an unreadable one too (see `problems`)."""
        self.path = path
        self.problems: tuple[str, ...] = ()
        """A sentence for each value that cannot be meant: which, what it was, what is used."""
        self._unreadable = False
        self._document = self._parse()
        self._declared = declared(type(self))
        self.values: dict[str, Any] = {
            key: self._read(setting) for key, setting in self._declared.items()
        }
        self._saved = dict(self.values)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return self.values != self._saved

    @property
    def problem_words(self) -> str:
        """All that cannot be meant, for a note: the first in full; "" where there is nothing."""
        if not self.problems:
            return ""
        first, others = self.problems[0], len(self.problems) - 1
        if not others:
            return first
        more = trn(
            "{count:,} more is named on the Settings page.",
            "{count:,} more are named on the Settings page.",
            others,
        )
        return f"{first} {more}"

    def save(self) -> None:
        """Write the file if anything changed since it was read; raises OSError if it cannot."""
        if not self.is_changed:
            return
        document = self._document
        if not self.path.exists() and not len(document):
            document.add(tomlkit.comment(_HEADING))
        self._fill(document)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._unreadable:
            self.path.replace(self._place_aside())
            self._unreadable = False
        draft = self.path.with_suffix(".toml.new")
        draft.write_text(tomlkit.dumps(document), encoding="utf-8")
        os.replace(draft, self.path)
        self._saved = dict(self.values)

    def _fill(self, document: tomlkit.TOMLDocument) -> None:
        """Put what changed into the document."""
        for key, setting in self._declared.items():
            value = self.values[key]
            if value == self._saved[key]:
                continue
            holder, name = self._place_of(document, key)
            if name in holder:
                holder[name] = setting.written(value)
                continue
            item = tomlkit.item(setting.written(value))
            if not isinstance(holder, InlineTable):  # a comment would end its line
                item.comment(f"{setting.words.rstrip('.')}: {setting.expected}")
            holder[name] = item

    @staticmethod
    def _place_of(document: tomlkit.TOMLDocument, key: str) -> tuple[MutableMapping[str, Any], str]:
        """The table of a key, made when it is not there, and its name in it."""
        table, _, name = key.rpartition(".")
        return (table_of(document, table) if table else document), name

    def _place_aside(self) -> Path:
        """A name that no file has: one that was set aside before is not written over."""
        names = (f"{self.path.name}.unreadable{number or ''}" for number in count())
        return next(place for name in names if not (place := self.path.with_name(name)).exists())

    def _parse(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            self._unreadable = True
            self._name(
                tr(
                    "{file} cannot be read ({error}). Defaults are used; the file stays "
                    "as it is, and is kept as {kept} once a setting is changed.",
                    file=self.path.name,
                    error=error,
                    kept=self._place_aside().name,
                )
            )
            return tomlkit.document()

    def _read(self, setting: Setting[Any]) -> Any:
        table, _, name = setting.key.rpartition(".")
        holder = self._document.get(table, {}) if table else self._document
        if not isinstance(holder, dict):
            words = tr(
                "{table} is {value!r}, not a table. Its settings are the usual ones.",
                table=table,
                value=holder,
            )
            if redacted(words) not in self.problems:
                self._name(words)
            return setting.default
        if name not in holder:
            return setting.default
        try:
            return setting.read(holder[name])
        except ValueError:
            self._name(_problem(setting, holder[name]))
            return setting.default

    def _name(self, problem: str) -> None:
        self.problems = (*self.problems, redacted(problem))


def table_of(document: tomlkit.TOMLDocument, name: str) -> MutableMapping[str, Any]:
    """The table of that name in any of the ways TOML writes one: under a heading, in one line, or
    in parts with others between them. A value that is no table makes room for one."""
    if not isinstance(document.get(name), MutableMapping):
        document[name] = tomlkit.table()
    table = document[name]
    assert isinstance(table, MutableMapping)
    return table


def _problem(setting: Setting[Any], value: object) -> str:
    """That `value` cannot be meant, and what is used instead."""
    used = setting.written(setting.default)
    if used == "":
        return tr(
            "{key} is {value!r}, not {expected}. None is used.",
            key=setting.key,
            value=value,
            expected=setting.told,
        )
    shown = str(used).lower() if isinstance(used, bool) else str(used)
    return tr(
        "{key} is {value!r}, not {expected}. {used} is used.",
        key=setting.key,
        value=value,
        expected=setting.told,
        used=shown[:1].upper() + shown[1:],
    )
