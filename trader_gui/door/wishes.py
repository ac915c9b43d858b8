"""Commands while they are carried out: which are the same one again."""

from __future__ import annotations

from typing import Final

from engine.messages.commands import Command, SavePreset

_ABOUT: Final = ("bot_id", "series", "session_id", "session_ids", "sweep_id", "no", "name")


def wish_name(command: Command) -> str:
    """Its kind and what it is about: another one of that name is the same wish once more."""
    if isinstance(command, SavePreset):
        return f"SavePreset {command.preset.name}"
    about = [str(getattr(command, name)) for name in _ABOUT if hasattr(command, name)]
    return " ".join([type(command).__name__, *about])
