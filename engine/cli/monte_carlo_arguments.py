"""The arguments of `trader-engine monte-carlo`."""

from __future__ import annotations

import argparse
from typing import Final

from engine.cli.arguments import Verb, add_session, whole


def _add_options(verb: argparse.ArgumentParser) -> None:
    add_session(verb)
    verb.add_argument("--runs", type=whole, metavar="N", help="of each kind, default 2000")
    verb.add_argument("--seed", type=whole, metavar="S", help="of the chance, default 1")


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.monte_carlo import monte_carlo_words

    return monte_carlo_words(arguments)


MONTE_CARLO: Final = Verb(
    "monte-carlo", "what chance could have made of a session's trades", _add_options, _carry_out
)
