"""What numba compiled in this process as machine code that needs neither numba nor Python: the
entries, seen from outside by short names, with all of their parts inside of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import llvmlite.binding as llvm

from engine.core.signatures import symbol


def machine_code(
    compiled: Collection[Any], cpu: str, features: str = "", **model: str
) -> tuple[bytes, list[str]]:
    """An object file of `compiled` entries for a processor, and their names in it; `model` says how
    it is to be loaded, as LLVM names it. Only for what was compiled in this process: what comes out
    of numba's cache has no code to work on."""
    whole = llvm.parse_assembly("")
    exported: list[str] = []
    for made in compiled:
        (overload,) = made.overloads.values()
        one = llvm.parse_assembly(overload.library.get_llvm_str())
        name = symbol(made.py_func)
        _only(one, overload.fndesc.llvm_func_name, name)
        if not exported:
            whole.triple, whole.data_layout = one.triple, one.data_layout
        whole.link_in(one)
        exported.append(name)
    target = llvm.Target.from_triple(whole.triple)
    machine = target.create_target_machine(cpu=cpu, features=features, opt=3, **model)
    _without_the_unused(machine, whole)
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


def _without_the_unused(machine: Any, module: Any) -> None:
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))
