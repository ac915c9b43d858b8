"""The compiled kernel, brought into the process; compiled first where no cache of it is there.

Call `prepare_kernel_cache` before. `run.py` compiles when it sets up, by running this module, so a
person waits for it only after the program was changed by other means; words say for how long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import engine
from engine.runtime.kernel_cache import prepare_kernel_cache
from engine.runtime.lean_imports import hidden

_USUAL_S: Final = 10.0
_SLOW_S: Final = 1.0
_MARK: Final = "compiled"
_NOT_NEEDED: Final = ("scipy", "yaml")
"""numba takes these along where they are installed: half a second, and the kernel uses neither."""


def is_warm() -> bool:
    """Whether the kernel of this very source is known to be compiled here."""
    return "engine.core.kernel" in sys.modules or _read(_cache() / _MARK)[0] == _stamp()


def waiting_words() -> str:
    """What to tell a person before `load_kernel`; "" when it takes no time."""
    return "" if is_warm() else f"Preparing the kernel, about {_expected_s():.0f} s"


def load_kernel(told: Callable[[str], None] | None = None, *, beside: bool = False) -> None:
    """Import the kernel. `told` hears, from another thread, why it takes longer than a second.

    With `beside` compiling happens in a process of its own: a window whose worker calls this
    goes on painting, because a compiler holds the interpreter's lock.
    """
    if "engine.core.kernel" in sys.modules:
        return
    warm, began = is_warm(), time.perf_counter()
    with _telling(None if warm else told):
        if beside and not warm:
            _compile_beside()
        with hidden(*_NOT_NEEDED):
            import numba.np.arraymath  # noqa: F401 - asks for scipy when it is imported

            import engine.core.kernel  # noqa: F401 - compiled, or read from its cache
    if not warm:
        took_s = time.perf_counter() - began
        with suppress(OSError):  # A full disk costs the words' precision, nothing else.
            (_cache() / _MARK).write_text(f"{_stamp()} {took_s:.1f}")


@contextmanager
def _telling(told: Callable[[str], None] | None) -> Iterator[None]:
    if told is None:
        yield
        return
    timer = threading.Timer(_SLOW_S, told, (waiting_words(),))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _compile_beside() -> None:
    """Fill the cache in another process; where that is not possible, importing compiles."""
    if getattr(sys, "frozen", False):
        return
    with suppress(OSError):
        source = Path(engine.__file__).parent.parent
        subprocess.run(
            [sys.executable, "-m", "engine.runtime.kernel_warmth"], cwd=source, check=False
        )


def _cache() -> Path:
    return Path(os.environ.get("NUMBA_CACHE_DIR") or prepare_kernel_cache())


def _expected_s() -> float:
    """As long as it took for the version before, if there was one."""
    with suppress(OSError):
        marks = _cache().parent.glob(f"*/{_MARK}")
        latest = max(marks, key=lambda mark: mark.stat().st_mtime_ns, default=None)
        if latest is not None:
            return max(_SLOW_S, _read(latest)[1])
    return _USUAL_S


def _stamp() -> str:
    """numba compiles again when the file of the kernel looks changed to it."""
    try:
        there = (Path(engine.__file__).parent / "core" / "kernel.py").stat()
    except OSError:
        return "no-source"
    return f"{there.st_mtime_ns}-{there.st_size}"


def _read(mark: Path) -> tuple[str, float]:
    try:
        stamp, took_s = mark.read_text().split()
        return stamp, float(took_s)
    except (OSError, ValueError):
        return "", _USUAL_S


def load_loops() -> None:
    """What is compiled of the kernel's parts besides: the loops of sweeps and of portfolios."""
    import engine.core.portfolio
    import engine.core.sweep_play  # noqa: F401


if __name__ == "__main__":
    prepare_kernel_cache()
    load_kernel()
    if "all" in sys.argv[1:]:  # a window that waits for the kernel needs no more than that
        load_loops()
