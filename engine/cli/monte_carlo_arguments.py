"""The arguments of `trader-engine monte-carlo`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, add_json, whole


def _add_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", metavar="SESSION", help="a session's number, S-0007 or 7")
    verb.add_argument("--data-dir", type=Path, metavar="D")
    verb.add_argument("--runs", type=whole, metavar="N", help="of each kind, default 2000")
    verb.add_argument("--seed", type=whole, metavar="S", help="of the chance, default 1")
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.monte_carlo import monte_carlo_words

    return monte_carlo_words(arguments)


MONTE_CARLO: Final = Verb(
    "monte-carlo", "what chance could have made of a session's trades", _add_options, _carry_out
)
