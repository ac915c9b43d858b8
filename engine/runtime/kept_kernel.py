"""The kernel's machine code as a file beside numba's cache, for a process that tests a year and
ends: LLVM alone loads it in a tenth of the time that numba takes to be imported.

Layout: crc32 of the rest (4 bytes, little-endian), the processor it is for in a line, the object
file.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

FILE: Final = "kernel.code"
_CRC: Final = 4

_loaded: list[Any] = []
"""What must live as long as its code is called."""


def keep(folder: Path, module: str) -> None:
    """Write the code of a module's entries, if numba compiled them in this process. OSError if that
    is not possible."""
    from engine.core.just_in_time import machine_code_of

    code = machine_code_of(module, *_processor())
    if not code:
        return
    content = _named() + code
    draft = folder / f"{FILE}.{os.getpid()}"
    try:
        draft.write_bytes(zlib.crc32(content).to_bytes(_CRC, "little") + content)
        draft.replace(folder / FILE)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def load(folder: Path) -> Callable[[str], int] | None:
    """Addresses of the entries by their names; None where nothing whole was kept for this
    processor."""
    try:
        content, named = (folder / FILE).read_bytes(), _named()
    except (OSError, RuntimeError):  # RuntimeError: LLVM does not know the processor's features
        return None
    kept = content[_CRC:]
    whole = zlib.crc32(kept).to_bytes(_CRC, "little") == content[:_CRC]
    return _addresses(kept[len(named) :]) if whole and kept.startswith(named) else None


def _processor() -> tuple[str, str]:
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _named() -> bytes:
    return " ".join(_processor()).encode() + b"\n"


def _addresses(code: bytes) -> Callable[[str], int]:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _loaded.append(engine)

    def address(name: str) -> int:
        return int(engine.get_function_address(name))

    return address
