"""Options of everything that trades: money, costs, size, exits and rules."""

from __future__ import annotations

import argparse

from engine.cli.arguments import decimal, whole
from engine.domain.settings import Direction, TradeSettings


def add_trade_options(verb: argparse.ArgumentParser) -> None:
    """Everything that `trade_settings` reads."""
    add = verb.add_argument
    add("--cash", type=decimal, metavar="AMOUNT", help="default 10000")
    add("--fee-pct", type=decimal, metavar="X", help="each side, default 0.1")
    add("--slippage-pct", type=decimal, metavar="X", help="market and stop fills, default 0")
    add("--position-pct", type=decimal, metavar="X", help="share of equity, default 25")
    add("--direction", choices=[way.value for way in Direction], default="both")
    add("--stop-loss-pct", type=decimal, metavar="X")
    add("--take-profit-pct", type=decimal, metavar="X")
    add("--trailing-pct", type=decimal, metavar="X")
    add("--trailing-activate-pct", type=decimal, metavar="X")
    add("--cooldown-min", type=whole, metavar="N")
    add("--max-trades-per-day", type=whole, metavar="N")
    add(
        "--no-risk-rules",
        action="store_true",
        help="only the market's own limits remain; other rules given are ignored",
    )


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
    settings = TradeSettings(direction=Direction(arguments.direction), **given)  # type: ignore[arg-type]
    settings = settings.without_rules() if arguments.no_risk_rules else settings
    settings.check()
    return settings
