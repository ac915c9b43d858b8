"""Compiling the kernel is known beforehand, said in words, and remembered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine.runtime import kernel_warmth
from engine.runtime.kernel_warmth import is_warm, load_kernel, waiting_words


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in a process that has neither imported nor compiled the kernel."""
    cache = tmp_path / "kernel" / "abc"
    cache.mkdir(parents=True)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))
    monkeypatch.delitem(sys.modules, "engine.core.kernel", raising=False)
    return cache


def test_a_kernel_that_is_there_needs_no_words() -> None:
    load_kernel()
    assert is_warm()
    assert waiting_words() == ""
    load_kernel(lambda words: pytest.fail(words))


def test_words_say_how_long_it_will_take(cold: Path) -> None:
    assert not is_warm()
    assert waiting_words() == "Preparing the kernel, about 10 s"
    before = cold.parent / "the version before"
    before.mkdir()
    (before / "compiled").write_text("1-2 23.4")
    assert waiting_words() == "Preparing the kernel, about 23 s"
    (before / "compiled").write_text("half")
    assert waiting_words() == "Preparing the kernel, about 10 s"


def test_the_mark_belongs_to_the_source_as_it_lies_there(cold: Path) -> None:
    there = (Path(engine.__file__).parent / "core" / "kernel.py").stat()
    (cold / "compiled").write_text(f"{there.st_mtime_ns}-{there.st_size} 7.0")
    assert is_warm()
    assert waiting_words() == ""
    (cold / "compiled").write_text(f"{there.st_mtime_ns + 1}-{there.st_size} 7.0")
    assert not is_warm()


def test_what_numba_takes_along_for_nothing_stays_out(cold: Path) -> None:
    """Run apart, because here everything is imported already."""
    root = Path(engine.__file__).parent.parent
    fakes = cold / "fakes"
    for name in ("scipy", "yaml"):
        (fakes / name).mkdir(parents=True)
        (fakes / name / "__init__.py").write_text("raise SystemExit('imported')")
    look = (
        "import sys; from engine.runtime.lean_imports import hidden\n"
        "with hidden('scipy', 'yaml'):\n"
        "    try:\n        import scipy\n    except ImportError:\n        print('not there')\n"
        "print(sorted({'scipy', 'yaml'} & set(sys.modules)))\n"
        "import scipy\n"
    )
    path = os.pathsep.join((str(fakes), str(root)))
    done = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split("\n")[:2] == ["not there", "[]"]
    assert done.stderr.strip() == "imported"


def test_slow_words_come_only_when_it_is_slow(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(kernel_warmth, "_SLOW_S", 60)
    with kernel_warmth._telling(said.append):
        pass
    assert said == []
    monkeypatch.setattr(kernel_warmth, "_SLOW_S", 0)
    with kernel_warmth._telling(said.append):
        while not said:
            os.sched_yield() if hasattr(os, "sched_yield") else None
    assert said == ["Preparing the kernel, about 10 s"]
