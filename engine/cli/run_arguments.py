"""The arguments of `trader-engine run`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, add_json, decimal, whole
from engine.cli.candle_arguments import add_extra_option, add_strategy_options


def _add_options(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    source = verb.add_mutually_exclusive_group(required=True)
    source.add_argument("--simulated", action="store_true", help="a generated market")
    source.add_argument("--candles", type=Path, metavar="FILE", help="recorded candles as a feed")
    source.add_argument(
        "--resume",
        action="store_true",
        help="go on with the bots that ran in this folder when the program ended, as the setting "
        "'resume' does in the window, whatever is set there; not with those a person stopped",
    )
    add("--bots", type=whole, metavar="N", help="how many; not with --resume")
    add(
        "--speed",
        type=decimal,
        metavar="X",
        help="market time per wall time; with --resume that of the simulated market, 1 if left out",
    )
    add("--for", required=True, type=decimal, dest="seconds", metavar="SECONDS")
    add("--data-dir", required=True, type=Path, metavar="D")
    add_strategy_options(verb)
    add_extra_option(verb.add_argument_group("data"), "; goes with --candles")
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> None:
    from engine.cli.waiting import load_kernel_telling

    load_kernel_telling()
    from engine.cli.run import run

    run(arguments)


RUN: Final = Verb("run", "run bots for a while", _add_options, _carry_out)
