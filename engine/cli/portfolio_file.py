"""The bots of a portfolio as a TOML file: each is what `backtest` would be told."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from engine.cli.arguments import Parser
from engine.cli.backtest import wish_of
from engine.cli.candle_arguments import (
    NO_FILE,
    add_candle_options,
    add_strategy_options,
    params_given,
)
from engine.cli.trade_arguments import add_trade_options, trade_settings
from engine.domain.money import plain
from engine.errors import FileRefused, InvalidSetting
from engine.messages.commands import PortfolioBot
from engine.runtime.portfolio.planning import naming

_PATHS: Final = frozenset({"candles", "signals", "fine", "funding"})
_OF_THE_ACCOUNT: Final = frozenset({"cash", "data-dir", "json"})


def read_bots(path: Path) -> tuple[PortfolioBot, ...]:
    """The bots of the file at `path`, each checked as `backtest` checks its options."""
    try:
        document = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise FileRefused(
            f"{path} cannot be read ({error.strerror}). Give the TOML file of the bots."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ArithmeticError) as error:
        raise FileRefused(f"{path} is not a TOML file: {error}. Correct it there.") from None
    bots = document.pop("bots", [])
    if document or not isinstance(bots, list) or not all(isinstance(bot, dict) for bot in bots):
        odd = f" What is {', '.join(map(repr, document))}?" if document else ""
        raise FileRefused(f"{path} must hold a [[bots]] table for each bot and no more.{odd}")
    return tuple(_bot(number, bot, path.parent) for number, bot in enumerate(bots, 1))


def _bot(number: int, given: Mapping[str, Any], folder: Path) -> PortfolioBot:
    options = {name.replace("_", "-"): value for name, value in given.items()}
    name = str(options.pop("name", f"bot-{number}"))
    params = options.pop("params", {})
    with naming(name):
        arguments = _parsed(options, params, folder)
        wish = wish_of(arguments, dict(params_given(arguments)), trade_settings(arguments))
    return PortfolioBot(name, wish)


def _parsed(options: Mapping[str, Any], params: object, folder: Path) -> argparse.Namespace:
    """The same options as on the command line, read by the same parser."""
    if not isinstance(params, dict):
        raise InvalidSetting("params must be a table of names and values.", field="params")
    words: list[str] = []
    away: list[str] = []
    for name, value in options.items():
        if name in _OF_THE_ACCOUNT:
            raise InvalidSetting(
                f"{name} belongs to the portfolio, not to one of its bots. Give it on the command "
                "line.",
                field=name,
            )
        if isinstance(value, bool):
            (words if value else away).append(f"--{name}")
        elif name == "extra":
            words += [f"--extra={one}" for one in _extra_files(value, folder)]
        else:
            text = _text(name, value)
            is_path = name in _PATHS and text != NO_FILE
            words.append(f"--{name}={folder / text if is_path else text}")
    words += [f"--set={name}={_text(name, value)}" for name, value in params.items()]
    parser = _parser()
    parser.parse_args(words + away)  # what is false must be a switch, too
    return parser.parse_args(words)


def _extra_files(value: object, folder: Path) -> Iterator[str]:
    """``SYMBOL:TIMEFRAME=FILE``, or a list of them."""
    for one in value if isinstance(value, list) else [value]:
        market, equals, path = _text("extra", one).partition("=")
        yield f"{market}{equals}{folder / path if path else path}"


def _parser() -> Parser:
    parser = Parser(prog="trader-engine backtest", add_help=False)
    add_candle_options(parser)
    add_strategy_options(parser)
    add_trade_options(parser)
    return parser


def _text(name: str, value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else str(value)
    if isinstance(value, bool | list | dict):
        raise InvalidSetting(
            f"{name} must be a number or a text, as it would stand on the command line.",
            field=name,
        )
    return str(value)
