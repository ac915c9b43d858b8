"""`trader-engine walk-forward` and `monte-carlo` as a person calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.console import answer, call, ema_cross, refused
from tests.runtime.support import write_candles

GRID = ("--set", "fast=4,8", "--set", "slow=15,30")
DAYS = ("--train-days", "0.4", "--test-days", "0.15")


def test_windows_and_their_sets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    candles = write_candles(tmp_path / "btc-usdt.csv", 1_200)
    wanted = ema_cross("walk-forward", candles, *GRID, *DAYS)
    document = answer(capsys, *wanted)
    assert len(document["windows"]) == 2
    for window in document["windows"]:
        assert set(window["settings"]) == {"fast", "slow"}
    first = 1 + document["windows"][0]["test_return_pct"] / 100
    second = 1 + document["windows"][1]["test_return_pct"] / 100
    assert document["return_pct"] == pytest.approx(100 * (first * second - 1), abs=1e-3)
    status, out, _ = call(capsys, *wanted)
    assert status == 0
    assert len(out.splitlines()) == 3
    assert "all tests together" in out
    assert "windows fit" in refused(capsys, *wanted, "--train-days", "9")


def test_percentiles_of_a_stored_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candles, folder = write_candles(tmp_path / "btc-usdt.csv", 900), str(tmp_path / "data")
    stored = answer(capsys, *ema_cross("backtest", candles, "--data-dir", folder))
    wanted = ("monte-carlo", str(stored["session_id"]), "--data-dir", folder, "--runs", "50")
    document = answer(capsys, *wanted)
    assert (document["trades"], document["runs"]) == (len(stored["trades"]), 50)
    assert document == answer(capsys, *wanted)
    assert document["bootstrapped"] != answer(capsys, *wanted, "--seed", "2")["bootstrapped"]
    status, out, _ = call(capsys, *wanted)
    assert status == 0
    assert "shuffled: drawdown %" in out
