"""Makes the kernel's library for the packaged program, from the functions that numba compiles.

numba and LLVM are half of the folder's size, and only compile. What they come to is a few hundred
kilobytes of code: taken from numba for any processor of this kind, without the doors for Python,
written as position-independent code, and linked.

    python -m shipping.kernel FOLDER
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final

from engine.core.ahead_of_time import FILE

MODULES: Final = ("kernel", "portfolio", "sweep_play", "asking")
"""Modules of engine.core with entries."""


def make(folder: Path) -> Path:
    """Compile and link; returns the library in `folder`. For a process of its own: numba is told
    for which processor before it is imported, and takes nothing from the user's cache."""
    os.environ["NUMBA_CPU_NAME"] = "generic"
    with tempfile.TemporaryDirectory() as empty:
        os.environ["NUMBA_CACHE_DIR"] = empty
        for name in MODULES:
            import_module(f"engine.core.{name}")
        from engine.core.just_in_time import ENTRIES
        from engine.core.machine_code import machine_code

        compiled = [made for made, _ in ENTRIES]
        code, exported = machine_code(compiled, "generic", reloc="pic", codemodel="default")
        written = Path(empty) / "kernel.o"
        written.write_bytes(code)
        folder.mkdir(parents=True, exist_ok=True)
        library = folder / FILE
        subprocess.run(_link(written, library, exported), check=True)
    return library


def _link(compiled: Path, library: Path, exported: list[str]) -> list[str]:
    """The linker's command. What the code asks for (memset) is in the C library, which every
    process has."""
    if sys.platform == "linux":
        plain = ["--build-id=none", "-z", "noexecstack", "--strip-all"]
        return ["ld", "-shared", *plain, "-o", str(library), str(compiled)]
    if sys.platform == "darwin":
        late = "-Wl,-undefined,dynamic_lookup"
        return ["cc", "-dynamiclib", late, "-o", str(library), str(compiled)]
    linker = shutil.which("lld-link") or shutil.which("link") or "link"
    names = [f"/EXPORT:{name}" for name in exported]
    plain = ["/NOLOGO", "/DLL", "/NOENTRY", "/Brepro", "vcruntime.lib"]
    return [linker, *plain, *names, f"/OUT:{library}", str(compiled)]


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
