"""Settings as JSON text and back, exactly: a Decimal travels as its own text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from engine.errors import RecordDamaged

T = TypeVar("T")


def to_text(value: object) -> str:
    """A frozen dataclass of plain values as compact JSON.

    In ASCII: the name of a file may be no valid text at all, and must come back as it was.
    """
    return json.dumps(_plain(value), separators=(",", ":"), allow_nan=False)


def from_text(kind: type[T], text: str) -> T:
    """The value of dataclass `kind` that `to_text` made `text` from; RecordDamaged if none.

    Fields that `text` does not know yet keep their defaults.
    """
    try:
        value = _read(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise RecordDamaged(
            "Stored settings cannot be read. They were left as they are. Restore a copy from "
            "the folder 'backups' of the data folder, or delete what they belong to.",
            details=f"{kind.__name__}: {error!r}: {text[:500]}",
        ) from error
    assert isinstance(value, kind)
    return value


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, plain: Any) -> Any:
    if get_origin(kind) is UnionType:
        return _read_one_of(get_args(kind), plain)
    if get_origin(kind) is tuple:
        item, _ = get_args(kind)
        return tuple(_read(item, value) for value in _items(plain))
    if get_origin(kind) is not None:
        _, item = get_args(kind)
        return MappingProxyType({key: _read(item, value) for key, value in _pairs(plain)})
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], value) for name, value in _pairs(plain)})
    if kind is float and isinstance(plain, int):
        return float(plain)
    if kind is Decimal or issubclass(kind, Enum):
        if kind is Decimal and not isinstance(plain, str):
            raise TypeError(f"expected a number as text, found {plain!r}")
        return kind(plain)
    if not isinstance(plain, kind):
        raise TypeError(f"expected {kind.__name__}, found {plain!r}")
    return plain


def _pairs(plain: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(plain, dict):
        raise TypeError(f"expected an object, found {plain!r}")
    return plain.items()


def _items(plain: Any) -> list[Any]:
    if not isinstance(plain, list):
        raise TypeError(f"expected a list, found {plain!r}")
    return plain


def _read_one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    """A value of a union: None, an int as a JSON number, a Decimal as JSON text."""
    if plain is None and NoneType in kinds:
        return None
    candidates = [kind for kind in kinds if kind is not NoneType]
    if len(candidates) > 1:
        wanted = Decimal if isinstance(plain, str) else int
        candidates = [kind for kind in candidates if kind is wanted]
    if not candidates:
        raise TypeError(f"no kind of {kinds} fits {plain!r}")
    return _read(candidates[0], plain)
