"""Settings as JSON text and back, exactly: a Decimal travels as its own text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from engine.errors import RecordDamaged
from engine.language import tr

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
            tr(
                "Stored settings cannot be read. They were left as they are. Restore a "
                "copy from the folder 'backups' of the data folder, or delete what they "
                "belong to."
            ),
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


def _read(kind: Any, plain: Any) -> Any:
    return _reader(kind)(plain)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What reads values of `kind`, made once: a start reads the settings of hundreds of bots."""
    origin = get_origin(kind)
    if origin is UnionType:
        return partial(_read_one_of, get_args(kind))
    if origin is tuple:
        item = _reader(get_args(kind)[0])
        return lambda plain: tuple(item(value) for value in _items(plain))
    if origin is not None:
        item = _reader(get_args(kind)[1])
        return lambda plain: MappingProxyType({key: item(of) for key, of in _pairs(plain)})
    if isinstance(kind, type) and is_dataclass(kind):
        parts = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
        return lambda plain: kind(**{name: parts[name](of) for name, of in _pairs(plain)})
    if kind is Decimal:
        return _decimal
    return kind if issubclass(kind, Enum) else partial(_plain_value, kind)


def _decimal(plain: Any) -> Decimal:
    if not isinstance(plain, str):
        raise TypeError(f"expected a number as text, found {plain!r}")
    return Decimal(plain)


def _plain_value(kind: type, plain: Any) -> Any:
    if kind is float and isinstance(plain, int):
        return float(plain)
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
