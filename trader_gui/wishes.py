"""Commands while they are carried out: which are the same one again, and which the end of the
program breaks off."""

from __future__ import annotations

from typing import Final

from engine.messages.commands import Command, KeepSamePeriod, RunReplay, SavePreset
from engine.messages.progress import Report

_ABOUT: Final = ("bot_id", "series", "session_id", "session_ids", "sweep_id", "no", "name")
_LONG: Final = (RunReplay, KeepSamePeriod)


def wish_name(command: Command) -> str:
    """Its kind and what it is about: another one of that name is the same wish once more."""
    if isinstance(command, SavePreset):
        return f"SavePreset {command.preset.name}"
    about = [str(getattr(command, name)) for name in _ABOUT if hasattr(command, name)]
    return " ".join([type(command).__name__, *about])


def is_long(command: Command, report: Report | None) -> bool:
    """Work that tells how far it is, and what plays a session again, lasts: nobody who closes the
    window waits for it. All else was asked for by a person and is done at once."""
    return report is not None or isinstance(command, _LONG)
