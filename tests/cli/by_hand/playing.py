"""A few bars and signals written in one line each, played by the console."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.console import answer
from tests.runtime.support import MINUTE

BEGINS_AT = 1_700_006_040_000
"""23:54 UTC: bar 5 is the day's last one, bar 6 opens with the new day."""


def write_bars(path: Path, bars: str, each_min: int = 1, first: int = 0) -> Path:
    """``100 101 99 100, 100*3``: open high low close; one price with a count is as many bars
    without a range. `first` counts minutes from BEGINS_AT."""
    rows: list[list[str]] = []
    for text in bars.split(","):
        price, _, count = text.strip().partition("*")
        rows += [[price] * 4] * int(count) if count else [text.split()]
    lines = [
        ",".join([str(BEGINS_AT + (first + each_min * place) * MINUTE), *row, "1"])
        for place, row in enumerate(rows)
    ]
    path.write_text("\n".join(["time,open,high,low,close,volume", *lines]) + "\n")
    return path


def write_signals(path: Path, signals: str, each_min: int = 1) -> Path:
    """``0 buy, 3 sell``: the bar at whose close it is known, and what is said."""
    lines = []
    for text in signals.split(","):
        bar, action = text.split()
        lines.append(f"{BEGINS_AT + int(bar) * each_min * MINUTE},{action}")
    path.write_text("\n".join(["time,action", *lines]) + "\n")
    return path


def arguments(folder: Path, bars: str, signals: str, options: Iterable[object]) -> list[str]:
    """One coin market without fees unless `options` say otherwise; 10 % of 10,000 for a trade."""
    given = [str(option) for option in options]
    usual = {"--fee-pct": "0", "--size": "pct:10", "--timeframe": "1m"}
    if "--position-pct" in given:
        del usual["--size"]
    each_min = 5 if "5m" in given else 1
    return [
        "backtest", "--symbol", "A/USD",
        "--candles", str(write_bars(folder / "bars.csv", bars, each_min)),
        "--signals", str(write_signals(folder / "signals.csv", signals, each_min)),
        *(word for pair in usual.items() if pair[0] not in given for word in pair),
        *given,
    ]  # fmt: skip


def play(
    folder: Path, capsys: pytest.CaptureFixture[str], bars: str, signals: str, *options: object
) -> Any:
    """The document that the console prints."""
    return answer(capsys, *arguments(folder, bars, signals, options))


def trade_lines(document: Any) -> list[str]:
    """``long 10 1@100 3@110 signal fees 2.1 pnl 97.9``: bars are minutes from the first one; a
    trade that depends on the path inside a bar ends with ``doubtful``."""
    return [
        f"{one['side']} {one['amount']} {_minute(one['entry_time'])}@{one['entry_price']} "
        f"{_minute(one['exit_time'])}@{one['exit_price']} {one['exit_reason']} "
        f"fees {one['fees']} pnl {one['pnl']}" + " doubtful" * one["ambiguous"]
        for one in document["trades"]
    ]


def _minute(at: int) -> int:
    return (at - BEGINS_AT) // MINUTE
