"""The arguments of `trader-engine sessions`."""

from __future__ import annotations

import argparse
from typing import Final

from engine.cli.arguments import Verb, parts_of

_MOST_DIGITS: Final = 9


def _add_options(verb: argparse.ArgumentParser) -> None:
    for name, part in parts_of(
        verb,
        ("list", "all sessions, newest first"),
        ("show", "one session: settings, trades, refusals, metrics"),
        ("export", "its trades as CSV; with --json all of it, events and recording included"),
        ("keep", "for how long paper sessions keep their ticks after they ended"),
    ):
        if name in ("show", "export"):
            part.add_argument("id", metavar="ID", help="42 or S-0042")
        if name == "keep":
            part.add_argument("--days", type=_days, metavar="N|all", help="choose it")


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
