"""What the guide says a session comes to is what the program makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guide.worked import Example, examples, outcome

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_an_example_comes_to_what_the_guide_says(
    example: Example, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(example.told) == outcome(example, tmp_path, capsys)


def test_the_chapters_on_exits_and_rules_are_not_without_examples() -> None:
    chapters = [one.chapter for one in EXAMPLES]
    assert {name: chapters.count(name) >= 10 for name in ("exits", "inside-a-bar", "rules")} == {
        "exits": True,
        "inside-a-bar": True,
        "rules": True,
    }
