"""Compiling is known beforehand, said in words, and remembered; what is not needed yet waits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import engine
from engine.errors import Cancelled
from engine.runtime import kernel_cache, kernel_warmth
from engine.runtime.kernel_warmth import (
    ASKING,
    KERNEL,
    PORTFOLIO,
    SWEEP,
    Loop,
    is_warm,
    load_kernel,
    load_loop,
    waiting_words,
)


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in a process that has neither imported nor compiled the kernel."""
    cache = tmp_path / "kernel" / "abc"
    cache.mkdir(parents=True)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))
    for loop in (KERNEL, PORTFOLIO, SWEEP, ASKING):
        monkeypatch.delitem(sys.modules, loop.path, raising=False)
    return cache


def test_a_kernel_that_is_there_needs_no_words() -> None:
    load_kernel()
    assert is_warm()
    assert waiting_words() == ""
    load_kernel(lambda words: pytest.fail(words))


def test_words_say_how_long_it_will_take(cold: Path) -> None:
    assert not is_warm()
    assert waiting_words() == "Preparing the kernel, about 12 s"
    before = cold.parent / "the version before"
    before.mkdir()
    (before / "kernel.compiled").write_text("1-2 23.4")
    assert waiting_words() == "Preparing the kernel, about 23 s"
    (before / "kernel.compiled").write_text("half")
    assert waiting_words() == "Preparing the kernel, about 12 s"


def test_the_mark_belongs_to_the_source_as_it_lies_there(cold: Path) -> None:
    there = (Path(engine.__file__).parent / "core" / "kernel.py").stat()
    (cold / "kernel.compiled").write_text(f"{there.st_mtime_ns}-{there.st_size} 7.0")
    assert is_warm()
    assert waiting_words() == ""
    (cold / "kernel.compiled").write_text(f"{there.st_mtime_ns + 1}-{there.st_size} 7.0")
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
    with kernel_warmth._telling(KERNEL, said.append):
        pass
    assert said == []
    monkeypatch.setattr(kernel_warmth, "_SLOW_S", 0)
    with kernel_warmth._telling(KERNEL, said.append):
        while not said:
            os.sched_yield() if hasattr(os, "sched_yield") else None
    assert said == ["Preparing the kernel, about 12 s"]


@pytest.fixture
def compiled(cold: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of what is imported, and of what another process compiles; nothing is compiled."""
    done: list[str] = []
    monkeypatch.setattr(kernel_warmth, "import_module", done.append)
    monkeypatch.setattr(
        kernel_warmth, "_compile_beside", lambda loop, stop: done.append(f"beside {loop.path}")
    )
    return done


@pytest.mark.parametrize("loop", [PORTFOLIO, SWEEP, ASKING])
def test_a_cold_loop_is_told_after_the_kernel_and_by_its_own_name(
    loop: Loop, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    waited = kernel_warmth._telling

    @contextmanager
    def at_once(loop: Loop, told: Callable[[str], None] | None) -> Iterator[None]:
        if told is not None:
            told(waiting_words(loop))
        with waited(loop, None):
            yield

    monkeypatch.setattr(kernel_warmth, "_telling", at_once)
    load_loop(loop, said.append, beside=True)
    assert said == [
        "Preparing the kernel, about 12 s",
        f"Preparing {loop.title}, about {loop.usual_s:.0f} s",
    ]
    assert compiled == [f"beside {KERNEL.path}", KERNEL.path, f"beside {loop.path}", loop.path]
    compiled.clear()
    load_loop(loop, lambda words: pytest.fail(words), beside=True)  # the marks are there now
    assert compiled == [KERNEL.path, loop.path]


def test_who_stops_waiting_ends_the_compiler(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Compiler(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], cwd: Path) -> None:
            assert command[-2:] == ["engine.runtime.kernel_warmth", "kernel"]
            super().__init__([sys.executable, "-c", "import sys; sys.stdin.read()"], cwd=cwd,
                             stdin=subprocess.PIPE)  # fmt: skip
            begun.append(self)

    monkeypatch.setattr(subprocess, "Popen", Compiler)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        load_kernel(beside=True, stop=stop)
    assert begun[0].returncode not in (None, 0)
    assert KERNEL.path not in sys.modules


def test_a_loop_can_be_cold_alone(cold: Path, compiled: list[str]) -> None:
    load_kernel()
    assert is_warm(KERNEL)
    assert not is_warm(SWEEP)
    assert waiting_words(SWEEP) == f"Preparing the loop of sweeps, about {SWEEP.usual_s:.0f} s"


def test_the_packaged_program_compiles_nothing_and_says_nothing(
    cold: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_warmth, "PACKAGED", True)
    monkeypatch.setattr(kernel_cache, "PACKAGED", True)
    there = os.environ["NUMBA_CACHE_DIR"]
    kernel_cache.prepare_kernel_cache()
    assert os.environ["NUMBA_CACHE_DIR"] == there
    assert all(is_warm(loop) for loop in (KERNEL, PORTFOLIO, SWEEP, ASKING))
    load_loop(SWEEP, lambda words: pytest.fail(words), beside=True)
    assert compiled == [KERNEL.path, SWEEP.path]
    assert list(cold.iterdir()) == []


@pytest.mark.parametrize(
    ("wishes", "here", "later"),
    [
        (["kernel"], [KERNEL], False),
        (["first"], [KERNEL], True),
        (["all"], [KERNEL, PORTFOLIO, SWEEP, ASKING], False),
        (["sweep_play"], [KERNEL, SWEEP], False),
    ],
)
def test_setting_up_waits_for_what_is_asked(
    wishes: list[str],
    here: list[Loop],
    later: bool,
    cold: Path,
    compiled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[bool] = []
    monkeypatch.setattr(kernel_warmth, "_compile_later", lambda: begun.append(True))
    monkeypatch.setattr(kernel_warmth, "prepare_kernel_cache", lambda: cold)
    kernel_warmth.main(wishes)
    assert list(dict.fromkeys(compiled)) == [loop.path for loop in here]
    assert bool(begun) is later
