"""A part of the kernel is compiled as far as the entry that calls it needs, and no further.

numba optimizes each function together with all it calls and makes machine code of that, for every
function anew. Parts are called by compiled code only: they are handed on as they are, and the entry
is optimized once, with everything in it. That takes a third off the time to compile. In there the
parts belong to their entry alone: an array is handed over as nine numbers, and a part that nobody
else can call is handed only those it reads. A sweep with many trades runs a third faster by that.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.typed_passes import NopythonTypeInference


class _NoMachineCode:
    """Stands for the code generator where numba would write into compiled code."""

    def set_env(self, name: str, environment: Any) -> None:
        """Only Python objects in compiled code need it; the kernel has none."""


class _PartLibrary(JITCodeLibrary):
    """Code to be linked into another function's, neither optimized nor loaded by itself."""

    @property
    def codegen(self) -> _NoMachineCode:
        return _NoMachineCode()

    def get_pointer_to_function(self, name: str) -> int:
        return 0

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._finalized = True


class _EntryLibrary(JITCodeLibrary):
    """Code in which all parts are the entry's own: nobody else calls them there, so what they are
    handed and do not need is not handed over."""

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage.name == "linkonce_odr":
                function.linkage = "internal"
        super()._optimize_final_module()  # type: ignore[no-untyped-call]


class _ChooseLibrary(FunctionPass):
    library: type[JITCodeLibrary]

    def __init__(self) -> None:
        FunctionPass.__init__(self)  # type: ignore[no-untyped-call]

    def run_pass(self, state: Any) -> bool:
        name = state.func_id.func_qualname
        codegen = state.targetctx.codegen()
        state.library = self.library(codegen, name)
        state.library.enable_object_caching()
        return True


@register_pass(mutates_CFG=False, analysis_only=True)  # type: ignore[no-untyped-call]
class _ChoosePart(_ChooseLibrary):
    _name = "choose_part_library"
    library = _PartLibrary


@register_pass(mutates_CFG=False, analysis_only=True)  # type: ignore[no-untyped-call]
class _ChooseEntry(_ChooseLibrary):
    _name = "choose_entry_library"
    library = _EntryLibrary


class _OtherLibrary(CompilerBase):
    """The usual pipeline with another library."""

    choice: type[_ChooseLibrary]

    def define_pipelines(self) -> list[Any]:
        usual = DefaultPassBuilder.define_nopython_pipeline
        pipeline = usual(self.state)  # type: ignore[no-untyped-call]
        pipeline.add_pass_after(self.choice, NopythonTypeInference)
        pipeline.finalize()
        return [pipeline]


class PartCompiler(_OtherLibrary):
    choice = _ChoosePart


class EntryCompiler(_OtherLibrary):
    choice = _ChooseEntry
