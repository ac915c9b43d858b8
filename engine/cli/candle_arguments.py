"""Options of everything that tests a strategy over recorded candles: which, and on what."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.cli.arguments import decimal, moment, pair
from engine.errors import InvalidSetting
from engine.runtime.folders import default_data_dir

if TYPE_CHECKING:
    from engine.domain.bots import ExtraFile
    from engine.markets.archive.archive import Archive

SIGNALS_STRATEGY: Final = "signals_file"
NO_FILE: Final = "none"
"""Instead of a file of finer candles: not even those of the archive."""


def add_candle_options(verb: argparse.ArgumentParser, stored: str = "") -> None:
    """One market, its candles and the part of them that is played; `stored` says what goes to
    --data-dir, which a verb that stores nothing does not have."""
    add = verb.add_argument_group("market").add_argument
    add("--symbol", required=True, metavar="BTC/USDT")
    add("--timeframe", metavar="1m", help="default: what the file has; needed with --archive")
    add("--price-step", type=decimal, metavar="S", help="default: found in the file")
    add("--amount-step", type=decimal, metavar="S", help="default 0.00000001 or what money allows")
    add("--min-amount", type=decimal, metavar="A", help="smallest order, in coins")
    add("--min-notional", type=decimal, metavar="A", help="smallest order, in money")
    data = verb.add_argument_group("data")
    source = data.add_mutually_exclusive_group(required=True)
    source.add_argument("--candles", type=Path, metavar="FILE", help="CSV of candles")
    source.add_argument(
        "--archive", metavar="EXCHANGE", help="its candles, kept in the archive of the data folder"
    )
    add = data.add_argument
    add("--from", type=moment, dest="from_at", metavar="T", help="inclusive; naive times are UTC")
    add("--to", type=moment, dest="to_at", metavar="T", help="exclusive")
    add(
        "--fine",
        type=Path,
        metavar="FILE|none",
        help="CSV of candles of a finer timeframe: they decide what came first inside a bar; "
        "default: the finest of the archive, which none switches off",
    )
    add(
        "--funding",
        type=Path,
        metavar="FILE",
        help="CSV time,rate of a future's funding; the header says rate_pct for percents, else "
        "the rate is a fraction (0.0001 is 0.01 %%)",
    )
    add_extra_option(data, "; default: those of the archive")
    if stored:
        words = f"store the {stored} there; default: nowhere. It holds the archive, too"
        add("--data-dir", type=Path, metavar="D", help=words)
        add("--no-store", action="store_true", help="of --data-dir only the archive is read")


def add_extra_option(group: argparse._ActionsContainer, default: str = "") -> None:
    """Files of other markets; `default` says what there is without one."""
    group.add_argument(
        "--extra",
        type=extra_file,
        action="append",
        default=[],
        metavar="SYMBOL:TIMEFRAME=FILE",
        help=f"candles of another market that the strategy follows{default}",
    )


def add_strategy_options(
    verb: argparse.ArgumentParser, value: str = "NAME=VALUE", words: str | None = None
) -> None:
    """The strategy, its parameters, or signals from a file."""
    add = verb.add_argument_group("strategy").add_argument
    add("--strategy", metavar="NAME", help="implied by --signals")
    add("--set", action="append", default=[], type=pair, metavar=value, dest="params", help=words)
    add("--signals", type=Path, metavar="FILE", help="CSV time,action; implies signals_file")


def extra_file(text: str) -> ExtraFile:
    """``ETH/USDT:1h=eth.csv``."""
    from engine.domain.bots import ExtraFile
    from engine.domain.candles import timeframe_ms

    market, found, path = text.partition("=")
    symbol, colon, timeframe = market.rpartition(":")
    try:
        length = timeframe_ms(timeframe)
    except InvalidSetting as error:
        raise argparse.ArgumentTypeError(error.words) from None
    if not (found and colon and symbol.strip() and path):
        raise argparse.ArgumentTypeError(f"{text!r} is not SYMBOL:TIMEFRAME=FILE")
    return ExtraFile(symbol.strip(), length, os.path.abspath(path))


def archive_of(arguments: argparse.Namespace) -> Archive:
    """The archive of the data folder that was given, or of the usual one."""
    from engine.runtime.sources.archived import archive_in

    return archive_in(arguments.data_dir or default_data_dir())


def store_in(arguments: argparse.Namespace) -> Path | None:
    """The folder into which what came out goes; None if it is only printed."""
    return None if arguments.no_store else arguments.data_dir


def strategy_given(arguments: argparse.Namespace) -> str | None:
    """The strategy's name, which a file of signals implies; None where neither is given."""
    name: str | None = arguments.strategy
    if arguments.signals is None:
        return name
    if name not in (None, SIGNALS_STRATEGY):
        raise InvalidSetting(
            f"--signals goes with --strategy {SIGNALS_STRATEGY}, not with {name}. "
            "Leave one of them out.",
            field="signals",
        )
    return SIGNALS_STRATEGY


def params_given(arguments: argparse.Namespace) -> Mapping[str, str]:
    """``--set`` values by name; a name given twice is a mistake."""
    given: dict[str, str] = {}
    for name, value in arguments.params:
        if name in given:
            raise InvalidSetting(f"--set {name} is given twice. Give it once.", field=name)
        given[name] = value
    return given
