"""numba does not see edits in the parts of other files; the cache's name does."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine

ROOT = Path(engine.__file__).parents[1]

TAKE_KERNEL = """
from tests.core.play import at_closes, bars, play
from tests.core.reference import Terms
from engine.domain.reasons import Action
from engine.core import kernel
rows, asked = bars([(1000,) * 4] * 2), at_closes(2, {0: [Action.BUY]})
played = play(Terms(), 1_000_000, rows, asked, end=None)
print(played.events[-1][7], len(kernel.advance.stats.cache_hits))
"""

ENTRY = """
from engine.core.compiled import entry
from engine.core.matching import market_fill
from engine.core.signatures import INTS, Signature

@entry(Signature(int, (INTS, INTS, int)))
def bought_at(state, settings, price):
    return market_fill(state, settings, price, 0, True)
"""
"""The kernel in small, as it takes long to compile: an entry whose part lies in another file."""

TAKE_ENTRY = """
import numpy as np
from engine.core.bought_at import bought_at
from engine.core.layout import STATE_WIDTH
from engine.core.settings_vector import SETTINGS_WIDTH
price = bought_at(np.zeros(STATE_WIDTH, np.int64), np.zeros(SETTINGS_WIDTH, np.int64), 1000)
print(price, len(bought_at.stats.cache_hits))
"""


def probe(house: Path, take: str, **variables: str) -> tuple[str, int, int]:
    """(cache folder, price paid, functions taken from the cache) in a fresh process."""
    environment = {name: value for name, value in os.environ.items() if "NUMBA" not in name}
    prepare = "from engine.runtime.kernel_cache import prepare_kernel_cache as prepare\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{prepare}print(prepare()){take}"],
        env=environment | variables | {"PYTHONPATH": str(house)},
        cwd=house,
        capture_output=True,
        text=True,
        check=True,
    )
    folder, figures = done.stdout.splitlines()
    price, hits = figures.split()
    return folder, int(price), int(hits)


def test_the_kernel_that_one_process_has_compiled_is_taken_by_the_next() -> None:
    importlib.import_module("engine.core.kernel")  # compiled now, if nobody has done it before
    assert probe(ROOT, TAKE_KERNEL) == (os.environ["NUMBA_CACHE_DIR"], 1000, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is moved by an XDG variable")
def test_an_edit_in_a_part_of_another_file_is_compiled(tmp_path: Path) -> None:
    house, cache = tmp_path / "house", str(tmp_path)
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "engine", house / "engine", ignore=leave)
    (house / "engine/core/bought_at.py").write_text(ENTRY, "utf-8")
    first = probe(house, TAKE_ENTRY, XDG_CACHE_HOME=cache)
    assert first[1:] == (1000, 0)
    assert probe(house, TAKE_ENTRY, XDG_CACHE_HOME=cache) == (first[0], 1000, 1)

    matching = house / "engine/core/matching.py"
    source = matching.read_text("utf-8")
    edited = source.replace("return fill + further if", "return price + 7 if")
    assert edited != source
    matching.write_text(edited, "utf-8")
    folder, price, hits = probe(house, TAKE_ENTRY, XDG_CACHE_HOME=cache)
    assert (price, hits) == (1007, 0)
    assert folder != first[0]
