"""The arguments of `trader-engine walk-forward`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, add_json, whole
from engine.cli.candle_arguments import add_candle_options, add_strategy_options
from engine.cli.trade_arguments import add_trade_options


def _add_options(verb: argparse.ArgumentParser) -> None:
    add_candle_options(verb)
    add_strategy_options(
        verb,
        "NAME=FROM:TO:STEP|A,B,C",
        "values of a parameter or of a trade setting, as in a sweep",
    )
    add = verb.add_argument_group("walk forward").add_argument
    add("--data-dir", type=Path, metavar="D", help="whose archive and strategies are used")
    add("--train-days", type=float, required=True, metavar="D", help="that choose")
    add("--test-days", type=float, required=True, metavar="D", help="after them, that test")
    add("--sort", default="return_pct", metavar="FIGURE", help="what chooses, default return_pct")
    add("--workers", type=whole, metavar="N", help="threads; default: one for each processor")
    add_trade_options(verb)
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.waiting import load_loop_telling
    from engine.runtime.kernel_warmth import SWEEP as LOOP

    load_loop_telling(LOOP)
    from engine.cli.walk_forward import walk_forward_words

    return walk_forward_words(arguments)


WALK_FORWARD: Final = Verb(
    "walk-forward", "choose on one window, test on the next, again and again", _add_options,
    _carry_out,
)  # fmt: skip
