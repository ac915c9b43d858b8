"""The computer is kept awake by a process that ends with ours, or it is said why not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runtime import staying_awake
from engine.runtime.staying_awake import ByProgram, ByThread, awake_here

UNTIL_EOF = (sys.executable, "-c", "import sys; sys.stdin.read()")
REFUSED = (sys.executable, "-c", "import sys; sys.exit('Failed to inhibit: Access denied.')")


async def test_a_process_runs_until_it_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staying_awake, "_SEEN_TO_FAIL_S", 0.05)
    awake = ByProgram(UNTIL_EOF)
    assert await awake.begin() == ""
    process = awake._process
    assert process is not None
    assert process.poll() is None
    assert await awake.begin() == ""
    assert awake._process is process  # one is enough
    await awake.end()
    assert process.poll() is not None
    await awake.end()


async def test_who_is_refused_or_not_there_is_told() -> None:
    refused = ByProgram(REFUSED)
    words = "the system refused (Failed to inhibit: Access denied)."
    assert (await refused.begin()).endswith(words)
    missing = ByProgram(("no-such-program-here",))
    assert "no-such-program-here is not there to stop it" in await missing.begin()
    await refused.end()
    await missing.end()


async def test_what_ends_later_is_seen_told_and_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staying_awake, "_SEEN_TO_FAIL_S", 0.05)
    slow = "import sys; sys.stdin.readline(); sys.exit('Failed to inhibit: Access denied.')"
    awake = ByProgram((sys.executable, "-c", slow))
    assert not awake.holds
    assert await awake.begin() == ""
    assert awake.holds
    process = awake._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.write(b"now\n")
    process.stdin.flush()
    process.wait(5)
    assert not awake.holds
    said = "what kept it awake has ended (Failed to inhibit: Access denied)."
    assert (await awake.begin()).endswith(said)
    assert await awake.begin() == ""
    assert awake.holds
    assert awake._process is not process
    await awake.end()
    assert not awake.holds


async def test_what_cannot_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    awake = ByProgram(UNTIL_EOF)
    assert (await awake.begin()).endswith("could not be started (Cannot allocate memory).")
    assert not awake.holds


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a wish of a thread")
def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    """Our end of its input is gone, however we end."""
    holder = (
        "import asyncio, os, sys\n"
        "from engine.runtime.staying_awake import ByProgram\n"
        "awake = ByProgram(('sh', '-c', 'cat; echo over > ' + sys.argv[1]))\n"
        "print(asyncio.run(awake.begin()), awake._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    over = tmp_path / "over"
    os.mkfifo(over)
    done = subprocess.run(
        [sys.executable, "-c", holder, str(over)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr
    assert done.stdout.split()[0].isdecimal()
    assert over.read_text() == "over\n"  # waits for it


def test_each_system_has_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {}
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", platform)
        ways[platform] = awake_here()
    assert isinstance(ways["win32"], ByThread)
    for platform, name in (("linux", "systemd-inhibit"), ("darwin", "caffeinate")):
        way = ways[platform]
        assert isinstance(way, ByProgram)
        assert way._command[0] == name
