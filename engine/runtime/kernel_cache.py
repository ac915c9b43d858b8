"""Where the compiled kernel is kept, so that it is compiled once for each version of its source.

numba looks at the file of the function it caches and not at the functions that one calls. The
folder's name therefore carries a hash of all of engine/core and of what it builds on.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

import engine

_SOURCES: Final = ("core", "domain", "messages")
"""Constants of domain and messages are compiled into the kernel too."""


def source_hash(engine_dir: Path) -> str:
    """16 hex digits that change with any byte the compiled kernel depends on."""
    total = hashlib.sha256()
    for wanted in (sys.version, version("numba"), version("numpy")):
        total.update(wanted.encode() + b"\0")
    for room in _SOURCES:
        for path in sorted((engine_dir / room).glob("*.py")):
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def prepare_kernel_cache() -> Path:
    """Point numba at the folder of this source; called before numba is imported.

    A folder that cannot be written (a read-only home) is replaced by a temporary one: compiling
    again at each start is slow, not wrong.
    """
    key = source_hash(Path(engine.__file__).parent)
    chosen = user_cache_path("trader-gui", appauthor=False) / "kernel" / key
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=chosen):
            pass
    except OSError:
        chosen = Path(tempfile.mkdtemp(prefix=f"trader-gui-kernel-{key}-"))
    os.environ["NUMBA_CACHE_DIR"] = str(chosen)
    return chosen
