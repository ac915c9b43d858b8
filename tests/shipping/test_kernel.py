"""Who links the kernel, and that nobody compiles it for a build that has failed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from shipping import freeze, kernel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs here are shell scripts")


def put(folder: Path, name: str, words: str) -> str:
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "{words}"\n')
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that is in PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_linker_of_llvm_comes_first(programs: Path) -> None:
    microsofts = put(programs, "link", "Microsoft (R) Incremental Linker")
    assert kernel.linker_of_windows() == microsofts
    llvms = put(programs, "lld-link", "LLD")
    assert kernel.linker_of_windows() == llvms


def test_another_program_called_link_is_refused(programs: Path) -> None:
    with pytest.raises(SystemExit, match=r"neither lld-link nor .* in PATH\. Call this"):
        kernel.linker_of_windows()
    gits = put(programs, "link", "link: missing operand")
    with pytest.raises(SystemExit, match=f"{gits} is another program"):
        kernel.linker_of_windows()


def test_what_runs_beside_ends_with_a_build_that_fails() -> None:
    waiting = [sys.executable, "-c", "import time; time.sleep(50)"]
    with pytest.raises(ChildProcessError), freeze.beside(waiting, os.environ) as process:
        raise ChildProcessError("freezing failed")
    assert process.returncode not in (None, 0)


def test_what_ran_beside_to_its_end_says_how_it_ended() -> None:
    with freeze.beside([sys.executable, "-c", "raise SystemExit(3)"], os.environ) as process:
        assert process.wait() == 3
    assert process.returncode == 3
