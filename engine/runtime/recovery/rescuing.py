"""What can be read of a damaged database saved into a new one, for the console and the window."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from engine.language import localised, tr
from engine.messages.progress import Progress, Report
from engine.runtime.workers import in_thread
from engine.store.rescuing import Rescued, rescue

_TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "preferences": tr("preferences"),
        "accounts": tr("accounts"),
        "bots": tr("bots"),
        "sessions": tr("sessions"),
        "openings": tr("openings"),
        "bot_states": tr("bot states"),
        "bot_runs": tr("bot runs"),
        "recordings": tr("recordings"),
        "extra_recordings": tr("extra recordings"),
        "events": tr("events"),
        "signals": tr("signals"),
        "orders": tr("orders"),
        "fills": tr("fills"),
        "trades": tr("trades"),
        "simulated_markets": tr("simulated markets"),
        "sweeps": tr("sweeps"),
        "sweep_rows": tr("sweep rows"),
        "sweep_unseen_rows": tr("sweep rows of what was held back"),
        "sweep_origins": tr("what sweeps were played on"),
    }
)


async def save_readable(
    folder: Path, now_ms: int, report: Report, stop: threading.Event
) -> Rescued:
    """`rescue` off the loop. Whoever sets `stop` hears `Cancelled` once nothing is at work any
    more; cancelling the caller sets it and does not wait."""
    loop = asyncio.get_running_loop()

    def told(done: int, total: int) -> None:
        if not stop.is_set():
            words = tr("{done:,} of {total:,} rows looked at", done=done, total=total)
            loop.call_soon_threadsafe(report, Progress(done, total, words))

    try:
        return await in_thread("rescue", lambda: rescue(folder, now_ms, told, stop))
    except asyncio.CancelledError:
        stop.set()
        raise


def rescue_lines(rescued: Rescued) -> list[str]:
    """For a person: what is kept where, what came over, and what could not be read."""
    lines = [
        tr("The damaged file is kept as {name}. Read from it:", name=rescued.set_aside.name),
        *(
            f"  {localised(f'{count:,}')} {_called(name)}"
            for name, count in rescued.read.items()
            if count
        ),
    ]
    if rescued.lost:
        lost = ", ".join(
            tr("{count:,} of {table}", count=count, table=_called(name))
            for name, count in rescued.lost.items()
        )
        lines.append(tr("Row numbers that could not be read: {lost}.", lost=lost))
    if rescued.cut:
        cut = ", ".join(_called(name) for name in rescued.cut)
        lines.append(
            tr("What stood at the end of these is gone, how much is not known: {cut}.", cut=cut)
        )
    if not rescued.lost and not rescued.cut:
        lines.append(tr("Everything could be read."))
    lines.append(
        tr("The next start compares all of it with the stored events, and says what differs.")
    )
    return lines


def _called(table: str) -> str:
    return _TABLES.get(table, table.replace("_", " "))
