"""Which columns a table shows, in which order and how wide: as a person chose, remembered over
restarts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from trader_gui.models.table_model import Column
from trader_gui.settings.preferences import Preferences

_MOST = 100_000


class ColumnChoice:
    """The keys of the columns that are shown, from the left; None while nobody has chosen. `widths`
    are pixels at 100 % text, by key, of the columns that a person made wider or narrower."""

    def __init__(
        self, name: str, columns: Sequence[Column[Any]], preferences: Preferences | None = None
    ) -> None:
        """`name` is the table's among the preferences."""
        self._name, self._preferences = name, preferences
        self._columns = tuple(columns)
        self.keys: tuple[str, ...] | None = self._remembered()
        self.widths: dict[str, int] = self._remembered_widths()

    @property
    def usual(self) -> tuple[str, ...]:
        return tuple(column.key for column in self._columns if not column.optional)

    @property
    def shown(self) -> tuple[str, ...]:
        return self.usual if self.keys is None else self.keys

    def choose(self, keys: Sequence[str] | None) -> None:
        """Show these, from the left; None is the usual ones again."""
        self.keys = None if keys is None else tuple(keys)
        if self._preferences is not None:
            numbers = [] if self.keys is None else [_number(key) for key in self.keys]
            self._preferences.set_layout(self._name, numbers)

    @property
    def is_usual(self) -> bool:
        return self.keys is None and not self.widths

    def widen(self, key: str, pixels: int | None) -> None:
        """Give a column this width; None is its usual one again."""
        self.widths.pop(key, None)
        if pixels is not None:
            self.widths[key] = pixels
        self._keep_widths()

    def forget_widths(self) -> None:
        self.widths.clear()
        self._keep_widths()

    def toggle(self, key: str) -> None:
        """Show a column that is not, or the other way round; it comes where it first stood."""
        shown = list(self.shown)
        if key in shown:
            shown.remove(key)
        else:
            order = [column.key for column in self._columns]
            before = [one for one in order[: order.index(key)] if one in shown]
            shown.insert(shown.index(before[-1]) + 1 if before else 0, key)
        self.choose(shown)

    def _keep_widths(self) -> None:
        if self._preferences is not None:
            pairs = [number for key in self.widths for number in (_number(key), self.widths[key])]
            self._preferences.set_layout(f"{self._name}_widths", pairs)

    def _remembered_widths(self) -> dict[str, int]:
        name = f"{self._name}_widths"
        kept = self._preferences.layout(name) if self._preferences is not None else []
        names = {_number(column.key): column.key for column in self._columns}
        pairs = zip(kept[::2], kept[1::2], strict=False)
        return {names[number]: pixels for number, pixels in pairs if number in names and pixels}

    def _remembered(self) -> tuple[str, ...] | None:
        kept = self._preferences.layout(self._name) if self._preferences is not None else []
        names = {_number(column.key): column.key for column in self._columns}
        found = tuple(names[number] for number in kept if number in names)
        return found or None


def _number(key: str) -> int:
    """A layout is a list of numbers; a column keeps its own when others come and go."""
    return crc32(key.encode()) % _MOST
