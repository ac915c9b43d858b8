"""Where the packaged program starts. Its one file has two names, `trader-gui` and `trader-engine`
(decision 0035); which one was called says whether there is a window."""

from __future__ import annotations

import sys
from multiprocessing import freeze_support
from pathlib import Path

if __name__ == "__main__":
    freeze_support()  # the process of the sockets is started from the same file
    if Path(sys.executable).stem == "trader-engine":
        from engine.cli.main import program

        sys.argv[0] = "trader-engine"
        program()
    from trader_gui.__main__ import main

    sys.exit(main())
