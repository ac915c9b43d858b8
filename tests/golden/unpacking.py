"""The kept files, unpacked as data folders."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

from engine.store.opening import FILE_NAME

GOLDEN: Final = sorted(Path(__file__).parent.glob("sessions-*.json"))
"""One of each release, oldest first."""


def unpack(told: Path, data_dir: Path) -> dict[str, list[int]]:
    """The ids of the sessions of each story, whose database is put into `data_dir`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    packed = told.with_suffix(".sqlite.gz").read_bytes()
    (data_dir / FILE_NAME).write_bytes(gzip.decompress(packed))
    stories: dict[str, list[int]] = json.loads(told.read_text())["stories"]
    return stories


def hashes(told: Path) -> dict[int, str]:
    """What each session came to, by its id."""
    found = json.loads(told.read_text())["hashes"]
    return {int(session_id): event_hash for session_id, event_hash in found.items()}
