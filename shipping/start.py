"""Where the packaged program starts. Its one file has two names, `trader-gui` and `trader-engine`
(decision 0035); which one was called says whether there is a window."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from multiprocessing import freeze_support
from pathlib import Path


def keep_libraries_to_ourselves(environment: MutableMapping[str, str]) -> None:
    """Programs of the system that are started from here (a browser, what keeps the computer awake)
    must find the system's libraries, not those of this folder, to which the start has pointed the
    linker; it has read that by now. Our own processes find them by starting as if by a person."""
    before = environment.pop("LD_LIBRARY_PATH_ORIG", "")
    environment.pop("LD_LIBRARY_PATH", None)
    if before:
        environment["LD_LIBRARY_PATH"] = before
    environment["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


if __name__ == "__main__":
    keep_libraries_to_ourselves(os.environ)
    freeze_support()  # the process of the sockets is started from the same file
    if Path(sys.executable).stem == "trader-engine":
        from engine.cli.main import program

        sys.argv[0] = "trader-engine"
        program()
    from trader_gui.__main__ import main

    sys.exit(main())
