"""The console as a program calls it: words in; status, stdout and stderr out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """(status, stdout, stderr)."""
    status = main([str(word) for word in words])
    said = capsys.readouterr()
    return status, said.out, said.err


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    """What the one line of `--json` says."""
    status, out, err = call(capsys, *words, "--json")
    assert (status, err) == (0, "")
    assert out.count("\n") == 1
    return json.loads(out)


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one line that says what is wrong; nothing was answered."""
    status, out, err = call(capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith("trader-engine: ")
    assert err.count("\n") == 1
    return err


def ema_cross(verb: str, candles: Path, *more: object) -> tuple[object, ...]:
    """`backtest` or `sweep` of one strategy over a file of minute candles."""
    return (
        verb, "--candles", candles, "--symbol", "BTC/USDT", "--timeframe", "1m",
        "--strategy", "ema_cross", *more,
    )  # fmt: skip
