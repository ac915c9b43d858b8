#!/usr/bin/env python3
"""Set everything up, then open the program, run the checks, or call the engine.

    python3 run.py [--smoke N] [--data-dir D]   the program (offscreen without a display)
    python3 run.py test [PYTEST ARGS]           every check
    python3 run.py test --long [PYTEST ARGS]    the tests that take minutes, and only those;
                                                without arguments the program is built before
    python3 run.py engine ARGS                  the headless console script
    python3 run.py notices                      adds what messages to Telegram and others need
    python3 run.py bench NAME [ARGS]            kernel, backtest, click, sweep, store, archive,
                                                chart, review, start or ticks
    python3 run.py build                        the program for this system, in dist/trader-gui
    python3 run.py package                      packages of what was built

Standard library only: this file runs before anything else is installed.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS, VENV = ROOT / ".tools", ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
# What is packaged is taken from an environment that has nothing else in it.
BUILD_VENV = ROOT / ".venv-build"
BUILD_PYTHON = BUILD_VENV / PYTHON.relative_to(VENV)
HEADLESS = sys.platform == "linux" and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
)
# Shared library -> Debian package. Qt refuses to start without the first group, and needs the
# second as well when there is a display.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libbrotlidec.so.1": "libbrotli1",
}
DISPLAY_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
WARM_UP = ["-m", "engine.runtime.kernel_warmth"]
COMPILED = ["python", *WARM_UP, "all"]
# Tests of one file stay with one process, which has made what they share; who is done early takes
# over from the others. A good part of their time they wait, for threads, timers and other programs:
# there is one process more than there are cores.
PROCESSES = min(4, 1 + (os.cpu_count() or 1))
TESTS = ["pytest", "-n", str(PROCESSES), "--dist", "worksteal"]
STEPS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "imports": ["lint-imports", "--no-cache", "--no-logo"],
    "kernel": COMPILED,
    "types": ["mypy"],
    "tests": TESTS,
}
# Begun with a step and waited for in their own place: none of them uses every core, tests not while
# they are collected. No test is to wait for the kernel.
BESIDE = {"format": ("types", "kernel"), "types": ("tests",)}
# A line for each part that is done, with its share of the whole.
LONG_STEPS = {"kernel": COMPILED, "tests": [*TESTS, "-m", "long", "--verbose"]}


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def ensure_packages(packages: list[str]) -> None:
    """Install Debian packages when allowed to; otherwise say the line to type and go on."""
    if not packages:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"Installing system packages: {' '.join(packages)}")
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages]
        for command in (["apt-get", "-qq", "update"], install):
            code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        if code == 0:
            return
    say(f"Missing on this system; please run: sudo apt-get install -y {' '.join(packages)}")


def ensure_libraries(screen: bool = not HEADLESS) -> None:
    """Probed at every start, which takes milliseconds: today's session may have a display."""
    if sys.platform == "linux":
        wanted = {**LIBRARIES, **DISPLAY_LIBRARIES} if screen else LIBRARIES
        ensure_packages([package for lib, package in wanted.items() if not loads(lib)])


def find_uv() -> str:
    """uv from PATH, else a copy in .tools; --target is exempt from PEP 668 and needs no venv."""
    ours = TOOLS / "bin" / ("uv.exe" if WINDOWS else "uv")
    if not ours.exists():
        on_path = shutil.which("uv")
        if on_path:
            return on_path
        if sys.platform == "linux" and importlib.util.find_spec("pip") is None:
            ensure_packages(["python3-pip"])
        say("Fetching uv, the installer, into .tools")
        quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
        pip = [sys.executable, "-m", "pip", "install", *quiet, "--target", str(TOOLS), "uv"]
        subprocess.run(pip, check=True)
    return str(ours)


def ensure_tools() -> None:
    """What freezing needs on Linux: a linker, and Python's own library."""
    if sys.platform == "linux":
        wanted = [] if shutil.which("ld") and shutil.which("objdump") else ["binutils"]
        shared = sysconfig.get_config_var("INSTSONAME") or ""
        if ".so" in shared and not loads(shared):
            wanted.append(f"libpython{sys.version_info.major}.{sys.version_info.minor}")
        ensure_packages(wanted)


def install(requirements: str, venv: Path, python: Path) -> Callable[[], object] | None:
    """Bring `venv` to what the hash-pinned file says; None when it is there already, else who
    writes the stamp that makes the next start fast.

    Each file has its own stamp and is only added to what is there, so that opening the program
    after a test run does not take the test tools away again.
    """
    content = (ROOT / requirements).read_bytes()
    stamp, mark = venv / f"{requirements}.stamp", hashlib.sha256(content).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == mark:
        return None
    uv = find_uv()
    if not python.exists():
        supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
        wanted = sys.executable if supported else ">=3.11,<3.14"
        subprocess.run([uv, "venv", "--quiet", "--python", wanted, str(venv)], check=True)
    say(f"Installing what {requirements} pins into {venv.name}")
    command = [uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes"]
    command += ["--compile-bytecode", "-r", str(ROOT / requirements)]
    subprocess.run(command, cwd=ROOT, check=True)  # uv reads pyproject.toml where it stands
    return partial(stamp.write_text, mark)


def prepare(requirements: str) -> None:
    """Install, and compile the program and its kernel; the kernel is waited for, the other loops
    are compiled beside what follows."""
    done = install(requirements, VENV, PYTHON)
    if done is None:
        return
    # Seconds spent here, once, are not spent in front of the first window.
    say("Compiling the kernel")
    byte_code = ["-m", "compileall", "-q", "engine", "trader_gui"]
    subprocess.run([str(PYTHON), *byte_code], cwd=ROOT, check=True)
    subprocess.run([str(PYTHON), *WARM_UP, "first"], cwd=ROOT, check=True)
    done()


def ship(verb: str, arguments: list[str]) -> int:
    """Build the program for this system, or package what was built."""
    ensure_tools()
    done = install("requirements-build.txt", BUILD_VENV, BUILD_PYTHON)
    if done is not None:
        done()
    os.environ["PYTHONPATH"] = str(ROOT)
    module = {"build": "shipping.freeze", "package": "shipping.package"}[verb]
    return subprocess.run([str(BUILD_PYTHON), "-P", "-m", module, *arguments]).returncode


def check(steps: dict[str, list[str]], pytest_args: list[str]) -> int:
    steps = {**steps, "tests": [*steps["tests"], *pytest_args]}
    begun: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
    try:
        for name in steps:
            print(f"== {name}", flush=True)
            for one in (name, *BESIDE.get(name, ())):
                if one not in begun:
                    begun[one] = begin(steps[one]), time.monotonic()
            step, began = begun[name]
            if code := step.wait():
                say(f"Stopped: step '{name}' failed. Mend what it says above and run this again.")
                return code
            print(f"   {name} passed in {time.monotonic() - began:.1f} s", flush=True)
    finally:
        for step, _ in begun.values():
            end(step)
    return 0


def begin(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([str(BIN / command[0]), *command[1:]], cwd=ROOT)


def end(step: subprocess.Popen[bytes]) -> None:
    """Tests that are ended let go of what they have started."""
    step.terminate()
    try:
        step.wait(10)
    except subprocess.TimeoutExpired:
        step.kill()


def become(arguments: list[str]) -> int:
    """Run the environment's Python from the source tree, in this very process where possible,
    so that signals and the exit status reach who called."""
    os.environ["PYTHONPATH"] = str(ROOT)
    if HEADLESS and "QT_QPA_PLATFORM" not in os.environ:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    command = [str(PYTHON), "-P", *arguments]
    if not WINDOWS:
        os.execv(command[0], command)
    return subprocess.run(command).returncode


def main(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["test"]:
            ensure_libraries()
            prepare("requirements-dev.txt")
            if arguments[1:2] == ["--long"]:
                ensure_libraries(screen=True)  # the packaged window is drawn on a virtual one
                if sys.platform == "linux" and not shutil.which("Xvfb"):
                    ensure_packages(["xvfb"])
                ready = arguments[2:] or not (ship("build", []) or ship("package", ["--quick"]))
                return check(LONG_STEPS, arguments[2:]) if ready else 1
            return check(STEPS, arguments[1:])
        if arguments[:1] in (["build"], ["package"]):
            ensure_libraries()
            return ship(arguments[0], arguments[1:])
        if arguments[:1] != ["engine"]:
            ensure_libraries()
        prepare("requirements.txt")
        if arguments == ["notices"]:
            prepare("requirements-notices.txt")
            say("Messages can be sent from the next start on: python3 run.py")
            return 0
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"Setting up failed: {error}. Check the network and free disk space, then try again.")
        return 1
    if arguments[:1] == ["engine"]:
        call = "import sys; from engine.cli.main import program; sys.argv[0] = 'trader-engine'; "
        return become(["-c", call + "program()", *arguments[1:]])
    if arguments[:1] == ["bench"] and len(arguments) > 1:
        return become(["-m", f"bench.{arguments[1]}", *arguments[2:]])
    if HEADLESS:
        say("No display found: the window is drawn offscreen. Ctrl+C or SIGTERM ends the program.")
    return become(["-m", "trader_gui", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
