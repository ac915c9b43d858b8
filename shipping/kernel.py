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
from typing import Any, Final

from engine.core.ahead_of_time import FILE, symbol

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
        code, exported = _machine_code()
        compiled = Path(empty) / "kernel.o"
        compiled.write_bytes(code)
        folder.mkdir(parents=True, exist_ok=True)
        library = folder / FILE
        subprocess.run(_link(compiled, library, exported), check=True)
    return library


def _machine_code() -> tuple[bytes, list[str]]:
    """An object file of all entries, and their names in it."""
    import llvmlite.binding as llvm

    from engine.core.just_in_time import ENTRIES

    whole = llvm.parse_assembly("")
    exported: list[str] = []
    for made, _ in ENTRIES:
        (overload,) = made.overloads.values()
        one = llvm.parse_assembly(overload.library.get_llvm_str())
        name = symbol(made.py_func)
        _only(one, overload.fndesc.llvm_func_name, name)
        if not exported:
            whole.triple, whole.data_layout = one.triple, one.data_layout
        whole.link_in(one)
        exported.append(name)
    target = llvm.Target.from_triple(whole.triple)
    machine = target.create_target_machine(cpu="generic", opt=3, reloc="pic", codemodel="default")
    _without_the_unused(llvm, machine, whole)
    return machine.emit_object(whole), exported


def _only(module: Any, entry: str, name: str) -> None:
    """Of all that numba made nothing but the entry is seen from outside, by a short name."""
    for function in module.functions:
        if not function.is_declaration and function.name != entry:
            function.linkage = "internal"
    for variable in module.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"
    module.get_function(entry).name = name


def _without_the_unused(llvm: Any, machine: Any, module: Any) -> None:
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))


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
