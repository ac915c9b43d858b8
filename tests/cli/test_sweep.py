"""`trader-engine sweep` as a program and as a person calls it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import engine.cli.sweep as sweep_module
from engine.runtime.sweep import run as sweep_run
from tests.cli.console import answer, call, ema_cross, refused
from tests.runtime.support import write_candles


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    return write_candles(tmp_path / "btc-usdt.csv", 900)


GRID = ("--set", "fast=5:15:5", "--set", "slow=10,30", "--set", "stop_loss_pct=off,0.3")


def test_rows_are_backtests_best_first(candles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(capsys, *ema_cross("sweep", candles, *GRID, "--fee-pct", "0.05"))
    assert (document["done"], document["skipped"], document["total"]) == (8, 4, 12)
    assert (document["status"], document["stored"], document["seed"]) == ("finished", False, None)
    assert document["grid"] == {
        "fast": [5, 10, 15],
        "slow": [10, 30],
        "stop_loss_pct": [None, 0.3],
    }
    assert document["settings"]["fee_pct"] == 0.05
    assert "stop_loss_pct" not in document["settings"]
    assert document["settings"]["params"] == {}
    rows = document["rows"]
    profits = [Decimal(row["net_profit"]) for row in rows]
    assert profits == sorted(profits, reverse=True)
    assert len(set(profits)) > 4
    row = next(row for row in rows if row["settings"]["stop_loss_pct"])
    one = answer(
        capsys,
        *ema_cross("backtest", candles, "--fee-pct", "0.05"),
        *("--stop-loss-pct", row["settings"]["stop_loss_pct"]),
        *("--set", f"fast={row['settings']['fast']}", "--set", f"slow={row['settings']['slow']}"),
    )["metrics"]
    for name in (
        "net_profit", "return_pct", "trades", "win_rate_pct", "profit_factor", "max_drawdown",
        "max_drawdown_pct", "fees", "equity_last", "sharpe",
    ):  # fmt: skip
        assert row[name] == one[name], name


def test_a_table_for_people(candles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--sort", "max_drawdown_pct", "--top", "3", "--workers", "1")
    status, out, err = call(capsys, *ema_cross("sweep", candles, *GRID, *more))
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "BTC/USDT 1m  ema_cross  not stored"
    assert lines[1].startswith("8 sets, 4 refused and skipped, 900 bars; indicators ")
    assert lines[1].endswith(" s in 1 thread")
    assert lines[3].split()[:4] == ["set", "fast", "slow", "stop_loss_pct"]
    falls = [float(line.split()[-3]) for line in lines[4:]]
    assert len(falls) == 3
    assert falls == sorted(falls)


def test_some_sets_by_chance(candles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = ("--set", "fast=2:50:1", "--set", "slow=10:100:1", "--random", "6")
    one = answer(capsys, *ema_cross("sweep", candles, *drawn, "--seed", "5"))
    two = answer(capsys, *ema_cross("sweep", candles, *drawn, "--seed", "5"))
    other = answer(capsys, *ema_cross("sweep", candles, *drawn))
    assert one["rows"] == two["rows"] != other["rows"]
    assert (one["done"], one["seed"], other["seed"]) == (6, 5, 1)


def test_stored_and_promoted(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    document = answer(
        capsys, *ema_cross("sweep", candles, *GRID, "--data-dir", folder, "--promote", "2")
    )
    assert (document["sweep_id"], document["stored"]) == (1, True)
    assert [row["session_id"] for row in document["rows"][:3]] == [1, 2, None]
    best = answer(capsys, "sessions", "show", "1", "--data-dir", folder)
    assert best["metrics"]["net_profit"] == document["rows"][0]["net_profit"]
    assert best["settings"]["stop_loss_pct"] == document["rows"][0]["settings"]["stop_loss_pct"]
    again = answer(capsys, *ema_cross("sweep", candles, *GRID, "--data-dir", folder))
    assert again["sweep_id"] == 2
    assert len(answer(capsys, "sessions", "list", "--data-dir", folder)) == 2


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl+C works, also where the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_prints_and_stores_what_is_done(
    candles: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = sweep_module._take

    def pressed(*arguments: Any) -> None:
        take(*arguments)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(sweep_module, "_take", pressed)
    monkeypatch.setattr(sweep_run, "BATCH", 2)
    grid = ("--set", "fast=2:30:1", "--set", "slow=31:40:1", "--promote", "1")
    status, out, err = call(
        capsys, *ema_cross("sweep", candles, *grid, "--data-dir", tmp_path / "data", "--json")
    )
    assert (status, err) == (130, "")
    document = json.loads(out)
    assert document["status"] == "cancelled"
    assert 0 < document["done"] == len(document["rows"]) < document["total"]
    assert document["stored"] is True
    assert answer(capsys, "sessions", "list", "--data-dir", tmp_path / "data") == []


@pytest.mark.parametrize(
    "more",
    [
        ("--set", "fast=5:1:1"),
        ("--set", "fast=5:10"),
        ("--set", "fast=1:5:1"),
        ("--set", "fast=9", "--set", "fast=10"),
        ("--set", "fast=30,40"),
        ("--set", "cash=1,2"),
        ("--sort", "luck"),
        ("--workers", "0"),
        ("--workers", "99"),
        ("--top", "0"),
        ("--seed", "1"),
        ("--random", "0"),
        ("--promote", "1"),
        ("--position-pct", "26"),
        ("--strategy", "nobody"),
        ("--candles", "missing.csv"),
    ],
)
def test_a_mistake_is_one_line(
    candles: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    refused(capsys, *ema_cross("sweep", candles, *more))


def test_nothing_is_stored_of_a_sweep_that_is_refused(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    refused(capsys, *ema_cross("sweep", candles, "--set", "fast=30,40", "--data-dir", folder))
    assert not folder.exists()
