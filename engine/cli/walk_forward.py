"""`trader-engine walk-forward`: windows over recorded candles, told as a line for each."""

from __future__ import annotations

import argparse
import json
import threading
from typing import Any

from engine.cli.backtest import sources_of, wish_of
from engine.cli.candle_arguments import params_given
from engine.cli.trade_arguments import trade_given
from engine.domain.candles import DAY_MS, moment_text
from engine.domain.sweeps import SweepRow
from engine.errors import InvalidSetting
from engine.messages.commands import RunSweep
from engine.messages.progress import nobody_told
from engine.messages.sweeping import WalkForward
from engine.runtime.sweep.grid import read_values
from engine.runtime.sweep.planning import plan_sweep
from engine.runtime.sweep.ranking import RANKINGS
from engine.runtime.sweep.walking import walk_forward, windows_of


def walk_forward_words(arguments: argparse.Namespace) -> str:
    """A line for each window, and what all test parts came to; nothing is stored."""
    if arguments.sort not in RANKINGS:
        raise InvalidSetting(
            f"{arguments.sort!r} is no figure of a sweep. Choose one of: {', '.join(RANKINGS)}.",
            field="sort",
        )
    given = {name: read_values(name, text) for name, text in params_given(arguments).items()}
    wish = RunSweep(wish_of(arguments, {}, trade_given(arguments)), given)
    plan = plan_sweep(wish, sources_of(arguments, wish.backtest))
    begin, _, end = plan.span
    lengths = (round(days * DAY_MS) for days in (arguments.train_days, arguments.test_days))
    windows = windows_of(begin, end, *lengths)
    stop = threading.Event()
    made = walk_forward(plan, windows, arguments.sort, nobody_told, stop, arguments.workers or 0)
    return json.dumps(_document(made)) if arguments.json else _text(made)


def _settings(row: SweepRow) -> dict[str, str]:
    return {name: "off" if value is None else str(value) for name, value in row.settings.items()}


def _document(made: WalkForward) -> dict[str, Any]:
    return {
        "return_pct": made.return_pct,
        "efficiency": made.efficiency,
        "windows": [
            {
                "train_at": step.train_at,
                "test_at": step.test_at,
                "end_at": step.end_at,
                "settings": _settings(step.chosen),
                "train_return_pct": step.chosen.return_pct,
                "test_return_pct": step.test.return_pct,
                "test_trades": step.test.trades,
            }
            for step in made.steps
        ],
    }


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f} %"


def _text(made: WalkForward) -> str:
    lines = []
    for step in made.steps:
        settings = " ".join(f"{name}={value}" for name, value in _settings(step.chosen).items())
        lines.append(
            f"{moment_text(step.test_at)}  train {_percent(step.chosen.return_pct)}  "
            f"test {_percent(step.test.return_pct)}  {step.test.trades:,} trades  {settings}"
        )
    ratio = "-" if made.efficiency is None else f"{made.efficiency:.2f}"
    lines.append(f"all tests together {_percent(made.return_pct)}, efficiency {ratio}")
    return "\n".join(lines)
