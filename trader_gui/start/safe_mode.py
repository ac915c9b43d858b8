"""A start without what may be at fault: offered after starts that never got ready."""

from __future__ import annotations

from typing import Final

from engine.language import tr, trc
from trader_gui.frame.main_window import MainWindow
from trader_gui.widgets.scrim import Choice

SAFE: Final = "safe"
_WHAT: Final = tr(
    "No bot goes on by itself, your own strategies are not loaded, and panels have "
    "their usual sizes. Nothing that is stored changes: at the next start all of it "
    "is as before."
)


async def wants_safe_mode(window: MainWindow, unready: int) -> bool:
    """Ask; safe mode is what Esc takes, because the usual start failed so often."""
    card = window.ask(
        tr("Start in safe mode?"),
        tr(
            "The last {count} starts did not get ready. Safe mode leaves out what may be at "
            "fault. {what}",
            count=unready,
            what=_WHAT,
        ),
        [
            Choice(SAFE, tr("Start in safe mode"), "primary"),
            Choice("usual", tr("Start as usual")),
        ],
    )
    return await card.answer() == SAFE


def show_safe_mode(window: MainWindow) -> None:
    """Say it for as long as the program runs."""
    window.setWindowTitle(tr("{title} (safe mode)", title=window.windowTitle()))
    caption = trc("how the program was started", "Start")
    window.status_bar.set_cell("start", caption, tr("safe mode"), "warn", _WHAT, 95)
    window.toasts.show(tr("Safe mode. {what}", what=_WHAT))
