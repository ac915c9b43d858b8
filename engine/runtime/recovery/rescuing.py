"""What can be read of a damaged database saved into a new one, for the console and the window."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from engine.language import tr
from engine.messages.progress import Progress, Report
from engine.runtime.workers import in_thread
from engine.store.rescuing import Rescued, rescue


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
        *(f"  {count:,} {_called(name)}" for name, count in rescued.read.items() if count),
    ]
    if rescued.lost:
        lost = ", ".join(f"{count:,} of {_called(name)}" for name, count in rescued.lost.items())
        lines.append(tr("Row numbers that could not be read: {lost}.", lost=lost))
    else:
        lines.append(tr("Everything could be read."))
    lines.append(
        tr("The next start compares all of it with the stored events, and says what differs.")
    )
    return lines


def _called(table: str) -> str:
    return table.replace("_", " ")
