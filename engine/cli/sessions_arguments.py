"""The arguments of `trader-engine sessions`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, parts_of

_MOST_DIGITS: Final = 9


def _add_options(verb: argparse.ArgumentParser) -> None:
    for name, part in parts_of(
        verb,
        ("list", "all sessions, newest first"),
        ("show", "one session: settings, trades, refusals, metrics"),
        ("export", "its trades as CSV, all of it as JSON, or a report as HTML"),
        ("keep", "for how long paper sessions keep their ticks after they ended"),
        own_json="export",
    ):
        if name in ("show", "export"):
            part.add_argument("id", metavar="ID", help="42 or S-0042")
        if name == "export":
            _add_files(part)
        if name == "keep":
            part.add_argument("--days", type=_days, metavar="N|all", help="choose it")


def _add_files(part: argparse.ArgumentParser) -> None:
    """Without a file, the trades or (with --json alone) all of it are printed."""
    part.add_argument("--html", type=Path, metavar="FILE", help="a report to read and to print")
    part.add_argument("--csv", type=Path, metavar="FILE", help="its trades")
    part.add_argument(
        "--json",
        nargs="?",
        const=True,
        default=False,
        metavar="FILE",
        help="all of it; without a file it is printed",
    )


def _days(text: str) -> int | str:
    if text != "all" and not (text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days. Write 30, or all")
    return text if text == "all" else int(text)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.sessions import sessions

    return sessions(arguments)


SESSIONS: Final = Verb(
    "sessions", "look at what was stored, and say how long ticks are kept", _add_options, _carry_out
)
