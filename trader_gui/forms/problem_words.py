"""What is wrong with a field, in words."""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import InvalidSetting
from engine.language import inside


def refusal_of(read: Callable[[], object]) -> str:
    """The sentence with which `read` refuses what stands there; empty when it reads it."""
    try:
        read()
    except InvalidSetting as refused:
        return refused.words
    return ""


def problem_line(name: str, words: str) -> str:
    """``Slow EMA: must be 3 to 400``; words that begin with the name are not led by it again."""
    line = words.rstrip(".")
    if line.casefold().startswith(name.casefold()):
        return line
    return f"{name}: {inside(line)}"
