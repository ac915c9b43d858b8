"""Files that a person asked for: written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from engine.errors import AskPerson
from engine.language import tr


def write_whole(path: Path, text: str) -> None:
    """`text` as UTF-8; AskPerson with words where it cannot be, and a file of that name is then as
    it was."""
    write_by(path, lambda file: file.write(text))


def write_by(path: Path, write: Callable[[TextIO], object]) -> None:
    """What `write` writes, in the same way; lines end as it ends them."""
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="", errors="backslashreplace") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):  # what stands in the way may be no file
            draft.unlink(missing_ok=True)
        raise AskPerson(
            tr(
                "{name} could not be written ({why}). Nothing was saved. Choose "
                "another place, or free some space.",
                name=path.name,
                why=error.strerror or error,
            )
        ) from error
