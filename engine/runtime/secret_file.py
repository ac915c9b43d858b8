"""Secrets of a data folder: one file beside the settings, for this user alone (0600). What is in it
is hidden from every log, toast and report from the moment it is known."""

from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import unquote, unquote_plus

from engine.messages.redaction import hide, hide_address
from engine.runtime.private_files import open_private

FILE_NAME: Final = "secrets.json"
_SHORTEST: Final = 6
"""A shorter piece of an address would be found inside of words."""
_SHORTEST_VALUE: Final = 8
"""A shorter value of a query with a digit in it is more often a number than a key."""
_WITH_HOST: Final = re.compile(
    r"(apprise|bark|emby|form|gotify|hassio|http|jellyfin|json|kodi|mailto|mastodon|mmost|ncloud|"
    r"nctalk|rocket|rsyslog|signal|synology|xml)s?",
    re.I,
)
"""Schemes that always name a server first; with others that may be a key."""
_BETWEEN: Final = re.compile(r"[/@:?&=,#\s]+")
_KEYS: Final = re.compile(r"key|token|secret|pass|pwd|sign|cred|cookie|authoriz|hook", re.I)
"""In the names of a query whose values are secrets."""

log = logging.getLogger(__name__)


class SecretFile:
    """Lists of texts by name. Nothing of it is kept in memory longer than it is used."""

    def __init__(self, data_dir: Path) -> None:
        self._place = data_dir / FILE_NAME
        self._changing = threading.Lock()

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of that name; empty where there is none. OSError if it cannot be read."""
        found = self._read().get(name)
        texts = found if isinstance(found, list) else []
        known = tuple(text for text in texts if isinstance(text, str))
        for text in known:
            hide_secret(text)
        return known

    def change(self, name: str, into: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        """Replace the list of that name by what `into` makes of it; OSError if it cannot be
        written. One change after the other. A file that cannot be understood is set aside."""
        with self._changing:
            texts = into(self.texts(name))
            for text in texts:
                hide_secret(text)
            kept = self._read()
            draft = self._place.with_name(f"{FILE_NAME}.new")
            draft.unlink(missing_ok=True)
            with open_private(draft) as file:
                file.write(json.dumps({**kept, name: list(texts)}, indent=1))
                file.flush()
                os.fsync(file.fileno())
            if not kept and self._place.exists() and self._place.stat().st_size:
                self._place.replace(self._aside())
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
    """The whole address, the name and password in it, and every piece that may be a key, as typed
    and as meant. A host is spared where the scheme has one. No address raises: what a parser says
    of one it does not understand would tell it."""
    hide_address(address)
    scheme, found, rest = address.partition("://")
    place, _, query = rest.partition("?")
    first = re.split(r"[/#]", place, maxsplit=1)[0]
    host = first.rpartition("@")[2].partition(":")[0] if _WITH_HOST.fullmatch(scheme) else ""
    pieces = {*_pieces(place), *_values(query)} if found else set[str]()
    hide(*({address, rest, place, first, *pieces} - {host}))


def _pieces(text: str) -> Iterator[str]:
    for piece in (*_BETWEEN.split(text), *_BETWEEN.split(unquote(text))):
        for said in (piece, unquote(piece)):
            if len(said) >= _SHORTEST:
                yield said


def _values(query: str) -> Iterator[str]:
    """What may be a key in a query: what is named like one, and what is long and has a digit. The
    rest are plain words, which would be missing in every log."""
    for part in query.split("&"):
        name, named, value = part.partition("=")
        meant = unquote_plus(value)
        if not named:
            yield from _pieces(name)
        elif _KEYS.search(name):
            yield from (value, meant, *meant.split()[-1:])
        else:
            for piece in (value, meant, *_pieces(value)):
                if len(piece) >= _SHORTEST_VALUE and any(map(str.isdigit, piece)):
                    yield piece
