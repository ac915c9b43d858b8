"""The arguments of `trader-engine archive`."""

from __future__ import annotations

import argparse
from typing import Final

from engine.cli.arguments import Verb, moment, parts_of


def _add_options(verb: argparse.ArgumentParser) -> None:
    for name, part in parts_of(
        verb,
        ("list", "what is kept of which markets, and what is missing"),
        ("check", "read every byte; what is damaged is set aside and named"),
        ("delete", "remove a market's candles"),
        ("download", "fetch what is missing from an exchange; run again, it goes on"),
    ):
        add = part.add_argument
        one = name in ("delete", "download")
        add("--exchange", metavar="NAME", required=one, help="as ccxt calls it, or your own word")
        add("--symbol", metavar="BTC/USDT", required=one)
        add("--timeframe", metavar="1m", required=name == "download", help="default: all")
        if name == "download":
            add("--from", type=moment, dest="from_at", metavar="T", required=True, help="inclusive")
            add("--to", type=moment, dest="to_at", metavar="T", help="exclusive; default: now")


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.archive import archive

    return archive(arguments)


ARCHIVE: Final = Verb("archive", "look after the candles that are kept", _add_options, _carry_out)
