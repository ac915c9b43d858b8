"""What a toast says and copies of a fault has no secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from engine.domain.connection import Connection
from engine.errors import ExchangeRefused
from engine.messages import redaction
from tests.gui.opened import click, opened
from trader_gui.settings.preferences import FILE_NAME, Preferences

pytestmark = pytest.mark.qt_loop
SECRET = "Qw7Zr2Tn9Lk4"
LEAK = f"GET /account?apiKey={SECRET}&signature={SECRET} through http://me:{SECRET}@proxy.test"


async def test_toasts_and_what_they_copy(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        held.program.show_fault(ExchangeRefused(LEAK, details=LEAK))
        held.program._unexpected("a task", ValueError(LEAK))
        for button in held.window.centralWidget().findChildren(QPushButton):
            if button.text() == "Copy details":
                click(button)
                copied = QGuiApplication.clipboard().text()
                assert "apiKey=[hidden]" in copied
                assert SECRET not in copied
        said = " ".join(held.window.toasts.texts)
        assert SECRET not in said


async def test_a_chosen_proxys_password_is_known_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    async with opened(tmp_path, []) as held:
        held.program.choose_connection(Connection(f"http://me:{SECRET}@proxy.test:1"))
    assert redaction.redacted(f"as {SECRET} alone") == "as [hidden] alone"
    assert Preferences(tmp_path / FILE_NAME).connection.proxy.count(SECRET) == 1


async def test_preferences_that_cannot_be_meant_tell_no_password(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(f'[network]\nproxy = "ftp://me:{SECRET}@proxy.test"\n')
    (problem,) = Preferences(tmp_path / FILE_NAME).problems
    assert "network.proxy is 'ftp://[hidden]@proxy.test', not an address" in problem
    assert SECRET not in problem
