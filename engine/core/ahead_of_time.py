"""The kernel as a library, compiled when the program was packaged: no compiler is there then.

`shipping/kernel.py` makes it from the very functions that numba compiles. An array crosses as the
code of numba takes it apart: two pointers that nothing uses here, its count and item's size, its
address, its shape and strides; the first two arguments take what is returned and what is raised.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from engine.core.signatures import Array, Signature

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGED: Final = bool(getattr(sys, "frozen", False))
"""Whether this is the packaged program."""

FILE: Final = "libkernel" + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
"""Beside this module; not named as one."""

_FINE: Final = (0, -2)
"""How numba's code says that it did what it was asked for, the second without an answer."""
_TYPES: Final = {"int64": "<i8", "int32": "<i4", "float64": "<f8"}


def part(function: Function) -> Function:
    """A function called by other compiled functions only: it is in the library, inside of them."""
    return function


hot_part = part


def entry(signature: Signature) -> Callable[[Function], Function]:
    """A function called from Python: the library's. It lets go of the interpreter's lock."""

    def take(function: Function) -> Function:
        found = _library(sys.modules[__name__].__file__ or "")[symbol(function)]
        return native(found, signature)  # type: ignore[return-value]

    return take


def symbol(function: Callable[..., Any]) -> str:
    """Its name in the library."""
    return f"{function.__module__.rpartition('.')[2]}_{function.__name__}"


@cache
def _library(beside: str) -> ctypes.CDLL:
    return ctypes.CDLL(beside.replace("\\", "/").rpartition("/")[0] + "/" + FILE)


def native(found: Any, signature: Signature) -> Callable[..., Any]:
    """The library's function `found` as one that takes arrays and whole numbers.

    An array of another type or order, or one that may not be written where the kernel writes,
    is a TypeError, as with numba.
    """
    words = sum(_words(kind) for kind in signature.takes)
    found.restype = ctypes.c_int32
    found.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * words]

    def call(*given: Any) -> Any:
        answer, raised = ctypes.c_int64(), ctypes.c_void_p()
        apart = _apart(given, signature.takes)
        status = found(ctypes.addressof(answer), ctypes.addressof(raised), *apart)
        if status not in _FINE:
            raise RuntimeError(f"The kernel failed with status {status}.")
        return None if signature.returns is None else signature.returns(answer.value)

    return call


def _words(kind: Array | type[int]) -> int:
    return 5 + 2 * kind.dimensions if isinstance(kind, Array) else 1


def _apart(given: Sequence[Any], kinds: Sequence[Array | type[int]]) -> list[int]:
    words: list[int] = []
    for value, kind in zip(given, kinds, strict=True):
        if isinstance(kind, Array):
            words += _array_apart(value, kind)
        else:
            words.append(int(value))
    return words


def _array_apart(array: Any, kind: Array) -> tuple[int, ...]:
    seen = array.__array_interface__
    (address, read_only), shape = seen["data"], seen["shape"]
    fits = seen["typestr"] == _TYPES[kind.kind] and len(shape) == kind.dimensions
    if not fits or seen["strides"] is not None or (read_only and kind.written):
        raise TypeError(f"The kernel takes {kind}, not {array.dtype} {shape}.")
    size = array.itemsize
    if kind.dimensions == 1:
        return (0, 0, shape[0], size, address, shape[0], size)
    rows, columns = shape
    return (0, 0, rows * columns, size, address, rows, columns, columns * size, size)
