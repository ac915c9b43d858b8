"""Where the compiled kernel is kept, so that it is compiled once for each version of its source.

numba looks at the file of the function it caches and not at the functions that one calls. The
folder's name therefore carries a hash of every file that compiles something and of all that those
import, constants of domain and messages among them. A file beside them changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

import engine
from engine.core.ahead_of_time import PACKAGED

_COMPILES: Final = re.compile(rb"^from engine\.core\.(?:compiled|part_compiler) import", re.M)
_IMPORT: Final = re.compile(rb"^ *from (engine(?:\.\w+)*) import (\([^)]*\)|[^\n]*)", re.M)
_NAME: Final = re.compile(rb"(\w+)(?: as \w+)?\s*,?")


def source_hash(root: Path) -> str:
    """16 hex digits that change with any byte the compiled kernel depends on. `root` is the folder
    in which the package lies."""
    total = hashlib.sha256()
    for wanted in (sys.version, version("numba"), version("numpy")):
        total.update(wanted.encode() + b"\0")
    for path, content in sorted(_sources(root).items()):
        total.update(path.encode() + b"\0" + content + b"\0")
    return total.hexdigest()[:16]


def _sources(root: Path) -> dict[str, bytes]:
    """Files that compile, and those they import, with their content."""
    every = {path: path.read_bytes() for path in sorted((root / "engine/core").glob("*.py"))}
    ahead = [path for path, content in every.items() if _COMPILES.search(content)]
    found: dict[str, bytes] = {}
    while ahead:
        path = ahead.pop()
        name = path.relative_to(root).as_posix()
        if name not in found:
            content = found[name] = every.get(path) or path.read_bytes()
            ahead += _imported(root, content)
    return found


def _imported(root: Path, content: bytes) -> list[Path]:
    """Modules that are imported at the top of a file: a package's name, or names out of it."""
    wanted = []
    for module, names in _IMPORT.findall(content):
        place = root.joinpath(*module.decode().split("."))
        wanted.append(place.with_suffix(".py"))
        wanted += [place / f"{name.decode()}.py" for name in _NAME.findall(names)]
    return [path for path in wanted if path.is_file()]


def prepare_kernel_cache() -> Path:
    """Point numba at the folder of this source; called before numba is imported.

    A folder that cannot be written (a read-only home) is replaced by a temporary one: compiling
    again at each start is slow, not wrong. The packaged program compiles nothing.
    """
    if PACKAGED:
        return Path(engine.__file__).parent / "core"
    key = source_hash(Path(engine.__file__).parent.parent)
    chosen = user_cache_path("trader-gui", appauthor=False) / "kernel" / key
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=chosen):
            pass
    except OSError:
        chosen = Path(tempfile.mkdtemp(prefix=f"trader-gui-kernel-{key}-"))
    os.environ["NUMBA_CACHE_DIR"] = str(chosen)
    return chosen
