"""One choice out of a few, without any widget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    """`options` are (key, label, hint shown while it is chosen); the first is the usual one."""

    key: str
    label: str
    options: tuple[tuple[str, str, str], ...]
    span: int = 2
    tip: str = ""
    """What is chosen here, in a sentence or two."""

    def hint(self, chosen: str) -> str:
        return next(hint for key, _, hint in self.options if key == chosen)

    def said(self, chosen: str) -> str:
        """``Fee coin bought coin``: the field in a list of what is set."""
        return f"{self.label} {next(name for key, name, _ in self.options if key == chosen)}"
