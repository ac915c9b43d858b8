"""A field's problem as one line among others."""

from __future__ import annotations


def problem_line(name: str, words: str) -> str:
    """``Slow EMA: must be 3 to 400``; words that begin with the name are not led by it again."""
    line = words.rstrip(".")
    if line.casefold().startswith(name.casefold()):
        return line
    return f"{name}: {line[:1].lower()}{line[1:]}"
