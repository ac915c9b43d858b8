"""The built folder as a program to be called, and a screen for its window."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILT: Final = ROOT / "dist"
FOLDER: Final = BUILT / "trader-gui"
PATIENCE_S: Final = 200
"""Other programs may be at work beside these."""


class Installed:
    """The two commands, as they lie in `folder`, with a home that is nobody's."""

    def __init__(self, folder: Path, home: Path, display: str = "") -> None:
        self.folder, self.home, self.display = folder, home, display

    def start(self, name: str, *arguments: object) -> subprocess.Popen[str]:
        ending = ".exe" if sys.platform == "win32" else ""
        return subprocess.Popen(
            [str(self.folder / f"{name}{ending}"), *map(str, arguments)],
            env=self._environment(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, name: str, *arguments: object) -> tuple[int, str, str]:
        """(exit status, what it printed, what it logged)."""
        program = self.start(name, *arguments)
        try:
            said, logged = program.communicate(timeout=PATIENCE_S)
        finally:
            program.kill()
        return program.returncode, said, logged

    def window(self, *arguments: object) -> str:
        """What the window logged until it ended, which it must have done well."""
        status, said, logged = self.call("trader-gui", *arguments)
        assert status == 0, logged
        assert "Traceback" not in logged, logged
        return said + logged

    def engine(self, *arguments: object) -> Any:
        """The console's answer as JSON."""
        status, said, logged = self.call("trader-engine", *arguments, "--json")
        assert status == 0, logged
        return json.loads(said)

    def bots(self, count: int, seconds: int, data: Path) -> None:
        """Let bots run on the simulated market, without a window; they are left running."""
        wish = ("--simulated", "--bots", count, "--speed", 600, "--for", seconds)
        status, _, logged = self.call("trader-engine", "run", *wish, "--data-dir", data)
        assert status == 0, logged

    def _environment(self) -> dict[str, str]:
        """Nothing of the checkout: no path, no environment of Python's, no kernel's cache."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "NUMBA", "VIRTUAL", "QT_", "XDG_"))
        }
        kept |= {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)}
        if self.display:
            kept["DISPLAY"] = self.display
        else:
            kept["QT_QPA_PLATFORM"] = "offscreen"
        return kept


@contextmanager
def screen() -> Iterator[str]:
    """The name of a virtual screen; "" where there is none, and the window is drawn offscreen."""
    if not shutil.which("Xvfb"):
        yield ""
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24"]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()
