"""The kernel's code as it was kept: the same answers as numba's, and nothing else than the whole of
it, for this processor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.ahead_of_time import in_use
from engine.runtime import kept_kernel
from engine.runtime.kernel_cache import prepare_kernel_cache
from tests.runtime.support import write_candles

CODE = """
import sys
from engine.cli.main import main
status = main(sys.argv[1:], own_process=sys.argv[-1] == "--json")
print(status, "numba" in sys.modules, file=sys.stderr)
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with a copy of what was kept when this source was compiled here."""
    found = prepare_kernel_cache() / kept_kernel.FILE
    if not found.exists():
        pytest.skip("numba's cache was here before the kernel's code was kept beside it")
    copy = tmp_path / "kept"
    copy.mkdir()
    (copy / kept_kernel.FILE).write_bytes(found.read_bytes())
    return copy


def test_a_process_of_its_own_tests_without_numba_and_says_the_same(
    tmp_path: Path, kept: Path
) -> None:
    path = tmp_path / "candles.csv"
    write_candles(path, 900)
    wish = ["backtest", "--candles", str(path), "--symbol", "BTC/USDT", "--strategy", "ema_cross"]
    wish += ["--set", "fast=3", "--set", "slow=8", "--trailing-pct", "0.4", "--no-store"]
    said, took_numba = [], []
    for order in (["--json", "--direction", "both"], ["--direction", "both", "--json"]):
        done = subprocess.run(
            [sys.executable, "-c", CODE, *wish, *order],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        said.append(done.stdout)
        took_numba.append(done.stderr.splitlines()[-1])
    assert took_numba == ["0 True", "0 False"]
    assert said[0] == said[1]
    assert '"trades": []' not in said[0]


def test_what_was_kept_is_loaded_and_has_every_entry(kept: Path) -> None:
    addresses = kept_kernel.load(kept)
    assert addresses is not None
    found = [addresses(f"kernel_{name}") for name in ("begin", "advance", "finish")]
    assert all(found)
    assert len(set(found)) == 3
    assert not in_use()  # nobody asked this process to run it


@pytest.mark.parametrize("place", [0, 9, -1])
def test_a_changed_byte_is_not_run(kept: Path, place: int) -> None:
    content = bytearray((kept / kept_kernel.FILE).read_bytes())
    content[place] ^= 1
    (kept / kept_kernel.FILE).write_bytes(content)
    assert kept_kernel.load(kept) is None


def test_code_for_another_processor_is_not_run(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_kernel, "_processor", lambda: ("another", "+more"))
    assert kept_kernel.load(kept) is None


def test_nothing_kept_is_no_fault(tmp_path: Path) -> None:
    assert kept_kernel.load(tmp_path) is None
    (tmp_path / kept_kernel.FILE).write_bytes(b"")
    assert kept_kernel.load(tmp_path) is None
