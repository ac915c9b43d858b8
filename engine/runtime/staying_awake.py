"""Keeping the computer awake while bots run: one port, and how each system is asked.

What keeps it awake ends with this process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final, Protocol

from engine.runtime.workers import in_thread

_SEEN_TO_FAIL_S: Final = 0.5
"""A helper that is refused ends at once; one that still runs after that has been granted."""
_LET_GO_S: Final = 2.0


class Awake(Protocol):
    """Asks the system not to sleep by itself. The screen may still turn off."""

    async def begin(self) -> str:
        """From now on; why it is not possible, as a sentence, "" if it is."""
        ...

    async def end(self) -> None:
        """The system may sleep again."""
        ...


class ByProgram:
    """A program of the system keeps it awake for as long as it runs. Linux: ``systemd-inhibit``
    around a ``cat`` that ends when our end of its input is gone. macOS: ``caffeinate``, which
    waits for our process."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None

    async def begin(self) -> str:
        if self._process is not None:
            return ""
        name = self._command[0]
        if shutil.which(name) is None:
            return f"This computer may fall asleep while bots run: {name} is not there to stop it."
        return await in_thread("keep-awake", self._start)

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await in_thread("let-sleep", lambda: _let_go(process))

    def _start(self) -> str:
        # In a session of its own: Ctrl+C is for the program, which then decides.
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            process.wait(_SEEN_TO_FAIL_S)
        except subprocess.TimeoutExpired:
            self._process = process
            return ""
        _, said = process.communicate()
        why = said.decode("utf-8", "replace").strip().splitlines()
        reason = f" ({why[-1].rstrip('.')})" if why else ""
        return f"This computer may fall asleep while bots run: the system refused{reason}."


def _let_go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.close()
    process.terminate()
    try:
        process.wait(_LET_GO_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stderr.close()


class ByThread:
    """Windows: a wish of this thread, which ends with it."""

    async def begin(self) -> str:
        if self._ask(_CONTINUOUS | _SYSTEM_REQUIRED):
            return ""
        return "This computer may fall asleep while bots run: Windows refused to stay awake."

    async def end(self) -> None:
        self._ask(_CONTINUOUS)

    @staticmethod
    def _ask(state: int) -> bool:
        """On the loop's thread, which lives as long as the program."""
        import ctypes

        windows = getattr(ctypes, "windll")  # noqa: B009 - other systems do not know the name
        return bool(windows.kernel32.SetThreadExecutionState(state))


_CONTINUOUS: Final = 0x80000000
_SYSTEM_REQUIRED: Final = 0x00000001


def awake_here() -> Awake:
    """What this system is asked with."""
    if sys.platform == "win32":
        return ByThread()
    if sys.platform == "darwin":
        return ByProgram(("caffeinate", "-i", "-w", str(os.getpid())))
    why = ("--who=trader-gui", "--why=Bots are running", "--mode=block", "--what=sleep:idle")
    return ByProgram(("systemd-inhibit", *why, "cat"))
