"""A damaged database at the start: what can be read is saved, and the program goes on with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.store.rescuing import _Copying
from tests.gui.opened import click, cut
from tests.gui.test_failed_start import opened_window
from tests.gui.waiting import drawn, until
from tests.store.test_rescuing import SESSIONS, dbstat_is_there, files, made, spoil
from trader_gui.__main__ import run
from trader_gui.frame.main_window import MainWindow
from trader_gui.options import Options
from trader_gui.pages.rescue import RescuePage

pytestmark = [
    pytest.mark.qt_loop,
    pytest.mark.expects_warnings,
    pytest.mark.skipif(not dbstat_is_there(), reason="This SQLite cannot say where its pages are"),
]


async def offered(window: MainWindow) -> RescuePage:
    def there() -> bool:
        return isinstance(window.page("monitor"), RescuePage)

    await until(there, 60)
    page = window.page("monitor")
    assert isinstance(page, RescuePage)
    return page


async def test_what_can_be_read_is_saved_listed_and_gone_on_with(tmp_path: Path) -> None:
    path = await made(tmp_path)
    spoil(path, "events")
    damaged = path.read_bytes()
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path, offline=True)))
    window = await opened_window()
    page = await offered(window)
    assert "is damaged. It was left as it is." in page.why.text()
    assert page.start.isHidden()
    assert path.read_bytes() == damaged  # nothing happens before somebody asks for it
    click(page.save)
    await until(lambda: not page.start.isHidden())
    told = page.told.text()
    assert "The damaged file is kept as trader-damaged-1.db." in told
    assert f"{SESSIONS} sessions" in told
    assert "Row numbers that could not be read: " in told
    assert " of events." in told
    assert page.save.isHidden()
    await drawn()
    assert cut(page) == []
    assert (tmp_path / "trader-damaged-1.db").read_bytes() == damaged
    click(page.start)
    await until(window.top_bar.isEnabled, 60)
    assert not isinstance(window.page("monitor"), RescuePage)
    window.close_requested.emit()
    assert await running == 0


async def test_it_can_be_called_off_and_quit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await made(tmp_path)
    spoil(path, "events")
    damaged = path.read_bytes()
    go_on = _Copying._go_on

    def slow(self: _Copying) -> None:
        self._stop.wait(5)
        go_on(self)

    monkeypatch.setattr(_Copying, "_go_on", slow)
    running = asyncio.get_running_loop().create_task(run(Options(tmp_path, offline=True)))
    page = await offered(await opened_window())
    click(page.save)
    await until(lambda: not page.strip.isHidden())
    assert not page.save.isEnabled()
    page.strip.cancel_asked.emit()
    await until(page.save.isEnabled)
    assert page.told.text().startswith("Cancelled.")
    assert page.strip.isHidden()
    assert path.read_bytes() == damaged
    assert files(tmp_path) == ["trader.db"]
    click(page.quit)
    assert await running == 0
    assert QApplication.instance() is not None
