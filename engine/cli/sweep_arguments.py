"""The arguments of `trader-engine sweep`."""

from __future__ import annotations

import argparse
from typing import Final

from engine.cli.arguments import Verb, add_json, whole
from engine.cli.candle_arguments import add_candle_options, add_strategy_options
from engine.cli.trade_arguments import add_trade_options


def _add_options(verb: argparse.ArgumentParser) -> None:
    add_candle_options(verb, stored="sweep")
    add_strategy_options(
        verb,
        "NAME=FROM:TO:STEP|A,B,C",
        "values of a parameter or of a trade setting, as --json names it (stop_loss_pct=off,1,2)",
    )
    add = verb.add_argument_group("sweep").add_argument
    add("--random", type=whole, metavar="N", help="so many sets by chance instead of all of them")
    add("--seed", type=whole, metavar="S", help="of the chance, default 1")
    add("--sort", default="net_profit", metavar="FIGURE", help="best first, default net_profit")
    add("--top", type=whole, metavar="N", help="rows to print; default 20, with --json all")
    add("--workers", type=whole, metavar="N", help="threads; default: one for each processor")
    add("--promote", type=whole, metavar="N", help="store the best N as sessions, in --data-dir")
    add_trade_options(verb)
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.waiting import load_loop_telling
    from engine.runtime.kernel_warmth import SWEEP as LOOP

    load_loop_telling(LOOP)
    from engine.cli.sweep import sweep

    return sweep(arguments)


SWEEP: Final = Verb("sweep", "try many settings over recorded candles", _add_options, _carry_out)
