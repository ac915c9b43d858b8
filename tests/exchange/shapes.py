"""The form of a JSON message: its keys and types, without its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Shape = Any
"""A name of a JSON type, a dict of shapes, or a list with the shape of its items."""


def shape(payload: Any) -> Shape:
    if isinstance(payload, dict):
        if payload and all("-" in key for key in payload):  # Kraken's ids
            return {"*": _row(list(payload.values()))[0]}
        return {key: shape(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return _row(payload)
    if isinstance(payload, bool):
        return "bool"
    if isinstance(payload, int | float):
        return "number"
    return "null" if payload is None else "text"


def _row(items: list[Any]) -> Shape:
    """Items that are alike have one shape; a row of different things has one for each column."""
    shapes = [shape(item) for item in items]
    if all(one == shapes[0] for one in shapes):
        return shapes[:1]
    if all(isinstance(one, dict) for one in shapes):
        return [{key: value for one in shapes for key, value in one.items()}]
    return tuple(shapes)


def differences(real: Shape, ours: Shape, where: str = "") -> Iterator[str]:
    """``fills[].price: text, here number``; ``null`` fits everything, and so does an empty list."""
    if real == ours or "null" in (real, ours) or [] in (real, ours):
        return
    if isinstance(real, Mapping) and isinstance(ours, Mapping):
        for key in real:
            if key in ours:
                yield from differences(real[key], ours[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}: missing"
        yield from (f"{where}.{key}: surplus" for key in ours if key not in real)
    elif isinstance(real, list) and isinstance(ours, list):
        yield from differences(real[0], ours[0], f"{where}[]")
    elif isinstance(real, tuple) and isinstance(ours, tuple) and len(real) == len(ours):
        for column, (one, other) in enumerate(zip(real, ours, strict=True)):
            yield from differences(one, other, f"{where}[{column}]")
    else:
        yield f"{where}: {_brief(real)}, here {_brief(ours)}"


def _brief(form: Shape) -> str:
    return form if isinstance(form, str) else type(form).__name__
