"""docs/FAILURES.md names a test for each way to fail, and the tests it names are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.*) \|$", re.M)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
LATER = re.compile(r"comes with (live trading|installers) \(.{10,}?\)")
ENTRIES = range(1, 46)


def rows() -> list[tuple[int, str, str]]:
    """Number, what must hold, tests."""
    table = (TESTS.parent / "docs" / "FAILURES.md").read_text("utf-8")
    return [(int(number), holds, tests) for number, holds, tests in ROW.findall(table)]


def functions_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8")) if path.exists() else ast.Module([], [])
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_every_entry_has_its_line_once() -> None:
    assert [number for number, _, _ in rows()] == list(ENTRIES)


def test_every_line_says_what_must_hold_and_names_a_test_or_what_it_waits_for() -> None:
    for number, holds, tests in rows():
        assert len(holds) > 20, number
        assert NAMED.search(tests) or LATER.search(tests), number
        # Nothing is named in a form that would not be looked for.
        assert tests.count("::") == len(NAMED.findall(tests)), number


def test_every_test_that_is_named_is_there() -> None:
    named = {one for _, _, tests in rows() for one in NAMED.findall(tests)}
    there = {path: functions_in(TESTS / path) for path, _ in named}
    assert {(path, name) for path, name in named if name not in there[path]} == set()
    assert all(name.startswith("test_") for _, name in named)
