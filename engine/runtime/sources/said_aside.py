"""What a person's strategy writes to standard output goes to stderr, with the file's name: standard
output is for what the program answers."""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType
from typing import Any, Final, TextIO

from engine.messages.redaction import redacted

FILE_SAID: Final = "__strategy_file__"
"""The global of a strategy file by which it is known here: how tracebacks name it."""


_LONGEST: Final = 1_000
"""A line without an end is told once it is longer."""


def listen() -> None:
    """From now on; may be called again, also when somebody has replaced `sys.stdout` meanwhile."""
    if not isinstance(sys.stdout, _Output):
        # A window has no standard output, and who writes to it all the same must not fail.
        stream = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - for the rest of the program
        sys.stdout = _Output(stream)


class _Output:
    """Standard output, but for those beneath a strategy file: whose code it is, the stack of the
    thread says, so that nothing has to be switched while others print."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = threading.local()
        """Lines without an end yet, by file."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        file = _file_of(sys._getframe())
        if file is None:
            return self._stream.write(text)
        *lines, rest = (getattr(self._begun, file, "") + text).split("\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], ""
        setattr(self._begun, file, rest)
        _say(file, lines)
        return len(text)

    def flush(self) -> None:
        """A strategy's line ends here, too. The end of the program flushes with nobody beneath."""
        file = _file_of(sys._getframe())
        if file is None:
            self._stream.flush()
        elif rest := getattr(self._begun, file, ""):
            setattr(self._begun, file, "")
            _say(file, [rest])

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)


def _say(file: str, lines: list[str]) -> None:
    if lines and sys.stderr is not None:
        sys.stderr.write("".join(f"{file}: {redacted(line)}\n" for line in lines))


def _file_of(frame: FrameType | None) -> str | None:
    while frame is not None:
        file: str | None = frame.f_globals.get(FILE_SAID)
        if file is not None:
            return file
        frame = frame.f_back
    return None
