"""The console's arguments, read strictly: a mistake is one line that says what to do."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Never

from engine.domain.settings import Direction, TradeSettings
from engine.errors import AskPerson, InvalidSetting

_EPOCH_DIGITS = 11
"""Shorter whole numbers are years or seconds, which nobody means by epoch milliseconds."""

_MOST_DIGITS = 30
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


def parser() -> Parser:
    """The whole command line; `arguments.verb` names what was asked for."""
    top = Parser(prog="trader-engine", description="The trading engine without a window.")
    verbs = top.add_subparsers(
        dest="verb",
        required=True,
        metavar="backtest|run|sessions",
        parser_class=Parser,
    )
    _backtest(verbs.add_parser("backtest", help="run a strategy over recorded candles"))
    _run(verbs.add_parser("run", help="run bots for a while"))
    _sessions(verbs.add_parser("sessions", help="look at what was stored; changes nothing"))
    return top


def _backtest(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--candles", required=True, type=Path, metavar="FILE", help="CSV of candles")
    add("--symbol", required=True, metavar="BTC/USDT")
    add("--timeframe", metavar="1m", help="default: what the file has")
    add("--strategy", metavar="NAME", help="implied by --signals")
    add("--set", action="append", default=[], type=_pair, metavar="NAME=VALUE", dest="params")
    add("--signals", type=Path, metavar="FILE", help="CSV time,action; implies signals_file")
    add("--cash", type=_decimal, metavar="AMOUNT", help="default 10000")
    add("--fee-pct", type=_decimal, metavar="X", help="each side, default 0.1")
    add("--slippage-pct", type=_decimal, metavar="X", help="market and stop fills, default 0")
    add("--position-pct", type=_decimal, metavar="X", help="share of equity, default 25")
    add("--direction", choices=[way.value for way in Direction], default="both")
    add("--stop-loss-pct", type=_decimal, metavar="X")
    add("--take-profit-pct", type=_decimal, metavar="X")
    add("--trailing-pct", type=_decimal, metavar="X")
    add("--trailing-activate-pct", type=_decimal, metavar="X")
    add("--cooldown-min", type=_whole, metavar="N")
    add("--max-trades-per-day", type=_whole, metavar="N")
    add(
        "--no-risk-rules",
        action="store_true",
        help="only the market's own limits remain; other rules given are ignored",
    )
    add("--price-step", type=_decimal, metavar="S", help="default: found in the file")
    add("--amount-step", type=_decimal, metavar="S", help="default 0.00000001 or what money allows")
    add("--from", type=moment, dest="from_at", metavar="T", help="inclusive; naive times are UTC")
    add("--to", type=moment, dest="to_at", metavar="T", help="exclusive")
    add("--data-dir", type=Path, metavar="D", help="store the session there; default: nowhere")
    _json(verb)


def _run(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    source = verb.add_mutually_exclusive_group(required=True)
    source.add_argument("--simulated", action="store_true", help="a generated market")
    source.add_argument("--candles", type=Path, metavar="FILE", help="recorded candles as a feed")
    add("--bots", required=True, type=_whole, metavar="N")
    add("--speed", required=True, type=_decimal, metavar="X", help="market time per wall time")
    add("--for", required=True, type=_decimal, dest="seconds", metavar="SECONDS")
    add("--data-dir", required=True, type=Path, metavar="D")
    _json(verb)


def _sessions(verb: argparse.ArgumentParser) -> None:
    what = verb.add_subparsers(
        dest="what", required=True, metavar="list|show|export", parser_class=Parser
    )
    for name, words in (
        ("list", "all sessions, newest first"),
        ("show", "one session: settings, trades, refusals, metrics"),
        ("export", "its trades as CSV; with --json all of it, events and recording included"),
    ):
        part = what.add_parser(name, help=words)
        if name != "list":
            part.add_argument("id", metavar="ID", help="42 or S-0042")
        part.add_argument("--data-dir", type=Path, metavar="D")
        _json(part)


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="for programs")


def trade_settings(arguments: argparse.Namespace) -> TradeSettings:
    """Money, costs, exits and rules as given; InvalidSetting for what cannot be meant."""
    given: dict[str, object] = {
        name: value
        for name in (
            "cash fee_pct slippage_pct position_pct stop_loss_pct take_profit_pct trailing_pct "
            "trailing_activate_pct cooldown_min max_trades_per_day"
        ).split()
        if (value := getattr(arguments, name)) is not None
    }
    if arguments.no_risk_rules:
        given |= {"max_position_pct": None, "cooldown_min": None, "max_trades_per_day": None}
    settings = TradeSettings(direction=Direction(arguments.direction), **given)  # type: ignore[arg-type]
    settings.check()
    return settings


def read_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parsed, or WrongArguments."""
    return parser().parse_args(argv)


def params_given(arguments: argparse.Namespace) -> Mapping[str, object]:
    """``--set`` values by name; a name given twice is a mistake."""
    given: dict[str, object] = {}
    for name, value in arguments.params:
        if name in given:
            raise InvalidSetting(f"--set {name} is given twice. Give it once.", field=name)
        given[name] = value
    return given


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


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    if value and abs(value.adjusted()) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r} is far outside of what can be meant")
    return value


def _whole(text: str) -> int:
    if not text.strip().lstrip("+-").isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), value.strip()
