"""Doubt and blocked prices of a session read back from the store, whose signals file may have
changed since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import answer, call

MINUTE = 60_000
BEGINS_AT = 1_700_000_040_000
BARS = [
    (1000, 1000, 1000, 1000),
    (1000, 1025, 985, 1000),  # stop and target of the first trade
    (1000, 1000, 1000, 1000),
    (1000, 1001, 999, 1000),
    (1000, 1030, 1000, 1030),
    (1030, 1030, 1030, 1030),
]


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, Path, Path]:
    """(candles, signals, data folder)."""
    candles, signals = tmp_path / "candles.csv", tmp_path / "signals.csv"
    lines = [
        ",".join(map(str, (BEGINS_AT + place * MINUTE, *bar, 1))) for place, bar in enumerate(BARS)
    ]
    candles.write_text("time,open,high,low,close,volume\n" + "\n".join(lines) + "\n")
    _write(signals, {0: "buy", 2: "buy", 4: "sell", 5: "buy"})
    return candles, signals, tmp_path / "kept"


def _write(path: Path, asked: dict[int, str]) -> None:
    lines = [f"{BEGINS_AT + place * MINUTE},{action}" for place, action in asked.items()]
    path.write_text("time,action\n" + "\n".join(lines) + "\n")


def _run(
    capsys: pytest.CaptureFixture[str], given: tuple[Path, Path, Path], *more: object
) -> tuple[Any, Any]:
    """(what the backtest said, what the store says of it)."""
    candles, signals, folder = given
    words = ("--stop-loss-pct", 1, "--take-profit-pct", 2, "--cooldown-min", 3)
    source = ("--candles", candles, "--symbol", "A/B", "--signals", signals)
    said = answer(capsys, "backtest", *source, *words, "--data-dir", folder, *more)
    return said, answer(capsys, *_show(said, given))


def test_the_store_says_the_same(
    capsys: pytest.CaptureFixture[str], given: tuple[Path, Path, Path]
) -> None:
    said, shown = _run(capsys, given)
    assert said == shown
    assert (said["ambiguity"]["trades"], said["ambiguity"]["exact"]) == (1, True)
    assert said["blocked"]["cooldown"]["priced"] == 1


def test_a_part_of_what_the_file_speaks_of_is_enough(
    capsys: pytest.CaptureFixture[str], given: tuple[Path, Path, Path]
) -> None:
    said, shown = _run(capsys, given, "--to", BEGINS_AT + 5 * MINUTE)
    assert said["ambiguity"]["exact"]
    assert said == shown


@pytest.mark.parametrize(
    "other",
    [
        {0: "buy", 2: "buy", 3: "sell", 4: "sell", 5: "buy"},  # asks for more
        {0: "buy", 4: "sell", 5: "buy"},  # a refused entry is missing
        {0: "short", 2: "buy", 4: "sell", 5: "buy"},  # the accepted one was another
        None,  # gone
    ],
)
def test_another_file_is_not_believed(
    capsys: pytest.CaptureFixture[str],
    given: tuple[Path, Path, Path],
    other: dict[int, str] | None,
) -> None:
    said, _ = _run(capsys, given)
    if other is None:
        given[1].unlink()
    else:
        _write(given[1], other)
    shown = answer(capsys, *_show(said, given))
    assert not shown["ambiguity"].pop("exact")
    assert said["ambiguity"].pop("exact")
    assert shown["ambiguity"] == said["ambiguity"]
    assert said["blocked"]["cooldown"]["priced"] == 1
    assert said["blocked_unpriced"] is None
    # The exits that the file asked for are not all known: nothing is priced with what is left.
    assert shown["blocked"] == {
        code: {"count": one["count"], "priced": 0, "pnl": None}
        for code, one in said["blocked"].items()
    }
    assert shown["blocked_unpriced"].startswith("The signals file is gone or says something else")
    _, text, _ = call(capsys, *_show(said, given))
    assert [line for line in text.splitlines() if line.startswith("  alone ")] == [
        f"  alone        {shown['blocked_unpriced']}"
    ]


def test_where_nothing_could_be_priced_nothing_is_missed(
    capsys: pytest.CaptureFixture[str], given: tuple[Path, Path, Path]
) -> None:
    _write(given[1], {0: "sell", 2: "buy"})
    said, _ = _run(capsys, given)
    assert said["blocked"] == {"no_open_position": {"count": 1, "priced": 0, "pnl": None}}
    given[1].unlink()
    shown = answer(capsys, *_show(said, given))
    assert (shown["blocked"], shown["blocked_unpriced"]) == (said["blocked"], None)


def _show(said: Any, given: tuple[Path, Path, Path]) -> tuple[object, ...]:
    return "sessions", "show", said["session_id"], "--data-dir", given[2]
