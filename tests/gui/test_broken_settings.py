"""A start with a settings file that cannot be read: safe defaults, words, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from tests.gui.opened import opened
from trader_gui.options import Options, parse
from trader_gui.settings.preferences import FILE_NAME, ThemeChoice


@pytest.mark.qt_loop
async def test_it_starts_says_so_and_keeps_the_file(tmp_path: Path) -> None:
    broken = 'theme = "light"\n[network\nproxy = "http://me:hunter22@proxy.test:1"\n'
    path = tmp_path / FILE_NAME
    path.write_text(broken)
    async with opened(tmp_path) as held:
        (toast,) = held.window.toasts._shown
        assert toast.property("tone") == "error"  # it stays
        assert toast.text.startswith("preferences.toml cannot be read (")
        assert "hunter22" not in toast.text
        assert held.program.preferences.theme is ThemeChoice.DARK
        held.window.show_page("settings")
        settings = held.window.page("settings")
        assert any(toast.text == label.text() for label in settings.findChildren(QLabel))
    assert path.with_name(f"{FILE_NAME}.unreadable").read_text() == broken
    assert 'last_page = "settings"' in path.read_text()


def test_what_is_asked_for_at_the_start(tmp_path: Path) -> None:
    words = ["--data-dir", str(tmp_path), "--safe-mode", "--reset-layout", "--offline"]
    asked = Options(tmp_path, offline=True, safe=True, reset_layout=True, log_level="debug")
    assert parse([*words, "--log-level", "debug"]) == asked
    assert parse(["--data-dir", str(tmp_path)]) == Options(tmp_path)
    with pytest.raises(SystemExit):
        parse(["--log-level", "loud"])
