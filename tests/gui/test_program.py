"""The program as a process: ended early, and what it tells of itself without a window. With bots
that run it is ended in `test_ended.py`."""

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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_a_signal_ends_it_while_it_is_still_put_together(tmp_path: Path) -> None:
    program = start("--data-dir", str(tmp_path / "data"))
    assert program.stderr is not None
    while "Window painted" not in (line := program.stderr.readline()):
        assert line, "the program ended before it showed its window"
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=200)
    assert program.returncode == 0, errors
    assert "Traceback" not in errors


def test_version_needs_no_window() -> None:
    program = start("--version")
    words, _ = program.communicate(timeout=200)
    assert words.startswith("trader-gui 0.")
    assert program.returncode == 0


def test_the_diagnosis_needs_no_window_and_tells_no_password(tmp_path: Path) -> None:
    (tmp_path / "preferences.toml").write_text(
        "[network]\nproxy = 'http://trader:hunter22@proxy.test:1'\n"
    )
    program = start("--diagnose", "--data-dir", str(tmp_path))
    words, _ = program.communicate(timeout=200)
    assert program.returncode == 0
    assert "trader-gui 0." in words
    assert "Proxy http://[hidden]@proxy.test:1" in words
    assert "hunter22" not in words
