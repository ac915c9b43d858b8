"""`trader-engine rescue`: a damaged database is set aside, what can be read of it goes on."""

from __future__ import annotations

import argparse
import json

from engine.runtime.clock import WallClock
from engine.runtime.folders import default_data_dir
from engine.runtime.recovery.rescuing import rescue_lines
from engine.store.rescuing import rescue


def rescue_folder(arguments: argparse.Namespace) -> str:
    """What came over, and what could not be read."""
    rescued = rescue(arguments.data_dir or default_data_dir(), WallClock().now_ms())
    if arguments.json:
        document = {
            "set_aside": rescued.set_aside.name,
            "read": rescued.read,
            "unreadable": rescued.lost,
            "cut": list(rescued.cut),
        }
        return json.dumps(document)
    return "\n".join(rescue_lines(rescued))
