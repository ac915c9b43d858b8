"""A report of a fault: what is in it, what is not, and where a person can put it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from engine.messages import redaction
from engine.runtime.logs import LOG_NAME
from engine.runtime.secret_file import SecretFile
from tests.gui.opened import click, cut, opened, overlaps
from tests.gui.waiting import drawn
from trader_gui.telling.diagnosis import diagnosis
from trader_gui.telling.fault_report import ReportText, crash_words, report_text
from trader_gui.widgets.scrim import ScrimCard

pytestmark = pytest.mark.qt_loop
SECRET = "Qw7Zr2Tn9Lk4"


@pytest.mark.parametrize("size", [(1600, 1000), (1100, 700)])
async def test_an_unexpected_error_leads_to_a_report(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, [], size) as held:
        held.program._unexpected("a task", ValueError(f"apiKey={SECRET}"))
        buttons = held.window.toasts._shown[0].findChildren(QPushButton)
        click(next(button for button in buttons if button.text() == "Show report"))
        await drawn()
        (card,) = held.window.findChildren(ScrimCard)
        shown = card.findChild(ReportText)
        assert shown is not None
        text = shown.text.toPlainText()
        assert "ValueError: apiKey=[hidden]" in text
        assert SECRET not in text
        assert f"Data folder {tmp_path}" in text
        assert cut(card) == []
        assert overlaps(card) == []
        click(shown.copy)
        assert QGuiApplication.clipboard().text() == text
        place = tmp_path / "report.txt"
        place.write_text("something older")
        shown.save_to(place)
        assert place.read_text() == text
        assert shown.told.text() == "Saved as report.txt."
        if sys.platform != "win32":
            assert stat.S_IMODE(place.stat().st_mode) == 0o600
        shown.save_to(tmp_path / "nowhere" / "report.txt")
        assert shown.told.text().startswith("It could not be saved (No such file")


async def test_the_home_folder_is_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    text = report_text(tmp_path / "data", f"x{'y' * 30_000}\nthe end")
    assert str(tmp_path) not in text
    assert "Data folder ~" in text
    assert "the end" in text
    assert len(text) < 25_000


async def test_the_keys_of_messages_are_in_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    SecretFile(tmp_path).change("messengers", lambda _: (f"discord://4174216298/{SECRET}",))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / LOG_NAME).write_text(f"POST /api/webhooks/4174216298/{SECRET} failed")
    redaction._known.clear()  # as in a program that was just started
    text = report_text(tmp_path, f"Could not reach {SECRET}")
    assert "POST /api/webhooks/[hidden] failed" in text
    assert "Could not reach [hidden]" in text
    assert SECRET not in text


async def test_when_it_crashed_is_read_off_the_files_name() -> None:
    words = "The program ended unexpectedly on 2026-03-12 at 10:02 UTC."
    assert crash_words(Path("crash-1773309723000.txt")) == words
    assert crash_words(Path("crash-x.txt")) == "The program ended unexpectedly."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes links for few")
async def test_what_cannot_be_looked_at_in_the_folder_keeps_no_report_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "led away").symlink_to(tmp_path / "nowhere")
    (tmp_path / "gone").write_text("x")
    seen = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path.name == "gone":
            raise FileNotFoundError(2, "No such file or directory")
        return seen(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    words = diagnosis(tmp_path)
    assert "  led away is a link" in words
    assert "  gone cannot be seen (No such file or directory)" in words
    assert "  not there" in diagnosis(tmp_path / "nowhere")
    assert "cannot be listed (Not a directory)" in diagnosis(tmp_path / "gone")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
async def test_a_name_of_any_bytes_can_be_written_in_a_report(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff")).write_text("x")
    assert "bad\ufffd 1 bytes" in report_text(tmp_path, "x").encode().decode()
