"""How the console reads its arguments: strictly, a mistake is one line that says what to do.

A verb is one small file (`backtest_arguments.py`) with its options and what carries it out;
`verbs.py` knows them all.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Never

from engine.errors import AskPerson

_EPOCH_DIGITS: Final = 11
"""Shorter whole numbers are years or seconds, which nobody means by epoch milliseconds."""

_MOST_DIGITS: Final = 30
"""Nobody's money or percent has more in front of the point or behind it."""


class WrongArguments(AskPerson):
    """The command line cannot be understood."""


class Parser(argparse.ArgumentParser):
    """Raises instead of printing a block of usage; knows no abbreviations."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> Never:
        said = message[:1].upper() + message[1:]
        raise WrongArguments(f"{said}. Run `{self.prog} --help` to see what it takes.")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a verb prints that says more by its exit status than that it worked."""

    text: str
    status: int


@dataclass(frozen=True, slots=True)
class Verb:
    """One word after `trader-engine`."""

    name: str
    words: str
    """For the list of verbs in `--help`."""
    add_options: Callable[[argparse.ArgumentParser], None]
    carry_out: Callable[[argparse.Namespace], str | Answered | None]
    """Imports what it needs only when it is called. Answers with what is to be printed."""


def add_json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="for programs")


def add_session(verb: argparse.ArgumentParser, of: str = "") -> None:
    """One stored session, the folder it is in, and `--json`."""
    verb.add_argument("id", metavar="SESSION", help=f"{of}42 or S-0042")
    verb.add_argument("--data-dir", type=Path, metavar="D")
    add_json(verb)


def parts_of(
    verb: argparse.ArgumentParser, *named: tuple[str, str], own_json: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The words after a verb that is several (`what`), each with what the list in `--help` says of
    it. To add options to; a folder and `--json` follow behind them, but for the one that has an
    `own_json`."""
    names = "|".join(name for name, _ in named)
    what = verb.add_subparsers(dest="what", required=True, metavar=names, parser_class=Parser)
    for name, words in named:
        part = what.add_parser(name, help=words)
        yield name, part
        part.add_argument("--data-dir", type=Path, metavar="D")
        if name != own_json:
            add_json(part)


def moment(text: str) -> int:
    """UTC ms of an ISO time (naive is UTC), a date, or epoch milliseconds."""
    if text.isdecimal() and len(text) >= _EPOCH_DIGITS:
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time. Write 2022-01-15, 2022-01-15T08:30 or epoch milliseconds"
        ) from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    whole = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * 1_000 + whole.microseconds // 1_000


def decimal(text: str) -> Decimal:
    """A finite number, exact as written."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    if value and abs(value.adjusted()) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r} is far outside of what can be meant")
    return value


def whole(text: str) -> int:
    """A whole number."""
    if not text.strip().lstrip("+-").isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def pair(text: str) -> tuple[str, str]:
    """``NAME=VALUE``."""
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), value.strip()
