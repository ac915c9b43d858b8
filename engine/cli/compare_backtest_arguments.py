"""The arguments of `trader-engine compare-backtest`."""

from __future__ import annotations

import argparse
from typing import Final

from engine.cli.arguments import Verb, add_session


def _add_options(verb: argparse.ArgumentParser) -> None:
    add_session(verb, "of a bot: ")


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.waiting import load_kernel_telling

    load_kernel_telling()
    from engine.cli.compare_backtest import compare_backtest

    return compare_backtest(arguments)


COMPARE_BACKTEST: Final = Verb(
    "compare-backtest",
    "backtest the period of a bot's session and say trade by trade where the two differ",
    _add_options,
    _carry_out,
)
