"""How starts went is counted over starts, and what a crash left is told once."""

from __future__ import annotations

import faulthandler
import os
from pathlib import Path

import pytest

from engine.runtime import crashes
from engine.runtime.crashes import FatalFile, latest_crash, write_crash
from engine.runtime.starts import ENOUGH, FILE_NAME, Starts


def test_starts_that_never_get_ready_are_counted(tmp_path: Path) -> None:
    for before in range(ENOUGH + 1):
        start = Starts(tmp_path)
        assert start.unready == before
        assert start.safe_mode_is_due is (before >= ENOUGH)
    start.ready()
    assert Starts(tmp_path).unready == 0


def test_a_start_that_a_person_ended_says_nothing(tmp_path: Path) -> None:
    Starts(tmp_path)  # killed
    Starts(tmp_path).ended(built=False)
    assert Starts(tmp_path).unready == 1


def test_an_end_in_order_after_the_window_was_filled_is_a_start_that_worked(
    tmp_path: Path,
) -> None:
    Starts(tmp_path)
    Starts(tmp_path).ended(built=True)
    assert Starts(tmp_path).unready == 0


def test_a_mistake_of_the_program_counts_though_it_was_told(tmp_path: Path) -> None:
    start = Starts(tmp_path)
    start.broke()
    start.ended(built=False)
    assert Starts(tmp_path).unready == 1


@pytest.mark.parametrize("text", ["", "no json", "[1]", '{"unready": "x", "told": 3}'])
def test_a_file_that_cannot_be_read_is_a_first_start(tmp_path: Path, text: str) -> None:
    Starts(tmp_path)
    (tmp_path / crashes.FOLDER / FILE_NAME).write_text(text)
    assert Starts(tmp_path).unready == 0


def test_a_folder_that_cannot_be_written_holds_up_nothing(tmp_path: Path) -> None:
    place = tmp_path / "a-file"
    place.write_text("")
    start = Starts(place)
    start.ready()
    start.ended(built=True)
    assert place.read_text() == ""


def test_a_crash_is_known_to_the_next_start_and_told_once(tmp_path: Path) -> None:
    Starts(tmp_path).ready()
    crash = write_crash(tmp_path, ValueError("apiKey=Qw7Zr2Tn9Lk4"))
    assert crash is not None
    assert "apiKey=[hidden]" in crash.read_text()
    start = Starts(tmp_path)
    assert start.crash == crash
    assert Starts(tmp_path).crash == crash  # killed before anybody saw it
    start.told()
    assert start.crash is None
    assert Starts(tmp_path).crash is None


def test_stacks_of_a_run_that_ended_in_order_are_no_crash(tmp_path: Path) -> None:
    """Windows has them written for errors that a library caught."""
    first = Starts(tmp_path)
    fatal = tmp_path / crashes.FOLDER / crashes.FATAL_NAME
    fatal.write_text("Windows fatal exception: code 0x8001010d\n")
    first.ended(built=True)
    crashes._set_aside(fatal)
    assert latest_crash(tmp_path) is not None
    again = Starts(tmp_path)
    assert again.crash is None
    again.ended(built=True)


def test_stacks_go_to_the_folder_and_few_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(faulthandler, "enable", lambda *to: opened.extend(to))
    monkeypatch.setattr(faulthandler, "disable", opened.clear)
    place = tmp_path / "data" / crashes.FOLDER / crashes.FATAL_NAME
    for number in range(14):
        fatal = FatalFile(tmp_path / "data")
        assert len(opened) == 1
        fatal.close()
        assert opened == []
        place.write_text(f"Fatal Python error: {number}")
        os.utime(place, (number + 1_000_000_000,) * 2)
    left = latest_crash(tmp_path / "data")
    assert left is not None
    assert left.read_text() == "Fatal Python error: 12"
    assert len(list(place.parent.glob("crash-*"))) == 10
