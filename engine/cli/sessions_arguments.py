"""The arguments of `trader-engine sessions`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Parser, Verb, add_json


def _add_options(verb: argparse.ArgumentParser) -> None:
    what = verb.add_subparsers(
        dest="what", required=True, metavar="list|show|export", parser_class=Parser
    )
    for name, words in (
        ("list", "all sessions, newest first"),
        ("show", "one session: settings, trades, refusals, metrics"),
        ("export", "its trades as CSV; with --json all of it, events and recording included"),
    ):
        part = what.add_parser(name, help=words)
        if name != "list":
            part.add_argument("id", metavar="ID", help="42 or S-0042")
        part.add_argument("--data-dir", type=Path, metavar="D")
        add_json(part)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.sessions import sessions

    return sessions(arguments)


SESSIONS: Final = Verb(
    "sessions", "look at what was stored; changes nothing", _add_options, _carry_out
)
