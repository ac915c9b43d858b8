"""The real program with bots that run, ended from outside: in time, all stored, nothing left."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.domain.sessions import SessionStatus
from engine.runtime.engine import Engine
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.repositories import sessions
from tests.gui.ended import BOTS_RUN
from tests.patience import communicated

ROOT = Path(__file__).resolve().parents[2]
IN_TIME_S = 3.0
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@contextmanager
def running(data_dir: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The program, once its bots run."""
    program = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.gui.ended", "--data-dir", str(data_dir), *more],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline().strip() == BOTS_RUN
        yield program
    finally:
        if program.poll() is None:
            program.kill()
        program.communicate()


def ended(program: subprocess.Popen[str], said: str = "Everything was stored and closed") -> str:
    """What it logged, once it has ended in time and with success."""
    _, errors, took = communicated(program, 30)
    assert program.returncode == 0, errors
    assert took < IN_TIME_S, errors
    assert "Traceback" not in errors
    assert said in errors
    return errors


async def statuses(data_dir: Path) -> set[SessionStatus]:
    store = await Store.open(data_dir)  # the folder is free again
    try:
        return {record.status for record in await sessions.every(store)}
    finally:
        await store.close()


def listening(process_id: int) -> list[str]:
    """Addresses on which the process takes connections."""
    inodes = set()
    for entry in os.scandir(f"/proc/{process_id}/fd"):
        try:
            target = os.readlink(entry.path)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process_id}/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[9] in inodes and (table.startswith("udp") or parts[3] == "0A"):
                found.append(f"{table} {parts[1]}")
    return found


def test_a_signal_ends_it_in_time(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir) as program:
        if sys.platform == "linux":
            assert listening(program.pid) == []
        program.send_signal(signal.SIGTERM)
        ended(program)
    assert asyncio.run(statuses(data_dir)) == {SessionStatus.INTERRUPTED}
    every = [data_dir, *data_dir.rglob("*")]
    assert {path.name for path in every} >= {"trader.db", "trader-gui.log", "strategies"}
    for path in every:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_what_cannot_be_stored_at_the_end_is_said_and_comes_back(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir) as program, closing(sqlite3.connect(data_dir / FILE_NAME)) as other:
        other.execute("BEGIN IMMEDIATE")
        program.send_signal(signal.SIGTERM)
        said = ended(program, "but not everything was stored: what bots did last in")
        other.rollback()
    assert "Everything was stored" not in said
    kept = len(list((data_dir / "unwritten").iterdir()))
    assert kept > 0
    assert f"in {kept} sessions is kept in the folder 'unwritten'" in said

    async def opened_again() -> None:
        engine = await Engine.open(data_dir)
        assert await engine.close() == ""

    asyncio.run(opened_again())
    assert not list((data_dir / "unwritten").iterdir())


def test_the_desktops_end_waits_until_all_is_stored(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir, "--log-out") as program:
        said = ended(program)
    assert "The desktop's session ends: closed in time" in said
    assert asyncio.run(statuses(data_dir)) == {SessionStatus.INTERRUPTED}


def test_a_smoke_run_with_bots_ends_in_order(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir, "--smoke", "0.1") as program:
        ended(program)
    assert asyncio.run(statuses(data_dir)) == {SessionStatus.INTERRUPTED}


def test_a_listening_socket_would_be_seen() -> None:
    import socket

    if sys.platform != "linux":
        pytest.skip("reads /proc")
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        assert len(listening(os.getpid())) == 1
