"""The kernel as machine code that was compiled before, and no compiler: the library of the packaged
program, or what was kept when numba compiled it here (`engine.runtime.kept_kernel`).

Both are made from the very functions that numba compiles (`machine_code.py`). An array crosses as
the code of numba takes it apart: two pointers that nothing uses here, its count and item's size,
its address, its shape and strides; the first two arguments take what is returned and what is
raised.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from engine.core.signatures import Array, Signature, symbol

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGED: Final = bool(getattr(sys, "frozen", False))
"""Whether this is the packaged program."""

FILE: Final = "libkernel" + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
"""Beside this module; not named as one."""

_kept: Callable[[str], int] | None = None


def use(addresses: Callable[[str], int]) -> None:
    """Take entries from where `addresses` says that they lie, by their names. Before the kernel is
    imported, and for a process that calls it seldom: crossing takes 20 microseconds longer than
    into numba's."""
    global _kept
    _kept = addresses


def in_use() -> bool:
    """Whether the kernel comes from code that was compiled before."""
    return PACKAGED or _kept is not None


_FINE: Final = (0, -2)
"""How numba's code says that it did what it was asked for, the second without an answer."""
_TYPES: Final = {"int64": "<i8", "int32": "<i4", "float64": "<f8"}


def part(function: Function) -> Function:
    """A function called by other compiled functions only: it is in the library, inside of them."""
    return function


hot_part = part


def entry(signature: Signature) -> Callable[[Function], Function]:
    """A function called from Python. It lets go of the interpreter's lock."""

    def take(function: Function) -> Function:
        return native(_found(symbol(function)), signature)  # type: ignore[return-value]

    return take


def _found(name: str) -> Any:
    if _kept is not None:
        return ctypes.CFUNCTYPE(ctypes.c_int32)(_kept(name))
    return _library(sys.modules[__name__].__file__ or "")[name]


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
