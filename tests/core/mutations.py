"""Break each rule of the kernel once, on purpose, and see that the tests notice.

    python -m tests.core.mutations [WORD ...]

Not part of the test run (some minutes). Every mutant is made in a copy whose kernel is not
compiled but interpreted, which is far quicker than compiling it anew each time. First the long
walks are compared with what the reference made of them; what they do not notice the tests are
asked. Only what breaks `muldiv` itself is compiled. The exit status is the number of mutants
that nothing noticed.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Mutant = tuple[str, str, str, str]
Told = list[tuple[Any, Any, Any]]
"""(scenario, its events, its states) of each long walk."""

MULDIV_TESTS = ("test_muldiv.py",)
BY_HAND = (
    *("bar", "rules", "commands", "exits", "adds"),
    *("costs", "futures", "money_rules", "corners"),
)
KERNEL_TESTS = tuple(f"test_kernel_{word}.py" for word in (*BY_HAND, "against_reference"))
PATIENCE_S = 60
"""A mutant that takes longer runs in a circle: it is interrupted."""
FAILURES = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError),
    *(ValueError, KeyboardInterrupt),
)

INTERPRETED = {
    "compiled.py": """
ADVANCE = BEGIN = FINISH = None
def part(function): return function
hot_part = part
def entry(signature): return part
""",
    "muldiv.py": """
from engine.core import codes
OVERFLOW = -1
def times(a, b):
    return muldiv(a, b, 1, codes.DOWN)
def muldiv(a, b, c, rounding):
    whole, left = divmod(int(a) * int(b), int(c))
    whole += rounding == codes.UP and left > 0
    return whole if whole < 2**63 else OVERFLOW
""",
}
"""What stands in for these modules of the kernel."""


def mutants(path: Path) -> list[Mutant]:
    """(name, module, old text, new text) from blocks of ``module: name``, ``- old``, ``+ new``."""
    made = []
    for block in path.read_text("utf-8").strip().split("\n\n"):
        title, *lines = block.splitlines()
        module, _, name = title.partition(": ")
        old, new = ([line[2:] for line in lines if line[0] == sign] for sign in "-+")
        made.append((name, module, "\n".join(old), "\n".join(new)))
    return made


NOTHING: Mutant = ("nothing", "walk", "", "")


def copy_house(root: Path, house: Path) -> None:
    for package in ("engine", "tests/core"):
        shutil.copytree(
            root / package, house / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(root / "pyproject.toml", house)


@contextmanager
def broken(house: Path, mutant: Mutant) -> Iterator[None]:
    """The house with the mutant in it, its kernel interpreted unless that is what is broken."""
    name, module, old, new = mutant
    core = house / "engine/core"
    kept = {path: path.read_text("utf-8") for path in core.glob("*.py")}
    if module != "muldiv":
        for stand_in, text in INTERPRETED.items():
            (core / stand_in).write_text(text, "utf-8")
    path = core / f"{module}.py"
    source = path.read_text("utf-8")
    if old and source.count(old) != 1:
        raise SystemExit(f"{name}: {old!r} is in {module}.py {source.count(old)} times")
    changed = source.replace(old, new) if old else source
    compile(changed, str(path), "exec")  # what is no Python would be noticed by any test
    path.write_text(changed, "utf-8")
    try:
        yield
    finally:
        for path, text in kept.items():
            path.write_text(text, "utf-8")


def imported(house: Path) -> tuple[Any, Any]:
    """The modules `comparison` and `scenarios` over the kernel as it stands in the house."""
    for name in list(sys.modules):
        if name.startswith(("engine.core", "tests.core.")):
            del sys.modules[name]
    for package in ("engine", "tests", "tests.core"):
        if package in sys.modules:
            sys.modules[package].__path__ = [str(house / package.replace(".", "/"))]
    importlib.invalidate_caches()
    return (
        importlib.import_module("tests.core.comparison"),
        importlib.import_module("tests.core.scenarios"),
    )


def expected_of_walks(house: Path) -> Told:
    """What the reference makes of the long walks."""
    comparison, scenarios = imported(house)
    end = comparison.EndReason.END_OF_DATA
    return [
        (scenario, *comparison.refer(scenario, end, comparison.halts_of(scenario)))
        for scenario in scenarios.long_walks()
    ]


def walk_that_differs(house: Path, told: Told) -> str:
    """The first of the walks that the kernel in the house gets wrong, or ""."""
    comparison, _ = imported(house)
    signal.alarm(PATIENCE_S)
    try:
        for seed, (scenario, events, states) in enumerate(told):
            played = comparison.run(scenario, cuts=comparison.halts_of(scenario))
            same = np.array_equal(comparison.states_of(played), states)
            if not same or not np.array_equal(played.events, events):
                return f"walk {seed}"
    except FAILURES as error:
        return f"walk {seed}: {type(error).__name__}"
    finally:
        signal.alarm(0)
    return ""


def test_that_fails(house: Path, module: str) -> str:
    """The first test that failed, or ""."""
    tests = MULDIV_TESTS if module == "muldiv" else KERNEL_TESTS
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            # Numbers that leave int64 wrap silently in the compiled kernel.
            *("-W", "ignore::RuntimeWarning", "-k", "not compiled"),
            *(str(house / "tests/core" / name) for name in tests),
        ],
        env=os.environ | {"XDG_CACHE_HOME": str(house), "PYTHONPATH": str(house)},
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].partition("::")[2].partition(" ")[0] if failed else "the process died"


def main() -> int:
    root = Path(__file__).parents[2]
    words = sys.argv[1:]
    missed = 0
    sys.dont_write_bytecode = True  # a file changed twice within a second would look unchanged
    signal.signal(signal.SIGALRM, signal.default_int_handler)  # as Ctrl+C does
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        house = Path(folder)
        copy_house(root, house)
        with broken(house, NOTHING):
            told = expected_of_walks(house)
            if wrong := walk_that_differs(house, told):
                raise SystemExit(f"The kernel is not the reference: {wrong}")
        for mutant in mutants(Path(__file__).with_name("mutants.txt")):
            if words and not any(word in mutant[0] for word in words):
                continue
            with broken(house, mutant):
                by = "" if mutant[1] == "muldiv" else walk_that_differs(house, told)
                by = by or test_that_fails(house, mutant[1])
            missed += not by
            print(
                f"{'noticed' if by else 'MISSED '}  {mutant[1]}: {mutant[0]:60}  {by}", flush=True
            )
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
