"""The list of deliberate breaks fits the kernel as it stands: none of them says nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.core.mutations import INTERPRETED, KERNEL_TESTS, MULDIV_TESTS, mutants

HERE = Path(__file__).parent
CORE = HERE.parents[1] / "engine/core"
MUTANTS = mutants(HERE / "mutants.txt")


def test_each_break_has_one_place() -> None:
    places = {
        f"{module}: {name}": (CORE / f"{module}.py").read_text("utf-8").count(old)
        for name, module, old, _ in MUTANTS
    }
    assert {name: count for name, count in places.items() if count != 1} == {}
    assert all(old != new for _, _, old, new in MUTANTS)


@pytest.mark.parametrize("stand_in", INTERPRETED)
def test_what_stands_in_has_every_name_that_is_asked_for(stand_in: str) -> None:
    module = f"engine.core.{stand_in.removesuffix('.py')}"
    asked = {
        name.name
        for broken in {"kernel", *(module for _, module, _, _ in MUTANTS)}
        for node in ast.walk(ast.parse((CORE / f"{broken}.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == module
        for name in node.names
    }
    given: dict[str, object] = {}
    exec(INTERPRETED[stand_in], given)
    assert asked
    assert asked <= given.keys()


def test_the_tests_that_are_asked_are_there() -> None:
    missing = [name for name in (*KERNEL_TESTS, *MULDIV_TESTS) if not (HERE / name).exists()]
    assert missing == []
