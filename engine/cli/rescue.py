"""`trader-engine rescue`: a damaged database is set aside, what can be read of it goes on."""

from __future__ import annotations

import argparse
import json

from engine.runtime.clock import WallClock
from engine.runtime.folders import default_data_dir
from engine.store.rescuing import rescue


def rescue_folder(arguments: argparse.Namespace) -> str:
    """What came over, and what could not be read."""
    rescued = rescue(arguments.data_dir or default_data_dir(), WallClock().now_ms())
    if arguments.json:
        document = {
            "set_aside": rescued.set_aside.name,
            "read": rescued.read,
            "unreadable": rescued.lost,
        }
        return json.dumps(document)
    lines = [
        f"The damaged file is kept as {rescued.set_aside.name}. Read from it:",
        *(f"  {count:,} {name.replace('_', ' ')}" for name, count in rescued.read.items() if count),
    ]
    if rescued.lost:
        lost = ", ".join(
            f"{count:,} of {name.replace('_', ' ')}" for name, count in rescued.lost.items()
        )
        lines.append(f"Row numbers that could not be read: {lost}.")
    else:
        lines.append("Everything could be read.")
    lines.append("The next start compares all of it with the stored events, and says what differs.")
    return "\n".join(lines)
