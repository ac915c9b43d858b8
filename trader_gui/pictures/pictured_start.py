"""Pictures of what a person hopefully never sees: the offer of safe mode, and a crash report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trader_gui.pictures.pictured_live import Take

if TYPE_CHECKING:
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.pages.settings.page import SettingsPage

_STACKS: Final = """Fatal Python error: Segmentation fault

Current thread 0x00007f1c5effd6c0 (most recent call first):
  File "strategies/breakout.py", line 31 in signals
  File "engine/runtime/opinions.py", line 72 in ask
  File "engine/runtime/workers.py", line 131 in _work_off
"""


async def safe_mode_offer(window: MainWindow, take: Take) -> None:
    """Before anything is loaded, as after two starts that failed."""
    from trader_gui.start.safe_mode import wants_safe_mode
    from trader_gui.widgets.scrim import ScrimCard

    asking = asyncio.create_task(wants_safe_mode(window, 2))
    await asyncio.sleep(0.1)
    await take("safe-mode")
    window.findChildren(ScrimCard)[0].take("usual")
    await asking


async def crash_report(window: MainWindow, data_dir: Path, take: Take) -> None:
    """What the start after a crash shows."""
    from trader_gui.telling.fault_report import show_crash

    crash = data_dir / "crash-1773309723000.txt"
    crash.write_text(_STACKS)
    card = await show_crash(window, data_dir, crash)
    await take("crash")
    card.take("close")


async def settings_pages(page: SettingsPage, take: Take) -> None:
    """The page from its beginning, and where notices are chosen."""
    page.show_section("look")
    await take("settings")
    page.show_section("awake")
    await take("settings-notices")
    page.show_section("look")
