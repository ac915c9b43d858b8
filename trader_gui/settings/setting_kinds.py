"""What a setting can be: each kind knows what it accepts, and how it stands in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar, overload

from engine.language import tr

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_DAY_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class HoldsSettings(Protocol):
    """Whose attributes settings are."""

    values: dict[str, Any]


class Setting(Generic[T]):
    """One value of the settings file, declared as an attribute of who holds the file.

    `read` and `written` are the kind: what stands in the file and what the program means by it.
    """

    expected: str
    """What may stand there. Like `words` it goes into comments of the file, which are English."""
    told: str
    """The same as a person reads it, to follow "not"."""

    def __init__(self, key: str, default: T, words: str) -> None:
        """`key` is the name in the file, ``table.name`` inside of a table; `words` say in a
        sentence what it is for."""
        self.key, self.default, self.words = key, default, words

    def read(self, value: object) -> T:
        """What `value` of the file means; ValueError if it means nothing."""
        raise NotImplementedError

    def written(self, value: T) -> object:
        """As it stands in the file."""
        return value

    @overload
    def __get__(self, holder: None, kind: type) -> Setting[T]: ...
    @overload
    def __get__(self, holder: HoldsSettings, kind: type) -> T: ...
    def __get__(self, holder: HoldsSettings | None, kind: type) -> Setting[T] | T:
        if holder is None:
            return self
        value: T = holder.values[self.key]
        return value

    def __set__(self, holder: HoldsSettings, value: T) -> None:
        """ValueError for what could not be read again."""
        try:
            holder.values[self.key] = self.read(self.written(value))
        except ValueError:
            raise ValueError(f"{self.key} is {self.expected}, never {value!r}") from None


class Choice(Setting[E]):
    """One of a few words."""

    def __init__(self, key: str, default: E, words: str) -> None:
        super().__init__(key, default, words)
        values = [one.value for one in type(default)]
        self.expected, self.told = one_of(values), told_one_of(values)

    def read(self, value: object) -> E:
        if not isinstance(value, str):
            raise ValueError
        return type(self.default)(value)

    def written(self, value: E) -> object:
        return value.value


class Name(Setting[str]):
    """One of names that are no concern of anybody else."""

    def __init__(self, key: str, names: Sequence[str], words: str) -> None:
        """The first of `names` is the default."""
        super().__init__(key, names[0], words)
        self._names = tuple(names)
        self.expected, self.told = one_of(names), told_one_of(names)

    def read(self, value: object) -> str:
        if not isinstance(value, str) or value not in self._names:
            raise ValueError
        return value


class Flag(Setting[bool]):
    """On or off."""

    expected, told = "true or false", tr("true or false")

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError
        return bool(value)


class Text(Setting[str]):
    """A text; `accepts` says which."""

    def __init__(
        self,
        key: str,
        default: str,
        words: str,
        expected: str,
        told: str,
        accepts: Callable[[str], bool],
    ) -> None:
        super().__init__(key, default, words)
        self.expected, self.told, self._accepts = expected, told, accepts

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not self._accepts(value):
            raise ValueError
        return str(value)


class DayTime(Setting[int]):
    """A time of the day in the person's own zone: minutes since midnight, ``22:30`` in the file."""

    expected, told = "a time of the day like 22:30", tr("a time of the day like 22:30")

    def read(self, value: object) -> int:
        if not isinstance(value, str):
            raise ValueError
        return minute_of(value)

    def written(self, value: int) -> object:
        return day_time_text(value)


def minute_of(text: str) -> int:
    """Minutes since midnight of ``22:30``; ValueError for anything else."""
    found = _DAY_TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])


def day_time_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def one_of(words: Sequence[str]) -> str:
    """``dark, light or system``"""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def told_one_of(words: Sequence[str]) -> str:
    """The same in the person's language; `words` themselves are what stands in the file."""
    if len(words) == 1:
        return words[0]
    return tr("{others} or {last}", others=", ".join(words[:-1]), last=words[-1])


def declared(holder: type) -> Mapping[str, Setting[Any]]:
    """Every setting of a class by its key, in the order in which they are declared."""
    return {one.key: one for one in vars(holder).values() if isinstance(one, Setting)}
