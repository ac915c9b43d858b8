"""Secrets of a data folder: one file beside the settings, for this user alone (0600). What is in it
is hidden from every log, toast and report from the moment it is known."""

from __future__ import annotations

import json
import logging
import os
import re
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from engine.messages.redaction import hide, hide_address
from engine.runtime.private_files import open_private

FILE_NAME: Final = "secrets.json"
_SHORTEST: Final = 6
"""A shorter piece of an address would be found inside of words."""

log = logging.getLogger(__name__)


class SecretFile:
    """Lists of texts by name. Nothing of it is kept in memory longer than it is used."""

    def __init__(self, data_dir: Path) -> None:
        self._place = data_dir / FILE_NAME

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of that name; empty where there is none. OSError if it cannot be read."""
        found = self._read().get(name)
        texts = found if isinstance(found, list) else []
        known = tuple(text for text in texts if isinstance(text, str))
        for text in known:
            hide_secret(text)
        return known

    def keep(self, name: str, texts: tuple[str, ...]) -> None:
        """The list of that name from now on; OSError if it cannot be written. A file that cannot
        be understood is set aside."""
        for text in texts:
            hide_secret(text)
        kept = self._read()
        if not kept and self._place.exists() and self._place.stat().st_size:
            self._place.replace(self._aside())
        draft = self._place.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with open_private(draft) as file:
            file.write(json.dumps({**kept, name: list(texts)}, indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._place)

    def _read(self) -> dict[str, object]:
        try:
            read = json.loads(self._place.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            log.info("%s cannot be understood; nothing of it is used", FILE_NAME)
            return {}
        return read if isinstance(read, dict) else {}

    def _aside(self) -> Path:
        names = (f"{FILE_NAME}.unreadable{number or ''}" for number in count())
        return next(place for name in names if not (place := self._place.with_name(name)).exists())


def hide_secret(address: str) -> None:
    """The whole address, the name and password in it, and every piece that may be a key: the host
    is often one."""
    hide(address, address.partition("://")[2])
    hide_address(address)
    if "://" not in address:
        return
    parts = urlsplit(address)
    hide(unquote(parts.password or ""))
    pieces = re.split(r"[/@:?&=,]+", address.partition("://")[2])
    hide(*(piece for piece in pieces if len(piece) >= _SHORTEST and "." not in piece))
