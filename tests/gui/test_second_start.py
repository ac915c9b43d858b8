"""A second start on the same data folder: the first one's window comes forward, and it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.gui.test_program import start
from trader_gui.frame.main_window import MainWindow
from trader_gui.start.first_window import RAISED, FirstWindow, _address

ASKED = "A second start on this data folder asked for the window"


@pytest.fixture(autouse=True)
def _sockets_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    short = Path(f"/tmp/tg-{os.getpid()}")  # an address has room for a hundred bytes
    short.mkdir(exist_ok=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    yield
    left = list(short.iterdir())
    shutil.rmtree(short)  # whatever failed, the next test finds nothing
    assert left == []


def read_until(program: subprocess.Popen[str], words: str) -> None:
    assert program.stderr is not None
    while words not in (line := program.stderr.readline()):
        assert line, f"the program ended before it said {words!r}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_it_brings_the_first_window_forward_and_ends(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = start("--data-dir", str(folder))
    try:
        read_until(first, "Window painted")
        (door,) = Path(os.environ["XDG_RUNTIME_DIR"]).iterdir()
        assert stat.S_IMODE(door.stat().st_mode) & 0o077 == 0  # nobody else may knock
        read_until(first, "Window filled")  # what ends it is not the end of a start
        link = tmp_path / "link"
        link.symlink_to(folder)
        second = start("--data-dir", str(link))
        said, errors = second.communicate(timeout=200)
        assert (second.returncode, said, errors.strip()) == (0, "", RAISED)
        read_until(first, ASKED)
        first.send_signal(signal.SIGINT)
        _, errors = first.communicate(timeout=200)
        assert first.returncode == 0, errors
    finally:
        first.kill()
        first.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no sockets as files")
def test_a_socket_left_behind_is_nobody(tmp_path: Path, qapp: QApplication) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(_address(tmp_path))
        dead.listen()
    assert Path(_address(tmp_path)).exists()
    again = FirstWindow(tmp_path)
    assert not again.is_elsewhere()
    assert again.claim()
    late = FirstWindow(tmp_path)
    assert not late.claim()
    late.close()
    other = FirstWindow(tmp_path / "other")
    assert other.claim()
    other.close()
    again.close()


def test_a_folder_is_known_by_where_it_is_not_by_how_it_is_written(tmp_path: Path) -> None:
    assert _address(tmp_path / "a" / ".." / "b") == _address(tmp_path / "b")
    assert _address(tmp_path / "a") != _address(tmp_path / "b")
    assert len(_address(tmp_path / ("deep" * 60))) < 100


@pytest.mark.skipif(sys.platform == "win32", reason="there it is a name and no path")
def test_a_folder_too_deep_for_a_socket_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("deep" * 30)))
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    assert Path(_address(tmp_path)).parent == Path("/tmp")


def test_the_window_comes_from_wherever_it_is(qapp: QApplication) -> None:
    window = MainWindow()
    window.bring_forward()
    assert window.isVisible()
    window.showMinimized()
    window.bring_forward()
    assert not window.isMinimized()
    window.hide()
    window.deleteLater()
