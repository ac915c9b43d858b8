"""SIGKILL at any moment: whatever was said to have happened is there, once, and the bots go on."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.kill.killing import A_FOLDER, Program, kill

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with Program() as one:
        yield one


def test_twenty_kills(program: Program) -> None:
    happened: Counter[str] = Counter()
    for seed, kills in ((1, 7), (2, 6), (3, 7)):
        happened += kill(program, seed, kills)
    assert all(happened[way] for way in ("by events", "by after_s", "by statement")), happened
    assert happened["answer"]
    assert happened["events"] > 20


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
def test_two_hundred_kills(program: Program, seed: int) -> None:
    assert kill(program, seed, A_FOLDER)["events"]
