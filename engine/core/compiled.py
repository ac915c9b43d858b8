"""The one place where numba is asked for: how every part of the kernel is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from engine.core.part_compiler import EntryCompiler, PartCompiler

Function = TypeVar("Function", bound=Callable[..., Any])

_READ_INT64_2D = numba.types.Array(numba.int64, 2, "C", readonly=True)
_READ_INT64 = numba.types.Array(numba.int64, 1, "C", readonly=True)
_READ_INT32 = numba.types.Array(numba.int32, 1, "C", readonly=True)
_INT64 = numba.int64[::1]
_EVENTS = numba.int64[:, ::1]

ADVANCE = numba.int64(_INT64, _READ_INT64, _READ_INT64_2D, _READ_INT32, _EVENTS)
BEGIN = numba.int64(_INT64, _READ_INT64, numba.int64, _EVENTS)
FINISH = numba.int64(_INT64, _READ_INT64, _EVENTS, numba.int64)
_INT = numba.int64
ASK_AT_CLOSE = numba.void(_INT64, _READ_INT64, _READ_INT64_2D, _INT, _INT, _INT, _EVENTS)
ASK_AT_PRICE = numba.int64(_INT64, _READ_INT64, _READ_INT64_2D, _INT, _EVENTS, _EVENTS)
PORTFOLIO_PLAY = numba.boolean(
    _INT64,
    _EVENTS,
    _EVENTS,
    _READ_INT64_2D,
    _READ_INT64_2D,
    _READ_INT32,
    _EVENTS,
    _INT64,
    _EVENTS,
)
SWEEP_PLAY = numba.int64(
    _EVENTS,
    _READ_INT64_2D,
    _EVENTS,
    _READ_INT64_2D,
    _READ_INT64_2D,
    _READ_INT64,
    _READ_INT32,
    _READ_INT64,
    _READ_INT64_2D,
    _READ_INT64,
    _READ_INT64,
    _EVENTS,
    numba.float64[::1],
    _EVENTS,
)


_ALWAYS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    # Nothing is allocated in here. Counting references to the arrays, in every function and
    # with locked instructions, took half the time of running and a third of compiling.
    "_nrt": False,
}
_PART: dict[str, Any] = _ALWAYS | {
    # Compiled code calls parts directly; doors for Python would only cost compile time.
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": PartCompiler,
}
_ENTRY: dict[str, Any] = _ALWAYS | {"cache": True, "pipeline_class": EntryCompiler}


def part(function: Function) -> Function:
    """A function called by other compiled functions only."""
    return cast(Function, numba.njit(**_PART)(function))


def hot_part(function: Function) -> Function:
    """A part on the way of most rows that wake the kernel: it becomes a piece of its caller, as
    handing over the arguments takes longer than what it does. Costs time to compile."""
    return cast(Function, numba.njit(**_PART, forceinline=True)(function))


def entry(signature: Any) -> Callable[[Function], Function]:
    """A function called from Python: compiled once for one signature, kept on disk, and free of
    the interpreter's lock while it runs. Arrays it only reads may be read-only."""

    def compile_now(function: Function) -> Function:
        return cast(Function, numba.njit(signature, **_ENTRY)(function))

    return compile_now
