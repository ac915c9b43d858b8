"""The arguments of `trader-engine strategies`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, pair, parts_of


def _add_options(verb: argparse.ArgumentParser) -> None:
    for name, part in parts_of(
        verb,
        ("list", "the strategies of the program, and the files of the strategies folder"),
        ("allow", "let a file run: read it first, it gets all rights of this program"),
        ("forbid", "ask again before a file may run"),
        ("check", "ask an allowed strategy on ever longer pasts whether it knows the future"),
    ):
        if name != "list":
            part.add_argument("file", metavar="FILE", help="in the strategies folder")
        if name == "check":
            part.add_argument("--candles", type=Path, metavar="CSV", help="default: made here")
            part.add_argument(
                "--set", action="append", default=[], type=pair, metavar="NAME=VALUE", dest="params"
            )


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.strategies import strategies

    return strategies(arguments)


STRATEGIES: Final = Verb(
    "strategies", "list strategies, and say which files may run as one", _add_options, _carry_out
)
