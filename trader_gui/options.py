"""What was asked of the program when it was started."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine import __version__
from engine.runtime.folders import default_data_dir
from engine.runtime.logs import LEVELS

PREFERENCES: Final = "preferences.toml"


@dataclass(frozen=True, slots=True)
class Options:
    """One start of the window."""

    data_dir: Path
    smoke_s: float | None = None
    """Run for so many seconds, then end; nobody is there to be asked anything."""
    offline: bool = False
    """Contact no exchange, and send nothing."""
    safe: bool = False
    """No bot goes on by itself, own strategies are not loaded, panels have their usual sizes."""
    reset_layout: bool = False
    """Forget sizes and columns that were chosen."""
    log_level: str = "info"
    diagnose: bool = False

    @property
    def preferences(self) -> Path:
        """The file of what a person prefers."""
        return self.data_dir / PREFERENCES


def parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        "trader-gui", description="Run, watch and review trading bots."
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="D", help="folder of all data and settings"
    )
    parser.add_argument("--offline", action="store_true", help="contact no exchange")
    parser.add_argument(
        "--safe-mode",
        action="store_true",
        help="no bot goes on by itself, own strategies are not loaded, usual layout",
    )
    parser.add_argument(
        "--reset-layout", action="store_true", help="forget chosen sizes and columns"
    )
    parser.add_argument(
        "--log-level", choices=LEVELS, default="info", help="how much the log tells (info)"
    )
    parser.add_argument("--smoke", type=float, metavar="N", help="run for N seconds, then end")
    parser.add_argument(
        "--diagnose", action="store_true", help="print what a report of a fault needs, and end"
    )
    parser.add_argument("--version", action="version", version=f"trader-gui {__version__}")
    read = parser.parse_args(arguments)
    return Options(
        data_folder(read.data_dir),
        smoke_s=read.smoke,
        offline=read.offline,
        safe=read.safe_mode,
        reset_layout=read.reset_layout,
        log_level=read.log_level,
        diagnose=read.diagnose,
    )


def data_folder(asked: Path | None) -> Path:
    """The folder asked for, else this user's own. It is made by who first writes into it."""
    if asked is not None:
        return asked.expanduser().absolute()
    return default_data_dir()
