"""Pictures taken outside of any display, from a data folder that is gone afterwards."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any


def take(photograph: Callable[[Path], Coroutine[Any, Any, Iterable[Path]]]) -> None:
    """Run `photograph` with an empty folder for the program's data; each picture is named."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from trader_gui.event_loop.loop import WindowLoop

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner,
    ):
        for path in runner.run(photograph(Path(folder))):
            print(path)
