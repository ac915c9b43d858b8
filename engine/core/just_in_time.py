"""The one place where numba is asked for: how every part of the kernel is compiled here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba

from engine.core.part_compiler import EntryCompiler, PartCompiler
from engine.core.signatures import Array, Signature

Function = TypeVar("Function", bound=Callable[..., Any])

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


_RETURNS: dict[type | None, Any] = {int: numba.int64, bool: numba.boolean, None: numba.void}

ENTRIES: Final[list[tuple[Any, Signature]]] = []
"""What was compiled in this process and can be called from Python, for who packages it."""


def part(function: Function) -> Function:
    """A function called by other compiled functions only."""
    return cast(Function, numba.njit(**_PART)(function))


def hot_part(function: Function) -> Function:
    """A part on the way of most rows that wake the kernel: it becomes a piece of its caller, as
    handing over the arguments takes longer than what it does. Costs time to compile."""
    return cast(Function, numba.njit(**_PART, forceinline=True)(function))


def entry(signature: Signature) -> Callable[[Function], Function]:
    """A function called from Python: compiled once for one signature, kept on disk, and free of
    the interpreter's lock while it runs. Arrays it only reads may be read-only."""
    takes = [_type(kind) for kind in signature.takes]

    def compile_now(function: Function) -> Function:
        made = numba.njit(_RETURNS[signature.returns](*takes), **_ENTRY)(function)
        ENTRIES.append((made, signature))
        return cast(Function, made)

    return compile_now


def machine_code_of(module: str, cpu: str, features: str) -> bytes:
    """An object file of that module's entries, for a processor, to be loaded by LLVM; b"" where
    they came from numba's cache: what they were made of is not at hand then."""
    from engine.core.machine_code import machine_code

    mine = [made for made, _ in ENTRIES if made.py_func.__module__ == module]
    if not all(made.stats.cache_misses for made in mine):
        return b""
    return machine_code(mine, cpu, features, reloc="default", codemodel="jitdefault")[0]


def _type(kind: Array | type[int]) -> Any:
    if not isinstance(kind, Array):
        return numba.int64
    item = getattr(numba, kind.kind)
    return numba.types.Array(item, kind.dimensions, "C", readonly=not kind.written)
