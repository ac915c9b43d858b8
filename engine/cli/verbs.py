"""All verbs of the console. A new one is two lines here and a file of its own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

from engine.cli.archive_arguments import ARCHIVE
from engine.cli.arguments import Parser, Verb
from engine.cli.backtest_arguments import BACKTEST
from engine.cli.compare_backtest_arguments import COMPARE_BACKTEST
from engine.cli.import_arguments import IMPORT
from engine.cli.monte_carlo_arguments import MONTE_CARLO
from engine.cli.portfolio_arguments import PORTFOLIO
from engine.cli.rescue_arguments import RESCUE
from engine.cli.run_arguments import RUN
from engine.cli.sessions_arguments import SESSIONS
from engine.cli.strategies_arguments import STRATEGIES
from engine.cli.sweep_arguments import SWEEP
from engine.cli.verify_arguments import VERIFY
from engine.cli.walk_forward_arguments import WALK_FORWARD

VERBS: Final[tuple[Verb, ...]] = (
    ARCHIVE,
    BACKTEST,
    COMPARE_BACKTEST,
    IMPORT,
    MONTE_CARLO,
    PORTFOLIO,
    RESCUE,
    RUN,
    SESSIONS,
    STRATEGIES,
    SWEEP,
    VERIFY,
    WALK_FORWARD,
)


def parser() -> Parser:
    """The whole command line; `arguments.verb` is the `Verb` that was asked for."""
    top = Parser(prog="trader-engine", description="The trading engine without a window.")
    names = "|".join(verb.name for verb in VERBS)
    verbs = top.add_subparsers(required=True, metavar=names, parser_class=Parser)
    for verb in VERBS:
        part = verbs.add_parser(verb.name, help=verb.words)
        verb.add_options(part)
        part.set_defaults(verb=verb)
    return top


def read_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parsed, or WrongArguments."""
    return parser().parse_args(argv)
