"""Break each rule of the kernel once, on purpose, and see that the tests notice.

    python -m tests.core.mutations [WORD ...]

Not part of the test run (a minute or ten: the kernel is compiled again for each). Every mutant
is made in a copy; the exit status is the number that no test noticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

Mutant = tuple[str, str, str, str]


def mutants(path: Path) -> list[Mutant]:
    """(name, module, old text, new text) from blocks of ``module: name``, ``- old``, ``+ new``."""
    made = []
    for block in path.read_text("utf-8").strip().split("\n\n"):
        title, *lines = block.splitlines()
        module, _, name = title.partition(": ")
        old, new = ([line[2:] for line in lines if line[0] == sign] for sign in "-+")
        made.append((name, module, "\n".join(old), "\n".join(new)))
    return made


def noticed(mutant: Mutant, root: Path) -> str:
    """The first test that failed, or "" if none did."""
    _, module, old, new = mutant
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder)
        for package in ("engine", "tests/core"):
            shutil.copytree(
                root / package, house / package, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(root / "pyproject.toml", house)
        path = house / "engine/core" / f"{module}.py"
        source = path.read_text("utf-8")
        if source.count(old) != 1:
            raise SystemExit(f"{mutant[0]}: {old!r} is in {module}.py {source.count(old)} times")
        path.write_text(source.replace(old, new), "utf-8")
        tests = ["rules", "against_reference"] if module != "muldiv" else ["muldiv"]
        files = [
            name for word in tests for name in map(str, house.glob(f"tests/core/test_*{word}.py"))
        ]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files],
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
