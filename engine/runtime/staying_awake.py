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

from engine.language import tr
from engine.runtime.workers import in_thread

_SEEN_TO_FAIL_S: Final = 0.5
"""A helper that is refused mostly ends at once; a slower refusal is seen by `holds`."""
_LET_GO_S: Final = 2.0


class Awake(Protocol):
    """Asks the system not to sleep by itself. The screen may still turn off."""

    @property
    def holds(self) -> bool:
        """Whether the system keeps awake for us at this moment."""
        ...

    async def begin(self) -> str:
        """From now on; why it is not possible, as a sentence, "" if it is. Where what was granted
        has ended meanwhile, why it did: the next call asks anew."""
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

    @property
    def holds(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def begin(self) -> str:
        if self.holds:
            return ""
        process, self._process = self._process, None
        if process is not None:
            reason = await in_thread("last-words", lambda: _last_words(process))
            return tr(
                "This computer may fall asleep while bots run: what kept it awake has "
                "ended{reason}.",
                reason=reason,
            )
        name = self._command[0]
        if shutil.which(name) is None:
            return tr(
                "This computer may fall asleep while bots run: {name} is not there to stop it.",
                name=name,
            )
        return await in_thread("keep-awake", self._start)

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await in_thread("let-sleep", lambda: _let_go(process))

    def _start(self) -> str:
        try:
            # In a session of its own: Ctrl+C is for the program, which then decides.
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            return tr(
                "This computer may fall asleep while bots run: {name} could not be started "
                "({why}).",
                name=self._command[0],
                why=error.strerror,
            )
        try:
            process.wait(_SEEN_TO_FAIL_S)
        except subprocess.TimeoutExpired:
            self._process = process
            return ""
        return tr(
            "This computer may fall asleep while bots run: the system refused{reason}.",
            reason=_last_words(process),
        )


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """What a process that has ended said, in brackets; "" for nothing."""
    try:
        _, said = process.communicate(timeout=_LET_GO_S)
    except subprocess.TimeoutExpired:  # a child of it still holds the pipe
        said = b""
        if process.stderr is not None:
            process.stderr.close()
    why = said.decode("utf-8", "replace").strip().splitlines()
    return f" ({why[-1].rstrip('.')})" if why else ""


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

    holds = False

    async def begin(self) -> str:
        self.holds = self._ask(_CONTINUOUS | _SYSTEM_REQUIRED)
        if self.holds:
            return ""
        return tr("This computer may fall asleep while bots run: Windows refused to stay awake.")

    async def end(self) -> None:
        self.holds = False
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
    why = tr("Bots are running")
    told = ("--who=trader-gui", f"--why={why}", "--mode=block", "--what=sleep:idle")
    return ByProgram(("systemd-inhibit", *told, "cat"))
