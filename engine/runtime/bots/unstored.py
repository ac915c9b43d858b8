"""What bots did last and could not store before the program ended, for its log."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.workers import in_thread
from engine.store.unwritten import FOLDER, left_behind


async def unstored_words(data_dir: Path, lost: int) -> str:
    """ "" if everything is in the database; `lost` steps were in memory only."""
    files = await in_thread("look-for-unwritten", lambda: left_behind(data_dir / FOLDER))
    words = []
    if files:
        words.append(
            f"what bots did last in {len(files)} sessions is kept in the folder '{FOLDER}' and "
            "comes into the database at the next start"
        )
    if lost:
        words.append(f"{lost} steps of bots could not be kept anywhere and are lost")
    return "; ".join(words)
