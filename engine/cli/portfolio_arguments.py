"""The arguments of `trader-engine portfolio`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, add_json, decimal, whole


def _add_options(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add(
        "--bots",
        required=True,
        type=Path,
        metavar="FILE.toml",
        help="a [[bots]] table for each: the options of backtest by their names, its strategy's "
        "parameters under [bots.params]; paths are relative to the file",
    )
    add("--cash", type=decimal, metavar="AMOUNT", help="of all bots together, default 10000")
    add("--max-open-positions", type=whole, metavar="N", help="of all bots together")
    add(
        "--max-exposure-pct",
        type=decimal,
        metavar="X",
        help="percent of the equity that open positions may set aside together",
    )
    add("--data-dir", type=Path, metavar="D", help="store the sessions there; default: nowhere")
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.waiting import load_loop_telling
    from engine.runtime.kernel_warmth import PORTFOLIO as LOOP

    load_loop_telling(LOOP)
    from engine.cli.portfolio import portfolio

    return portfolio(arguments)


PORTFOLIO: Final = Verb(
    "portfolio", "run several bots on one balance over recorded candles", _add_options, _carry_out
)
