"""numba does not see edits in the parts of other files; the cache's name does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine

PROBE = """
from engine.runtime.kernel_cache import prepare_kernel_cache
print(prepare_kernel_cache())
from tests.core.play import at_closes, bars, play
from tests.core.reference import Terms
from engine.domain.reasons import Action
from engine.core import kernel
rows, asked = bars([(1000,) * 4] * 2), at_closes(2, {0: [Action.BUY]})
played = play(Terms(), 1_000_000, rows, asked, end=None)
print(played.events[-1][7], len(kernel.advance.stats.cache_hits))
"""


def probe(house: Path, cache: Path) -> tuple[str, int, int]:
    """(cache folder, fill price, kernels taken from the cache) in a fresh process."""
    environment = {name: value for name, value in os.environ.items() if "NUMBA" not in name}
    environment |= {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(house)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=environment,
        cwd=house,
        capture_output=True,
        text=True,
        check=True,
    )
    folder, figures = done.stdout.splitlines()
    price, hits = figures.split()
    return folder, int(price), int(hits)


@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is moved by an XDG variable")
def test_an_edit_in_a_part_of_another_file_is_compiled(tmp_path: Path) -> None:
    house, root = tmp_path / "house", Path(engine.__file__).parents[1]
    for package in ("engine", "tests/core"):
        shutil.copytree(
            root / package, house / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    first = probe(house, tmp_path)
    assert first[1] == 1000
    assert probe(house, tmp_path) == (first[0], 1000, 1)

    matching = house / "engine/core/matching.py"
    source = matching.read_text("utf-8")
    edited = source.replace("return fill + further if", "return price + 7 if")
    assert edited != source
    matching.write_text(edited, "utf-8")
    folder, price, hits = probe(house, tmp_path)
    assert (price, hits) == (1007, 0)
    assert folder != first[0]
