"""The worked examples of the guide, read from its text and played by the console.

A block of code that begins with ``with`` is one: the options, a table of candles of one minute with
what the strategy says at a candle's close, and below a line of dashes what comes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.by_hand.playing import BEGINS_AT, play
from tests.runtime.support import MINUTE

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDE: Final = ROOT / "docs" / "guide"
_BLOCK: Final = re.compile(r"^```\n(with.*?)^```$", re.MULTILINE | re.DOTALL)
_WORDS: Final = {"long": ("Bought", "sold"), "short": ("Sold short", "bought back")}


@dataclass(frozen=True)
class Example:
    """`bars` and `signals` as `tests.cli.by_hand.playing` takes them; `told` is what the guide
    says comes of it, a line each."""

    chapter: str
    number: int
    options: tuple[str, ...]
    bars: str
    signals: str
    told: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.chapter}-{self.number}"


def examples() -> list[Example]:
    return [
        _read(path.stem, number, found[1])
        for path in sorted(GUIDE.glob("*.md"))
        for number, found in enumerate(_BLOCK.finditer(path.read_text("utf-8")), 1)
    ]


def _read(chapter: str, number: int, text: str) -> Example:
    above, below = re.split(r"^-+\n", text, flags=re.MULTILINE)
    head, _, *rows = above.splitlines()
    bars, signals = [], []
    for place, row in enumerate(rows):
        count, *prices = row.split()
        assert int(count) == place + 1, row
        bars.append(" ".join(prices[:4]))
        signals += [f"{place} {word.strip(',')}" for word in prices[4:]]
    options = tuple(head.removeprefix("with").split())
    told = tuple(below.splitlines())
    return Example(chapter, number, options, ", ".join(bars), ", ".join(signals), told)


def outcome(example: Example, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that the guide must have below the dashes."""
    document = play(folder, capsys, example.bars, example.signals, *example.options)
    lines = [_trade(one) for one in document["trades"]]
    lines += [f"Refused: {code}" for code in document["refusals"]]
    band = document["ambiguity"]
    if band["pnl_worst"] != band["pnl_best"]:
        lines.append(f"Between {_money(band['pnl_worst'])} and {_money(band['pnl_best'])}")
    return lines


def _trade(one: dict[str, Any]) -> str:
    into, out = _WORDS[one["side"]]
    fees = f", fees {one['fees']}" if Decimal(one["fees"]) else ""
    return (
        f"{into} {one['amount']} at {one['entry_price']} in candle {_candle(one['entry_time'])}, "
        f"{out} at {one['exit_price']} in candle {_candle(one['exit_time'])}, "
        f"{one['exit_reason']}: {_money(one['pnl'])}{fees}"
    )


def _candle(at: int) -> int:
    return (at - BEGINS_AT) // MINUTE + 1


def _money(text: str) -> str:
    value = Decimal(text)
    return f"+{text}" if value > 0 else text.replace("-", "−")
