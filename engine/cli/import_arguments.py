"""The arguments of `trader-engine import`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, add_json, whole

_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})")
_SEPARATORS: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}


def _add_options(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="files of one market, or folders")
    add = verb.add_argument_group("archive").add_argument
    add("--symbol", metavar="BTC/USDT", help="what they are of; needed to import")
    add("--exchange", default="imported", metavar="NAME", help="kept as, default imported")
    add("--data-dir", type=Path, metavar="D", help="default: the window's own")
    add = verb.add_argument_group("how the files are read; default: found out").add_argument
    add("--preview", action="store_true", help="say what the first file would be read as; no more")
    add("--timeframe", metavar="1m", help="that candles must have, or that trades are made into")
    add("--columns", type=columns, metavar="time=0,open=1,...", help="places from 0, or names")
    add(
        "--unit",
        choices=("s", "ms", "us", "ns", "iso", "dmy", "mdy"),
        help="of times: since 1970, or written (dmy: the day first)",
    )
    add("--utc-offset", type=utc_offset, metavar="+02:00", help="of times that name no zone")
    add("--separator", type=separator, metavar="SIGN", help="a character, or tab")
    add("--decimal", choices=(".", ","), help="point or comma in numbers")
    add("--skip", type=whole, metavar="N", help="lines before the first row")
    add_json(verb)


def columns(text: str) -> dict[str, int | str]:
    """``time=0,open=Eröffnung``: role -> place from 0, or name."""
    found: dict[str, int | str] = {}
    for part in text.split(","):
        role, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not role or not value or role in found:
            raise argparse.ArgumentTypeError(f"{text!r} is not time=0,open=1,... with each once")
        found[role] = int(value) if value.isdecimal() else value
    return found


def utc_offset(text: str) -> int:
    """``+02:00`` -> 7,200,000 ms."""
    found = _OFFSET.fullmatch(text)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise argparse.ArgumentTypeError(f"{text!r} is not an offset such as +02:00 or -05:30")
    minutes = int(found[2]) * 60 + int(found[3])
    return (-minutes if found[1] == "-" else minutes) * 60_000


def separator(text: str) -> str:
    """One character."""
    sign = _SEPARATORS.get(text, text)
    if len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in '"\n\r+-.':
        raise argparse.ArgumentTypeError(f"{text!r} is no separator. Give one sign, or tab")
    return sign


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.import_candles import import_candles

    return import_candles(arguments)


IMPORT: Final = Verb(
    "import", "candles and trades of other programs into the archive", _add_options, _carry_out
)
