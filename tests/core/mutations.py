"""Break each rule of the kernel once, on purpose, and see that the tests notice.

    python -m tests.core.mutations [WORD ...]

Not part of the test run (a few minutes). Every mutant is made in a copy whose kernel is not
compiled but interpreted, which is far quicker than compiling it anew each time; only what breaks
`muldiv` itself is compiled. The exit status is the number of mutants that no test noticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

Mutant = tuple[str, str, str, str]

MULDIV_TESTS = ("test_muldiv.py",)
KERNEL_TESTS = (
    "test_kernel_rules.py",
    # First what finds most and does not look for the smallest example.
    "test_kernel_against_reference.py::test_long_walks_are_equal_and_meet_every_code",
    "test_kernel_against_reference.py",
)
INTERPRETED = {
    "compiled.py": """
ADVANCE = BEGIN = FINISH = None
def part(function): return function
def entry(signature): return part
""",
    "muldiv.py": """
from engine.core import codes
OVERFLOW = -1
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


def copy_house(root: Path, house: Path, mutant: Mutant) -> None:
    name, module, old, new = mutant
    for package in ("engine", "tests/core"):
        shutil.copytree(
            root / package, house / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(root / "pyproject.toml", house)
    core = house / "engine/core"
    if module != "muldiv":
        for stand_in, text in INTERPRETED.items():
            (core / stand_in).write_text(text, "utf-8")
    path = core / f"{module}.py"
    source = path.read_text("utf-8")
    if source.count(old) != 1:
        raise SystemExit(f"{name}: {old!r} is in {module}.py {source.count(old)} times")
    broken = source.replace(old, new)
    compile(broken, str(path), "exec")  # what is no Python would be noticed by any test
    path.write_text(broken, "utf-8")


def noticed(mutant: Mutant, root: Path) -> str:
    """The first test that failed, or "" if none did."""
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder)
        copy_house(root, house, mutant)
        tests = MULDIV_TESTS if mutant[1] == "muldiv" else KERNEL_TESTS
        files = [str(house / "tests/core" / name) for name in tests]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
                # Numbers that leave int64 wrap silently in the compiled kernel.
                *("-W", "ignore::RuntimeWarning", "-k", "not compiled", *files),
            ],
            env=os.environ | {"XDG_CACHE_HOME": folder, "PYTHONPATH": folder},
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
    for mutant in mutants(Path(__file__).with_name("mutants.txt")):
        if words and not any(word in mutant[0] for word in words):
            continue
        by = noticed(mutant, root)
        missed += not by
        print(f"{'noticed' if by else 'MISSED '}  {mutant[0]:42}  {by}", flush=True)
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
