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
    linker = linker_of_windows() if sys.platform == "win32" else ""
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
        subprocess.run(_link(linker, written, library, exported), check=True)
    return library


def _link(linker: str, compiled: Path, library: Path, exported: list[str]) -> list[str]:
    """The linker's command, `linker` that of Windows. What the code asks for (memset) is in the C
    library, which every process has; on Windows the marks of floating point and of large stack
    frames (_fltused, __chkstk) come with the compiler's."""
    if sys.platform == "linux":
        plain = ["--build-id=none", "-z", "noexecstack", "--strip-all"]
        return ["ld", "-shared", *plain, "-o", str(library), str(compiled)]
    if sys.platform == "darwin":
        plain = ["-Wl,-undefined,dynamic_lookup", f"-Wl,-install_name,@rpath/{library.name}"]
        return ["cc", "-dynamiclib", *plain, "-o", str(library), str(compiled)]
    names = [f"/EXPORT:{name}" for name in exported]
    plain = ["/NOLOGO", "/DLL", "/NOENTRY", "/Brepro", "msvcrt.lib", "vcruntime.lib"]
    return [linker, *plain, *names, f"/OUT:{library}", str(compiled)]


def linker_of_windows() -> str:
    """LLVM's or Microsoft's. Git for Windows brings another program with the latter's name."""
    if found := shutil.which("lld-link"):
        return found
    found = shutil.which("link")
    if found and "Microsoft" in _said_by(found, "/?"):
        return found
    instead = f"{found} is another program of that name. " if found else ""
    raise SystemExit(
        "The kernel cannot be linked: neither lld-link nor Microsoft's link.exe is in PATH. "
        f"{instead}Call this from a command prompt of the Visual Studio Build Tools."
    )


def _said_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
