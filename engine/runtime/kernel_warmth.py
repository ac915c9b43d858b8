"""What is compiled, brought into the process; compiled first where no cache of it is there.

Call `prepare_kernel_cache` before. `run.py` runs this module when it sets up, so a person waits
only after the program was changed by other means; words say for how long. The kernel comes first;
the loops of portfolios and sweeps are compiled from its parts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

import engine
from engine.core.ahead_of_time import PACKAGED, in_use, use
from engine.errors import Cancelled
from engine.language import tr
from engine.runtime.kernel_cache import prepare_kernel_cache
from engine.runtime.lean_imports import hidden

_SLOW_S: Final = 1.0
_LOOK_AGAIN_S: Final = 0.05
_NOT_NEEDED: Final = ("scipy", "yaml")
"""numba takes these along where they are installed: half a second, and the kernel uses neither."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A compiled loop: the module in engine.core that has it, and what a person calls it."""

    module: str
    title: str
    usual_s: float
    """What compiling takes where nothing is known of it yet."""

    @property
    def path(self) -> str:
        """The module as it is imported."""
        return f"engine.core.{self.module}"

    @property
    def mark(self) -> str:
        """Name of the file in the cache that says of which source it is, and how long it took."""
        return f"{self.module}.compiled"


KERNEL: Final = Loop("kernel", tr("the kernel"), 12.0)
PORTFOLIO: Final = Loop("portfolio", tr("the loop of portfolios"), 8.0)
SWEEP: Final = Loop("sweep_play", tr("the loop of sweeps"), 8.0)

ASKING: Final = Loop("asking", tr("the rules to be asked again"), 4.0)


def is_warm(loop: Loop = KERNEL) -> bool:
    """Whether the loop of this very source is known to be compiled here."""
    if PACKAGED or loop.path in sys.modules:
        return True
    return _read(_cache() / loop.mark, loop)[0] == _stamp(loop)


def waiting_words(loop: Loop = KERNEL) -> str:
    """What to tell a person before it is loaded; "" when it takes no time."""
    return (
        ""
        if is_warm(loop)
        else tr(
            "Preparing {title}, about {expected_s:.0f} s",
            title=loop.title,
            expected_s=_expected_s(loop),
        )
    )


def load_kernel(
    told: Callable[[str], None] | None = None,
    *,
    beside: bool = False,
    stop: threading.Event | None = None,
) -> None:
    """Import the kernel. `told` hears, from another thread, why it takes longer than a second.

    With `beside` compiling happens in a process of its own: a window whose worker calls this
    goes on painting, because a compiler holds the interpreter's lock. `stop` ends that process,
    and Cancelled is raised.
    """
    _load(KERNEL, told, beside, stop or threading.Event())


def load_kept_kernel(told: Callable[[str], None] | None = None) -> None:
    """Import the kernel for a process that tests something and ends: its code as it was kept, which
    spares importing numba. Nothing of another loop may be loaded then."""
    if is_warm() and KERNEL.path not in sys.modules and not PACKAGED:
        from engine.runtime.kept_kernel import load

        addresses = load(_cache())
        if addresses is not None:
            use(addresses)
    load_kernel(told)


def load_loop(
    loop: Loop, told: Callable[[str], None] | None = None, *, beside: bool = False
) -> None:
    """Import another loop, and the kernel before it, likewise."""
    load_kernel(told, beside=beside)
    _load(loop, told, beside, threading.Event())


def _load(
    loop: Loop, told: Callable[[str], None] | None, beside: bool, stop: threading.Event
) -> None:
    if loop.path in sys.modules:
        return
    if in_use():  # the machine code is there
        import_module(loop.path)
        return
    warm, began = is_warm(loop), time.perf_counter()
    with _telling(loop, None if warm else told):
        if beside and not warm:
            _compile_beside(loop, stop)
        with hidden(*_NOT_NEEDED):
            import numba.np.arraymath  # noqa: F401 - asks for scipy when it is imported

            import_module(loop.path)  # compiled, or read from its cache
    if not warm:
        if loop is KERNEL:
            _keep_code()
        took_s = time.perf_counter() - began
        with suppress(OSError):  # A full disk costs the words' precision, nothing else.
            (_cache() / loop.mark).write_text(f"{_stamp(loop)} {took_s:.1f}")


def _keep_code() -> None:
    """For consoles, which need no more than to run it."""
    from engine.runtime.kept_kernel import keep

    with suppress(OSError, RuntimeError):  # LLVM may not know the processor: numba's cache is used
        keep(_cache(), KERNEL.path)


@contextmanager
def _telling(loop: Loop, told: Callable[[str], None] | None) -> Iterator[None]:
    if told is None:
        yield
        return
    timer = threading.Timer(_SLOW_S, told, (waiting_words(loop),))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _compile_beside(loop: Loop, stop: threading.Event) -> None:
    """Fill the cache in another process; where that is not possible, importing compiles."""
    try:
        compiler = subprocess.Popen(_command(loop.module), cwd=_source())
    except OSError:
        return
    with compiler:
        try:
            while compiler.poll() is None:
                if stop.wait(_LOOK_AGAIN_S):
                    raise Cancelled(tr("Preparing {title} was cancelled.", title=loop.title))
        except BaseException:
            compiler.terminate()
            raise


def _compile_later() -> None:
    """Start compiling what the kernel alone does not need, and do not wait for it."""
    command, source, nowhere = _command("later"), _source(), subprocess.DEVNULL
    start = partial(
        subprocess.Popen, command, cwd=source, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )
    with suppress(OSError):
        if sys.platform == "win32":
            start(creationflags=subprocess.CREATE_NO_WINDOW)
        else:
            start(start_new_session=True)


def _command(wish: str) -> list[str]:
    return [sys.executable, "-m", "engine.runtime.kernel_warmth", wish]


def _source() -> Path:
    return Path(engine.__file__).parent.parent


def _cache() -> Path:
    return Path(os.environ.get("NUMBA_CACHE_DIR") or prepare_kernel_cache())


def _expected_s(loop: Loop) -> float:
    """As long as it took for the version before, if there was one."""
    with suppress(OSError):
        marks = _cache().parent.glob(f"*/{loop.mark}")
        latest = max(marks, key=lambda mark: mark.stat().st_mtime_ns, default=None)
        if latest is not None:
            return max(_SLOW_S, _read(latest, loop)[1])
    return loop.usual_s


def _stamp(loop: Loop) -> str:
    """numba compiles again when the file of the loop looks changed to it."""
    try:
        there = (Path(engine.__file__).parent / "core" / f"{loop.module}.py").stat()
    except OSError:
        return "no-source"
    return f"{there.st_mtime_ns}-{there.st_size}"


def _read(mark: Path, loop: Loop) -> tuple[str, float]:
    try:
        stamp, took_s = mark.read_text().split()
        return stamp, float(took_s)
    except (OSError, ValueError):
        return "", loop.usual_s


def main(wishes: list[str]) -> None:
    """Compile the loop named, or `all`; `first`: the kernel, and the others beside what follows."""
    prepare_kernel_cache()
    if "later" in wishes and hasattr(os, "nice"):
        os.nice(10)
    load_kernel()
    if "first" in wishes:
        _compile_later()
    for loop in (PORTFOLIO, SWEEP, ASKING):
        if not {"all", "later", loop.module}.isdisjoint(wishes):
            load_loop(loop)


if __name__ == "__main__":
    main(sys.argv[1:])
