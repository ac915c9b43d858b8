"""The console as a program calls it: answers on stdout, one line and status 2 for a mistake."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.cli.arguments import moment
from tests.cli.console import answer, call, ema_cross, refused
from tests.runtime.support import BEGINS_AT, MINUTE, real_file, write_candles


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    return write_candles(tmp_path / "btc-usdt.csv", 500)


def test_a_backtest_adds_up(candles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(
        capsys, *ema_cross("backtest", candles, "--stop-loss-pct", "0.5", "--set", "fast=5")
    )
    assert document["session_id"] is None
    assert document["stored"] is False
    assert len(document["hash"]) == 64
    assert document["bars"] == 500
    assert document["settings"]["params"] == {"fast": 5, "slow": 21}
    metrics = document["metrics"]
    pnl = sum((Decimal(trade["pnl"]) for trade in document["trades"]), Decimal(0))
    fees = sum((Decimal(trade["fees"]) for trade in document["trades"]), Decimal(0))
    assert Decimal(metrics["net_profit"]) == pnl
    assert Decimal(metrics["fees"]) == fees
    assert Decimal(metrics["equity_last"]) == Decimal(metrics["equity_first"]) + pnl
    assert metrics["equity_first"] == "10000"
    assert metrics["trades"] == len(document["trades"]) > 5
    for trade in document["trades"]:
        gross = Decimal(trade["amount"]) * (
            Decimal(trade["exit_price"]) - Decimal(trade["entry_price"])
        )
        sign = 1 if trade["side"] == "long" else -1
        assert Decimal(trade["pnl"]) == sign * gross - Decimal(trade["fees"])
        assert trade["exit_reason"] in ("stop_loss", "signal", "end_of_data")


def test_the_same_twice_is_the_same_hash(candles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = answer(capsys, *ema_cross("backtest", candles))
    two = answer(capsys, *ema_cross("backtest", candles))
    other = answer(capsys, *ema_cross("backtest", candles, "--fee-pct", "0.05"))
    assert one == two
    assert other["hash"] != one["hash"]


def test_no_trades_leaves_ratios_undefined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = write_candles(tmp_path / "few.csv", 12)
    metrics = answer(capsys, *ema_cross("backtest", few))["metrics"]
    assert metrics["win_rate_pct"] is None
    assert metrics["profit_factor"] is None
    assert metrics["net_profit"] == "0"
    assert metrics["return_pct"] == 0


def test_a_stored_session_reads_back_the_same(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    unstored = answer(capsys, *ema_cross("backtest", candles))
    stored = answer(capsys, *ema_cross("backtest", candles, "--data-dir", folder))
    assert stored == unstored | {"session_id": 1, "stored": True}
    assert answer(capsys, "sessions", "show", "S-0001", "--data-dir", folder) == stored
    (line,) = answer(capsys, "sessions", "list", "--data-dir", folder)
    assert line["session_id"] == 1
    assert line["net_profit"] == stored["metrics"]["net_profit"]
    exported = answer(capsys, "sessions", "export", "1", "--data-dir", folder)
    assert exported["chain_intact"] is True
    assert len(exported["rows"]) == 500
    assert exported["trades"] == stored["trades"]
    _, csv, _ = call(capsys, "sessions", "export", "1", "--data-dir", folder)
    assert len(csv.splitlines()) == 1 + len(stored["trades"])
    files = [tmp_path / name for name in ("report.html", "all.json", "trades.csv")]
    _, told, _ = call(
        capsys,
        "sessions", "export", "1", "--data-dir", folder,
        "--html", files[0], "--json", files[1], "--csv", files[2],
    )  # fmt: skip
    assert told.startswith("S-0001 written to ")
    assert files[0].read_text("utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(files[1].read_text("utf-8")) == exported
    assert files[2].read_text("utf-8") == csv


def test_signals_from_a_file_and_times_of_day(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signals = tmp_path / "signals.csv"
    entered, left = BEGINS_AT + 10 * MINUTE, BEGINS_AT + 20 * MINUTE
    signals.write_text(f"time,action\n{entered},buy\n{left},sell\n")
    document = answer(
        capsys,
        "backtest", "--candles", candles, "--symbol", "BTC/USDT", "--signals", signals,
    )  # fmt: skip
    (trade,) = document["trades"]
    assert (trade["entry_time"], trade["exit_time"]) == (entered + MINUTE, left + MINUTE)
    assert document["settings"]["strategy"] == "signals_file"


def test_from_is_inclusive_to_is_exclusive(
    candles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = BEGINS_AT + 100 * MINUTE, BEGINS_AT + 200 * MINUTE
    document = answer(capsys, *ema_cross("backtest", candles, "--from", first, "--to", last))
    assert document["bars"] == 100
    assert document["started_at"] == first
    assert document["ended_at"] == last


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2022-01-15", 1_642_204_800_000),
        ("2022-01-15T08:30", 1_642_235_400_000),
        ("2022-01-15 08:30:00+01:00", 1_642_231_800_000),
        ("1642204800000", 1_642_204_800_000),
    ],
)
def test_times_as_people_write_them(text: str, at: int) -> None:
    assert moment(text) == at


@pytest.mark.parametrize(
    "more",
    [
        ("--position-pct", "26"),
        ("--cash", "plenty"),
        ("--cash", "0"),
        ("--set", "fast"),
        ("--set", "fast=1"),
        ("--set", "nothing=1"),
        ("--set", "fast=5", "--set", "fast=6"),
        ("--strategy", "nobody"),
        ("--timeframe", "5m"),
        ("--timeframe", "soon"),
        ("--from", "yesterday"),
        ("--from", "2030-01-01"),
        ("--candles", "missing.csv"),
        ("--signals", "missing.csv"),
        ("--price-step", "7"),
        ("--amount-step", "0"),
        ("--amount-step", "1e30"),
        ("--amount-step", "1e-30"),
        ("--price-step", "0"),
        ("--cash", "nan"),
        ("--cash", "inf"),
        ("--cash", "1e-30"),
        ("--cash", "1e999999"),
        ("--fee-pct", "-1"),
        ("--set", "fast=1e99"),
        ("--from", "2023-11-16", "--to", "2023-11-14"),
        ("--to", "2020-01-01"),
        ("--cooldown-min", "99999999999999999999"),
        ("--symbol", ""),
        ("--symbol", "A\n\x1b[31mB"),
        ("--symbol", "A" * 1000),
        ("--symbol", "\udcff"),
        ("--trailing-activate-pct", "1"),
        ("--unheard-of",),
        ("--max-trades-per-day", "0"),
        ("--stop-loss-pct", "100"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    folder = tmp_path / "data"
    refused(capsys, *ema_cross("backtest", candles, "--data-dir", folder, *more))
    assert not folder.exists()


def test_a_file_name_that_is_no_text_is_kept_as_it_is(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd\udcff.csv"
    try:
        candles.rename(odd)
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    folder = tmp_path / "data"
    document = answer(capsys, *ema_cross("backtest", odd, "--data-dir", folder))
    assert document["settings"]["source"] == odd.name
    assert answer(capsys, "sessions", "show", "1", "--data-dir", folder) == document


def test_without_risk_rules_a_position_may_be_larger(
    candles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = answer(
        capsys,
        *ema_cross(
            "backtest", candles, "--position-pct", "90", "--no-risk-rules", "--cooldown-min", "600"
        ),
    )
    assert document["settings"]["max_position_pct"] is None
    assert "cooldown" not in document["refusals"]
    first = document["trades"][0]
    assert Decimal(first["amount"]) * Decimal(first["entry_price"]) > 8_000


@pytest.mark.parametrize(
    "arguments",
    [
        ("sessions", "list"),
        ("sessions", "show", "1"),
        ("sessions", "show", "latest"),
    ],
)
def test_a_folder_without_history_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    folder = tmp_path / "nothing"
    refused(capsys, *arguments, "--data-dir", folder)
    assert not folder.exists()


def test_an_unknown_session(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, *ema_cross("backtest", candles, "--data-dir", tmp_path / "data"))
    assert "no session 7" in refused(
        capsys, "sessions", "show", "7", "--data-dir", tmp_path / "data"
    )


@pytest.mark.parametrize(
    "more",
    [
        ("--simulated", "--speed", "601", "--bots", "1", "--for", "1"),
        ("--simulated", "--speed", "1", "--bots", "0", "--for", "1"),
        ("--simulated", "--speed", "1", "--bots", "1", "--for", "-1"),
        ("--speed", "1", "--bots", "1", "--for", "1"),
        ("--simulated", "--candles", "x", "--speed", "1", "--bots", "1", "--for", "1"),
    ],
)
def test_a_run_that_cannot_be_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    refused(capsys, "run", "--data-dir", tmp_path / "data", *more)
    assert not (tmp_path / "data").exists()


def test_bots_on_a_file_run_to_its_end(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    status, out, err = call(
        capsys,
        "run", "--candles", candles, "--bots", "2", "--speed", "0", "--for", "50",
        "--data-dir", folder, "--json",
    )  # fmt: skip
    assert (status, err) == (0, "")
    told = [json.loads(line) for line in out.splitlines()]
    sessions = answer(capsys, "sessions", "list", "--data-dir", folder)
    assert [one["status"] for one in sessions] == ["finished", "finished"]
    ema = next(one for one in sessions if one["strategy"] == "ema_cross")
    reference = answer(capsys, *ema_cross("backtest", candles))
    assert ema["hash"] == reference["hash"]
    mine = [event for event in told if event["session_id"] == ema["session_id"]]
    assert [event["seq"] for event in mine] == list(range(len(mine)))
    assert mine[0]["kind"] == "session_started"
    assert mine[-1]["code"] == "end_of_data"


def test_real_candles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = real_file()
    if path is None:
        pytest.skip("TRADER_TEST_DATA does not point to the real candles")
    document = answer(
        capsys, *ema_cross("backtest", path, "--take-profit-pct", "2", "--trailing-pct", "1")
    )
    assert document["bars"] == 45_031
    assert document["metrics"]["trades"] > 1_000
