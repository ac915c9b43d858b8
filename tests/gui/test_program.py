"""The program as a process: it opens, tells its version, and ends in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-X", "dev", "-m", "trader_gui", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_smoke_run_ends_by_itself_with_success(tmp_path: Path) -> None:
    program = start("--smoke", "0.3", "--data-dir", str(tmp_path / "data"))
    _, errors = program.communicate(timeout=50)
    assert program.returncode == 0, errors
    assert "Window painted" in errors
    assert "Traceback" not in errors


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_sigterm_ends_it_as_closing_the_window_does(tmp_path: Path) -> None:
    program = start("--data-dir", str(tmp_path / "data"))
    assert program.stderr is not None
    while "Window painted" not in (line := program.stderr.readline()):
        assert line, "the program ended before it showed its window"
    program.send_signal(signal.SIGTERM)
    _, errors = program.communicate(timeout=50)
    assert program.returncode == 0, errors
    assert "Traceback" not in errors


def test_version_needs_no_window() -> None:
    program = start("--version")
    words, _ = program.communicate(timeout=50)
    assert words.startswith("trader-gui 0.")
    assert program.returncode == 0
