"""The program's log: one door for every line, through which no secret goes."""

from __future__ import annotations

import logging
from io import TextIOWrapper
from logging.handlers import MemoryHandler, RotatingFileHandler
from pathlib import Path
from typing import Final

from engine.runtime.crashes import FOLDER
from engine.runtime.private_files import open_private
from engine.runtime.redacted_lines import Redacted

LOG_NAME: Final = "trader-gui.log"
LEVELS: Final = ("debug", "info", "warning", "error")
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CHATTY: Final = ("qasync", "alembic", "asyncio", "ccxt", "numba", "urllib3")
_BYTES: Final = 2_000_000
_FILES: Final = 5
_REMEMBERED: Final = 2_000
"""Lines kept until there is a file for them."""

log = logging.getLogger(__name__)


class ProgramLog:
    """Lines to stderr at once, and to a file as soon as there is a folder for it."""

    def __init__(self, level: str = "info") -> None:
        """Lines of `level`, one of LEVELS, and above."""
        root = logging.getLogger()
        root.setLevel(level.upper())
        for chatty in _CHATTY:
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._shown = logging.StreamHandler()
        # Never flushed by a level: until there is a file there is nowhere to flush to.
        self._early = MemoryHandler(_REMEMBERED, flushLevel=logging.CRITICAL + 1)
        self._file: RotatingFileHandler | None = None
        self._shown.setFormatter(Redacted(_FORMAT))
        for handler in (self._shown, self._early):
            root.addHandler(handler)

    def keep_in(self, data_dir: Path) -> None:
        """From now on in the data folder, too, and what was said so far; a folder that cannot be
        written is told, and the program goes on."""
        folder = data_dir / FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._file = _PrivateFile(folder / LOG_NAME)
        except OSError as error:
            log.info("No log is kept in %s: %s", folder, error.strerror)
            return
        self._file.setFormatter(Redacted(_FORMAT))
        root = logging.getLogger()
        root.removeHandler(self._early)
        self._early.setTarget(self._file)
        self._early.close()  # hands over what it remembers
        root.addHandler(self._file)

    def close(self) -> None:
        """Nothing of it is left at the root."""
        root = logging.getLogger()
        for handler in (self._shown, self._early, self._file):
            if handler is not None:
                root.removeHandler(handler)
                handler.close()


class _PrivateFile(RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return open_private(Path(self.baseFilename))
