"""A start that finds a damaged database: what a person does about it, until the next try."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace
from pathlib import Path

from engine.errors import DatabaseDamaged, Fault
from engine.language import tr
from engine.runtime.clock import WallClock
from engine.runtime.recovery.rescuing import rescue_lines, save_readable
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.navigation import first_pages
from trader_gui.pages.rescue import RescuePage

log = logging.getLogger(__name__)


async def rescued(window: MainWindow, data_dir: Path, damage: DatabaseDamaged) -> None:
    """Offer to save what can be read; returns once that is done and the program is to be started
    with it. Quitting closes the window as its cross does."""
    page = RescuePage(damage.words)
    for known in first_pages(damage.words, tr("The program could not start")):
        shown = replace(known, factory=lambda: page) if known.name == "monitor" else known
        window.register(shown)
    window.show_page("monitor")
    asked, start, stop = asyncio.Event(), asyncio.Event(), threading.Event()
    page.save_asked.connect(asked.set)
    page.cancel_asked.connect(lambda: stop.set())
    page.start_asked.connect(start.set)
    page.quit_asked.connect(window.close_requested)
    done = False
    while not done:
        await asked.wait()
        asked.clear()
        stop.clear()
        page.show_work()
        try:
            saved = await save_readable(data_dir, WallClock().now_ms(), page.show_progress, stop)
        except Fault as fault:
            log.warning("Nothing was saved of the damaged database: %s", fault.words)
            page.show_failure(fault)
        else:
            page.show_done(rescue_lines(saved))
            done = True
    await start.wait()
    for known in first_pages():
        window.register(known)
