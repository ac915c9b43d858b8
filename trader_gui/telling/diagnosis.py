"""What a report of a fault needs to know, for ``--diagnose``: no secret is in it."""

from __future__ import annotations

import os
import platform
import stat
from pathlib import Path
from typing import Final

from engine.messages.redaction import redacted
from engine.runtime.crashes import FOLDER
from engine.runtime.logs import LOG_NAME
from engine.runtime.messengers import hide_addresses
from trader_gui.pages.settings.versions import versions
from trader_gui.settings.preferences import FILE_NAME, Preferences

_LINES: Final = 200


def diagnosis(data_dir: Path) -> str:
    """Versions, what lies in the data folder, what is preferred, and the end of the log."""
    preferences = Preferences(data_dir / FILE_NAME)
    hide_addresses(data_dir)
    lines = [*(f"{name} {text}" for name, text in versions()), f"Machine {platform.machine()}"]
    lines += ["", f"Data folder {data_dir}", *_listed(data_dir)]
    lines += [
        "",
        f"Theme {preferences.theme}, closing the window: {preferences.on_close}",
        f"Proxy {preferences.connection.proxy or 'none'}",
        *preferences.problems,
        "",
        f"The last {_LINES} lines of the log:",
        *_end_of(data_dir / FOLDER / LOG_NAME),
    ]
    return redacted("\n".join(lines))


def _listed(folder: Path) -> list[str]:
    try:
        return [f"  {_name(path)}{_size(path)}" for path in sorted(folder.iterdir())]
    except FileNotFoundError:
        return ["  not there"]
    except OSError as error:
        return [f"  cannot be listed ({error.strerror})"]


def _name(path: Path) -> str:
    """As text that can be written, whatever bytes the name is made of."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _size(path: Path) -> str:
    """Of the entry itself: a link may lead nowhere, and a file may go while it is looked at."""
    try:
        seen = path.lstat()
    except OSError as error:
        return f" cannot be seen ({error.strerror})"
    if stat.S_ISDIR(seen.st_mode):
        return "/"
    return " is a link" if stat.S_ISLNK(seen.st_mode) else f" {seen.st_size:,} bytes"


def _end_of(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()[-_LINES:]
    except OSError:
        return ["  there is none"]
